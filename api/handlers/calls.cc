// SPDX-License-Identifier: Apache-2.0
// /v1/calls: requests to adapters that are under way, wait, or were given up (the dead letters).
#include "api/handlers/body.h"
#include "api/handlers/instance_value.h"
#include "api/handlers/routes.h"

namespace vozex::handlers {
namespace {

using types::Value;

Asked<std::optional<ports::CallState>> state_of(const http::Request& request) {
  const auto text = request.query_value("state");
  if (!text || text->empty()) return std::nullopt;
  if (*text == "leased") return ports::CallState::leased;
  if (*text == "waiting") return ports::CallState::waiting;
  if (*text == "dead") return ports::CallState::dead;
  return Refusal(http::problem(422,
                               "invalid_query",
                               "The query is not valid",
                               "Expected `state` leased, waiting or dead, got \"" + *text + "\"."));
}

http::Response list(const Services& services, const http::Request& request) {
  auto state = state_of(request);
  if (!state) return std::move(state.error());
  auto limit = page_limit(request);
  if (!limit) return std::move(limit.error());
  InstanceId of;
  if (const auto text = request.query_value("instance")) {
    const auto id = InstanceId::parse(*text);
    if (!id) {
      return http::problem(422,
                           "invalid_query",
                           "The query is not valid",
                           "Expected `instance` to be a UUID, got \"" + *text + "\".");
    }
    of = *id;
  }
  const auto rows = services.queries->calls(*state, of, *limit);
  if (!rows) return http::problem(rows.error());
  Value::List items;
  for (const ports::CallRow& row : *rows) items.push_back(to_value(row));
  return answer(200, Object().put("items", Value::list(std::move(items))).done());
}

http::Response retry(const Services& services, const http::Request& request) {
  const std::string text = std::string(request.parameter("instance")) + "/" +
                           std::string(request.parameter("seq")) + "/" +
                           std::string(request.parameter("index"));
  const auto id = CallId::parse(text);
  if (!id)
    return http::problem(404,
                         "not_found",
                         "There is no such call",
                         "\"" + text + "\" names no call: expected <uuid>/<seq>/<index>.");
  const auto done = services.engine->retry_call(*id, actor_of(request, nullptr));
  if (!done) return http::problem(done.error());
  return answer(202, Object().text("id", id->text()).text("state", "leased").done());
}

}  // namespace

void add_calls(http::Router& router, const Services& services) {
  router.add(
      {"GET",
       "/v1/calls",
       blocking(*services.workers,
                [&services](const http::Request& request) { return list(services, request); }),
       false,
       http::k_default_body_limit});
  router.add(
      {"POST",
       "/v1/calls/{instance}/{seq}/{index}/retry",
       blocking(*services.workers,
                [&services](const http::Request& request) { return retry(services, request); }),
       false,
       http::k_default_body_limit});
}

}  // namespace vozex::handlers
