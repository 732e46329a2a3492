// SPDX-License-Identifier: Apache-2.0
// /v1/instances: start, list, look at.
#include <functional>

#include "api/handlers/body.h"
#include "api/handlers/instance_value.h"
#include "api/handlers/instance_wait.h"
#include "api/handlers/routes.h"
#include "engine/machine/stored_json.h"
#include "engine/runtime/definitions/door.h"
#include "engine/types/json.h"

namespace vozex::handlers {
namespace {

using types::Value;

http::Response no_instance(const std::string& what) {
  return http::problem(
      Error{ErrorClass::not_found, "instance_not_found", "There is no instance " + what + ".", {}});
}

Asked<std::optional<machine::Life>> life_of(const http::Request& request) {
  using machine::Life;
  const auto text = request.query_value("life");
  if (!text || text->empty()) return std::nullopt;
  for (const Life life : {Life::running,
                          Life::held,
                          Life::suspended,
                          Life::completed,
                          Life::failed,
                          Life::cancelled}) {
    if (*text == machine::to_string(life)) return life;
  }
  return bad_query(
      "Expected `life` running, held, suspended, completed, failed or cancelled, got \"" + *text +
      "\".");
}

http::Response list(const Services& services, const http::Request& request) {
  ports::InstanceFilter filter;
  filter.tenant = k_tenant;
  filter.workflow = request.query_value("workflow").value_or("");
  filter.key = request.query_value("key").value_or("");
  filter.state = request.query_value("state").value_or("");
  auto live = query_flag(request, "live");
  if (!live) return std::move(live.error());
  filter.live_only = *live;
  auto incident = query_flag(request, "incident");
  if (!incident) return std::move(incident.error());
  filter.incident_only = *incident;
  auto life = life_of(request);
  if (!life) return std::move(life.error());
  filter.life = *life;
  auto root = query_id(request, "root");
  if (!root) return std::move(root.error());
  filter.root = *root;
  auto after = query_id(request, "after");
  if (!after) return std::move(after.error());
  filter.after = *after;
  auto limit = page_limit(request);
  if (!limit) return std::move(limit.error());

  const auto rows = services.queries->instances(filter, *limit);
  if (!rows) return http::problem(rows.error());
  Value::List items;
  for (const ports::InstanceRow& row : *rows) items.push_back(summary(row));
  Object page;
  page.put("items", Value::list(std::move(items)));
  if (rows->size() == *limit)
    page.text("next", rows->back().id.text());  // `after` of the next page
  return answer(200, page.done());
}

Asked<Lookup> by_id(const Services& services, const http::Request& request) {
  const auto id = instance_id(request);
  if (!id) return tl::unexpected(id.error());
  const auto find = [engine = services.engine, id = *id] { return engine->find(id); };
  return Lookup{Changes::instance(*id), find, id->text()};
}

Asked<Lookup> by_key(const Services& services, const http::Request& request) {
  const std::string workflow(request.parameter("workflow"));
  const std::string key(request.parameter("key"));
  const auto find = [engine = services.engine, workflow, key] {
    return engine->find(k_tenant, workflow, key);
  };
  return Lookup{
      Changes::key(workflow, key), find, "of " + workflow + " with the key \"" + key + "\""};
}

// One instance, at once or when it is due.
void add_look(http::Router& router,
              const Services& services,
              const char* pattern,
              Asked<Lookup> (*name)(const Services&, const http::Request&)) {
  const auto look = [&services, name](const http::Request& request,
                                      const http::Responder& respond) {
    auto lookup = name(services, request);
    if (!lookup) return respond(std::move(lookup.error()));
    const auto wait = wait_of(request);
    if (!wait) return respond(wait.error());
    if (*wait) return answer_when_due(services, *std::move(lookup), **wait, respond);
    run_or_refuse(*services.workers, respond, [lookup = *std::move(lookup), respond] {
      respond(show(lookup, lookup.find()));
    });
  };
  router.add({"GET", pattern, look, false, http::k_default_body_limit, {"wait", "after"}});
}

// Entries are stored as JSON: they go out as they are, with what the row knows around them.
http::Response history(const Services& services, const http::Request& request) {
  const auto id = instance_id(request);
  if (!id) return id.error();
  auto limit = page_limit(request);
  if (!limit) return std::move(limit.error());
  const std::string after = request.query_value("after").value_or("0");
  if (after.empty() || after.size() > 9 ||
      after.find_first_not_of("0123456789") != std::string::npos) {
    return bad_query("Expected `after` to be a sequence number, got \"" + after + "\".").value();
  }
  const auto after_seq = static_cast<std::uint32_t>(std::stoul(after));
  const auto rows = services.queries->history(*id, after_seq, *limit);
  if (!rows) return http::problem(rows.error());
  if (rows->empty() && after_seq == 0) {
    const auto row = services.queries->instance(*id);
    if (!row) return http::problem(row.error());
    if (!*row) return no_instance(id->text());
  }
  Value::List items;
  for (const ports::HistoryRow& row : *rows) {
    auto entry = machine::parse_stored(row.entry);
    items.push_back(Object()
                        .number("seq", row.seq)
                        .text("disposition", machine::to_string(row.disposition))
                        .put("at", Value::timestamp(row.at))
                        .put("entry", entry ? *std::move(entry) : Value())
                        .done());
  }
  Object page;
  page.put("items", Value::list(std::move(items)));
  if (rows->size() == *limit) page.number("next", rows->back().seq);
  return answer(200, page.done());
}

http::Response waiting(const Services& services, const http::Request& request) {
  const auto id = instance_id(request);
  if (!id) return id.error();
  const auto view = services.engine->find(*id);
  if (!view) return http::problem(view.error());
  if (!*view) return no_instance(id->text());
  if (!(*view)->machine) {
    return http::problem(Error{ErrorClass::not_found,
                               "workflow_not_found",
                               "The definition of this instance, " + (*view)->row.workflow +
                                   " version " + std::to_string((*view)->row.version) +
                                   ", is not deployed here.",
                               {}});
  }
  machine::Actor actor = actor_of(request, nullptr);
  if (const auto role = request.query_value("role")) actor.roles = {*role};
  Object object;
  object.text("id", id->text())
      .text("state", (*view)->row.state)
      .text("life", machine::to_string((*view)->row.life));
  object.put("since", Value::timestamp((*view)->row.at));
  object.put(
      "waiting_for",
      to_value(
          services.engine->waiting_for(**view, actor), **view, services.engine->database_time()));
  return answer(200, object.done());
}

void start(const Services& services, const http::Request& request, const http::Responder& respond) {
  static const types::TypeRef k_body = body_type({{"workflow", "string"}, {"input", "json"}});
  auto body = json_body(request, *k_body);
  if (!body) return respond(std::move(body.error()));
  runtime::StartOrder order;
  order.tenant = k_tenant;
  order.workflow = std::string(body->text_at("workflow"));
  if (const machine::MachineRef machine = services.engine->newest(order.workflow)) {
    if (auto allowed = runtime::may_be_started(*machine); !allowed)
      return respond(http::problem(allowed.error()));
  }
  order.input = *body->find("input");
  if (const auto key = request.header("idempotency-key"); !key.empty()) {
    order.source = "api:" + request.caller;
    order.id = std::string(key);
    order.fingerprint = fingerprint_of(request);
  }
  services.engine->start(std::move(order), [respond](Result<runtime::EventAnswer> result) {
    if (!result) return respond(http::problem(result.error()));
    const bool again = result->disposition == machine::Disposition::duplicate;
    http::Response response = http::Response::json(again ? 200 : 201, runtime::to_json(*result));
    if (again) response.headers.emplace_back("idempotency-replayed", "true");
    if (!result->deliveries.empty()) {
      response.headers.emplace_back("location",
                                    "/v1/instances/" + result->deliveries[0].instance.text());
    }
    respond(std::move(response));
  });
}

}  // namespace

void add_instances(http::Router& router, const Services& services) {
  add_read(router,
           services,
           "/v1/instances",
           list,
           {"workflow", "key", "state", "life", "live", "incident", "root", "after", "limit"});
  add_look(router, services, "/v1/instances/{id}", by_id);
  add_look(router, services, "/v1/instances/{workflow}/{key}", by_key);
  add_read(router, services, "/v1/instances/{id}/history", history, {"after", "limit"});
  add_read(router, services, "/v1/instances/{id}/waiting-for", waiting, {"role"});
  router.add({"POST",
              "/v1/instances",
              once_at_a_time(services.in_flight, std::bind_front(start, std::cref(services))),
              false,
              http::k_default_body_limit});
}

}  // namespace vozex::handlers
