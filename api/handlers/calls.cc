// SPDX-License-Identifier: Apache-2.0
// /v1/calls: requests to adapters that are under way, wait, or were given up (the dead letters).
#include <memory>
#include <utility>

#include "api/handlers/body.h"
#include "api/handlers/call_retry.h"
#include "api/handlers/instance_value.h"
#include "api/handlers/routes.h"
#include "engine/types/json.h"

namespace vozex::handlers {
namespace {

using types::Value;

// Dead calls sent again by one bulk request; the answer's `next` goes on from there.
constexpr std::size_t k_max_bulk = 500;
constexpr int k_max_bulk_reads = 50;

Asked<std::optional<ports::CallState>> state_of(const http::Request& request) {
  const auto text = request.query_value("state");
  if (!text || text->empty()) return std::nullopt;
  if (*text == "leased") return ports::CallState::leased;
  if (*text == "waiting") return ports::CallState::waiting;
  if (*text == "dead") return ports::CallState::dead;
  return bad_query("Expected `state` leased, waiting or dead, got \"" + *text + "\".");
}

Asked<ports::CallFilter> filter_of(const http::Request& request) {
  ports::CallFilter filter;
  auto state = state_of(request);
  if (!state) return Refusal(std::move(state.error()));
  filter.state = *state;
  filter.adapter = request.query_value("adapter").value_or("");
  if (const auto text = request.query_value("instance")) {
    const auto id = InstanceId::parse(*text);
    if (!id) return bad_query("Expected `instance` to be a UUID, got \"" + *text + "\".");
    filter.of = *id;
  }
  if (const auto text = request.query_value("after"); text && !text->empty()) {
    const auto id = CallId::parse(*text);
    if (!id) return bad_query("Expected `after` to be the id of a call, got \"" + *text + "\".");
    filter.after = *id;
  }
  return filter;
}

http::Response list(const Services& services, const http::Request& request) {
  auto filter = filter_of(request);
  if (!filter) return std::move(filter.error());
  auto limit = page_limit(request);
  if (!limit) return std::move(limit.error());
  const auto rows = services.queries->calls(*filter, *limit);
  if (!rows) return http::problem(rows.error());
  Value::List items;
  for (const ports::CallRow& row : *rows) items.push_back(to_value(row));
  Object page;
  page.put("items", Value::list(std::move(items)));
  if (rows->size() == *limit) page.text("next", rows->back().id.text());
  return answer(200, page.done());
}

void retry(const Services& services, const http::Request& request, const http::Responder& respond) {
  const std::string text = std::string(request.parameter("instance")) + "/" +
                           std::string(request.parameter("seq")) + "/" +
                           std::string(request.parameter("index"));
  const auto id = CallId::parse(text);
  if (!id) {
    return respond(http::problem(404,
                                 "not_found",
                                 "There is no such call",
                                 "\"" + text + "\" names no call: expected <uuid>/<seq>/<index>."));
  }
  static const types::TypeRef k_body =
      body_type({{"reason", "optional<string>"}, {"actor", "optional<json>"}});
  const auto body =
      request.body.empty() ? Asked<Value>(Value::map({})) : json_body(request, *k_body);
  if (!body) return respond(body.error());
  services.engine->retry_call(
      {*id, actor_of(request, body->find("actor")), std::string(body->text_at("reason"))},
      [id = *id, respond](Result<runtime::EventAnswer> done) {
        if (!done) return respond(http::problem(done.error()));
        const bool dropped = done->disposition == machine::Disposition::stale;
        respond(answer(
            202,
            Object().text("id", id.text()).text("state", dropped ? "dropped" : "leased").done()));
      });
}

// A page of dead calls that fit: by adapter and instance in the store, by workflow and code here.
struct DeadPage {
  std::vector<ports::CallRow> rows;
  CallId last;
  bool more = false;
};

bool fits(const ports::CallRow& row, const Value& body) {
  const auto wanted = body.text_at("code");
  const auto workflow = body.text_at("workflow");
  const auto error = types::parse_json(row.error);
  if (!wanted.empty() && (!error || error->text_at("code") != wanted)) return false;
  if (workflow.empty()) return true;
  const auto spec = types::parse_json(row.request);
  return spec && spec->text_at("workflow") == workflow;
}

Result<DeadPage> dead_calls(const Services& services, ports::CallFilter filter, const Value& body) {
  DeadPage page;
  for (int reads = 0; reads < k_max_bulk_reads; ++reads) {
    const auto rows = services.queries->calls(filter, k_max_page);
    if (!rows) return tl::unexpected(rows.error());
    page.more = rows->size() == k_max_page;
    for (const ports::CallRow& row : *rows) {
      page.last = row.id;
      if (fits(row, body)) page.rows.push_back(row);
      if (page.rows.size() < k_max_bulk) continue;
      page.more = true;
      return page;
    }
    if (!page.more) return page;
    filter.after = page.last;
  }
  return page;
}

// Bulk: {adapter?, instance?, workflow?, code?, after?, dry_run?, reason}.
void retry_many(const Services& services,
                const http::Request& request,
                const http::Responder& respond) {
  static const types::TypeRef k_body = body_type({{"adapter", "optional<string>"},
                                                  {"instance", "optional<string>"},
                                                  {"workflow", "optional<string>"},
                                                  {"code", "optional<string>"},
                                                  {"after", "optional<string>"},
                                                  {"dry_run", "optional<bool>"},
                                                  {"reason", "string"},
                                                  {"actor", "optional<json>"}});
  const auto body = json_body(request, *k_body);
  if (!body) return respond(body.error());
  ports::CallFilter filter;
  filter.state = ports::CallState::dead;
  filter.adapter = std::string(body->text_at("adapter"));
  if (const auto text = body->text_at("instance"); !text.empty()) {
    const auto id = InstanceId::parse(text);
    if (!id) return respond(invalid_body({{"/instance", "expected a UUID"}}));
    filter.of = *id;
  }
  if (const auto text = body->text_at("after"); !text.empty()) {
    const auto id = CallId::parse(text);
    if (!id) return respond(invalid_body({{"/after", "expected the id of a call"}}));
    filter.after = *id;
  }
  const auto page = dead_calls(services, filter, *body);
  if (!page) return respond(http::problem(page.error()));
  const std::string next = page->more ? page->last.text() : "";
  const Value* dry_run = body->find("dry_run");
  if (dry_run != nullptr && *dry_run == Value::boolean(true)) {
    Value::List items;
    for (const ports::CallRow& row : page->rows) items.push_back(to_value(row));
    return respond(answer(200,
                          Object()
                              .number("count", page->rows.size())
                              .put("items", Value::list(std::move(items)))
                              .text("next", next)
                              .done()));
  }
  const machine::Actor actor = actor_of(request, body->find("actor"));
  retry_all(services,
            page->rows,
            actor,
            std::string(body->text_at("reason")),
            [next, respond](const Value& items) {
              respond(answer(200,
                             Object()
                                 .number("count", items.as_list().size())
                                 .put("items", items)
                                 .text("next", next)
                                 .done()));
            });
}

using Job = void (*)(const Services&, const http::Request&, const http::Responder&);

// Reads the store first, so it runs on a worker; it answers when the lanes have.
http::Handler on_worker(const Services& services, Job job) {
  return [&services, job](http::Request request, const http::Responder& respond) {
    auto held = std::make_shared<http::Request>(std::move(request));
    run_or_refuse(*services.workers, respond, [&services, job, held, respond] {
      job(services, *held, respond);
    });
  };
}

}  // namespace

void add_calls(http::Router& router, const Services& services) {
  add_read(router, services, "/v1/calls", list, {"state", "adapter", "instance", "after", "limit"});
  router.add({"POST",
              "/v1/calls/{instance}/{seq}/{index}/retry",
              on_worker(services, retry),
              false,
              http::k_default_body_limit});
  router.add({"POST",
              "/v1/calls:retry",
              on_worker(services, retry_many),
              false,
              http::k_default_body_limit});
}

}  // namespace vozex::handlers
