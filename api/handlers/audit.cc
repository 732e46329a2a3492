// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/audit.h"

#include <algorithm>
#include <array>
#include <memory>

#include "api/handlers/body.h"
#include "api/handlers/routes.h"
#include "engine/types/json.h"

namespace vozex::handlers {
namespace {

using ports::AuditEntry;
using types::Value;

// What machines send, and what only reads.
constexpr std::array<std::string_view, 8> k_not_by_hand = {"/v1/events",
                                                           "/v1/events:explain",
                                                           "/v1/instances",
                                                           "/v1/checkouts",
                                                           "/v1/batches/plan",
                                                           "/v1/quotes",
                                                           "/v1/quotes/preview",
                                                           "/v1/quotes/{id}/checkout"};

std::string cut(std::string_view text) {
  std::size_t end = std::min(text.size(), k_max_audit_text);
  // Not in the middle of a character.
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  return std::string(text.substr(0, end));
}

std::string target_of(const http::Request& request) {
  std::string target;
  for (const auto& [name, value] : request.parameters) {
    if (!target.empty()) target += '/';
    target += value;
  }
  return cut(target);
}

// Who and why have members of their own; forms, data and files may hold what nobody should read.
constexpr std::array<std::string_view, 5> k_not_in_detail = {
    "reason", "actor", "form", "data", "files"};

// What the body says beside that, as far as it is short: a query, a rate, a name.
std::string detail_of(const Value& body) {
  Value::Map detail;
  for (const auto& [name, value] : body.as_map()) {
    const auto* hidden =
        std::find(k_not_in_detail.begin(), k_not_in_detail.end(), name.as_string());
    if (hidden == k_not_in_detail.end() && !value.is_null()) detail.emplace_back(name, value);
  }
  if (detail.empty()) return "";
  const std::string text = types::to_json(Value::map(std::move(detail)));
  return text.size() <= k_max_audit_text ? text : "";
}

Value parsed(const std::string& text) {
  auto value = types::parse_json(text);
  return value && value->is_map() ? *std::move(value) : Value::map({});
}

bool only_shows(const Value& body) {
  const Value* dry = body.find("dry_run");
  return dry != nullptr && *dry == Value::boolean(true);
}

AuditEntry entry_of(const Services& services,
                    const std::string& action,
                    const http::Request& request,
                    const Value& body) {
  AuditEntry entry;
  entry.at = services.clock->now();
  entry.id = ports::AuditId{services.random->new_instance_id(entry.at).bytes};
  entry.tenant = k_tenant;
  entry.caller = request.caller;
  entry.actor = cut(actor_of(request, body.find("actor")).id);
  entry.action = action;
  entry.target = target_of(request);
  entry.reason = cut(body.text_at("reason"));
  entry.remote = request.remote;
  entry.detail = detail_of(body);
  return entry;
}

// What a change of the catalogue changed: "product editor, coupon WELCOME10".
std::string changed_by(const Value& items) {
  std::string names;
  for (const Value& item : items.as_list()) {
    const std::string_view change = item.text_at("change");
    if (change.empty() || change == "unchanged") continue;
    if (!names.empty()) names += ", ";
    names += std::string(item.text_at("kind")) + " " + std::string(item.text_at("id"));
  }
  return cut(names);
}

// The id of what was made, the versions that a deployment brought, the entries that were changed.
std::string made_by(const Value& answer) {
  if (const auto id = answer.text_at("id"); !id.empty()) return std::string(id);
  const Value* items = answer.find("items");
  if (items != nullptr && items->is_list()) return changed_by(*items);
  const Value* deployed = answer.find("deployed");
  if (deployed == nullptr || !deployed->is_list()) return "";
  std::string names;
  for (const Value& one : deployed->as_list()) {
    const Value* version = one.find("version");
    const Value* is_new = one.find("is_new");
    if (version == nullptr || is_new == nullptr || *is_new != Value::boolean(true)) continue;
    if (!names.empty()) names += ", ";
    names += std::string(one.text_at("workflow")) + " " + types::to_json(*version);
  }
  return cut(names);
}

void finish(const Services& services, const AuditEntry& entry, const http::Response& response) {
  const Value answer = parsed(response.body);
  ports::AuditOutcome outcome;
  outcome.status = static_cast<std::uint16_t>(response.status);
  outcome.at = services.clock->now();
  if (response.status >= 400) outcome.code = cut(answer.text_at("code"));
  // A failure leaves the entry without its outcome; the request has been answered by what it did.
  (void)services.audit->finish(
      entry.id, outcome, entry.target.empty() ? made_by(answer) : "", entry.detail);
}

// The answer may come from a lane's thread, which must not wait for a store.
http::Responder finishing(const Services& services, AuditEntry entry, http::Responder respond) {
  return
      [&services, entry = std::move(entry), respond = std::move(respond)](http::Response response) {
        auto held = std::make_shared<http::Response>(std::move(response));
        const auto done = [&services, entry, respond, held] {
          finish(services, entry, *held);
          respond(std::move(*held));
        };
        if (!services.workers->run(done)) respond(std::move(*held));
      };
}

http::Handler audited(const Services& services, std::string action, http::Handler inner) {
  return [&services, action = std::move(action), inner = std::move(inner)](
             http::Request request, const http::Responder& respond) {
    auto held = std::make_shared<http::Request>(std::move(request));
    run_or_refuse(*services.workers, respond, [&services, action, inner, held, respond] {
      const Value body = parsed(held->body);
      if (only_shows(body)) return inner(std::move(*held), respond);
      AuditEntry entry = entry_of(services, action, *held, body);
      if (const auto kept = services.audit->begin(entry); !kept) {
        return respond(http::problem(Error{ErrorClass::unavailable,
                                           "audit_unavailable",
                                           "Nothing was done: what is done by hand is written "
                                           "down first, and that failed: " +
                                               kept.error().message,
                                           {}}));
      }
      inner(std::move(*held), finishing(services, std::move(entry), respond));
    });
  };
}

// ---- reading

Value to_value(const AuditEntry& entry) {
  Object object;
  object.text("id", entry.id.text())
      .put("at", Value::timestamp(entry.at))
      .text("actor", entry.actor)
      .text("caller", entry.caller)
      .text("action", entry.action)
      .text("target", entry.target)
      .text("reason", entry.reason)
      .text("remote", entry.remote);
  if (!entry.detail.empty()) object.put("detail", parsed(entry.detail));
  if (!entry.outcome) return object.text("outcome", "unknown").done();
  return object.text("outcome", entry.outcome->status < 400 ? "done" : "refused")
      .number("status", entry.outcome->status)
      .text("code", entry.outcome->code)
      .put("ended_at", Value::timestamp(entry.outcome->at))
      .done();
}

Asked<ports::AuditFilter> filter_of(const http::Request& request) {
  ports::AuditFilter filter;
  filter.tenant = k_tenant;
  filter.action = request.query_value("action").value_or("");
  filter.target = request.query_value("target").value_or("");
  filter.actor = request.query_value("actor").value_or("");
  if (const auto text = request.query_value("since"); text && !text->empty()) {
    filter.since = parse_timestamp(*text);
    if (!filter.since)
      return bad_query("Expected `since` like 2026-01-31T08:00:00Z, got \"" + *text + "\".");
  }
  if (const auto text = request.query_value("after"); text && !text->empty()) {
    const auto id = ports::AuditId::parse(*text);
    if (!id)
      return bad_query("Expected `after` to be the `next` of a page, got \"" + *text + "\".");
    filter.before = *id;
  }
  return filter;
}

http::Response list(const Services& services, const http::Request& request) {
  auto filter = filter_of(request);
  if (!filter) return std::move(filter.error());
  auto limit = page_limit(request);
  if (!limit) return std::move(limit.error());
  const auto entries = services.audit->entries(*filter, *limit);
  if (!entries) return http::problem(entries.error());
  Value::List items;
  for (const AuditEntry& entry : *entries) items.push_back(to_value(entry));
  Object page;
  page.put("items", Value::list(std::move(items)));
  if (entries->size() == *limit) page.text("next", entries->back().id.text());
  return answer(200, page.done());
}

}  // namespace

bool is_by_hand(std::string_view method, std::string_view pattern) {
  if (method == "GET" || method == "HEAD" || !pattern.starts_with("/v1/")) return false;
  if (method != "POST") return true;
  return std::find(k_not_by_hand.begin(), k_not_by_hand.end(), pattern) == k_not_by_hand.end();
}

std::string action_name(std::string_view method, std::string_view pattern) {
  std::string name;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const std::string_view segment = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(segment.size());
    if (segment.starts_with('{') || segment == "v1") continue;
    if (!name.empty()) name += '.';
    name += segment;
  }
  const std::size_t colon = name.find(':');
  if (colon != std::string::npos) name[colon] = '.';
  if (method == "PUT") return name + ".put";
  if (method == "PATCH") return name + ".patch";
  if (method == "DELETE") return name + ".delete";
  return name.find('.') == std::string::npos ? name + ".create" : name;
}

void add_audit(http::Router& router, const Services& services) {
  add_read(router,
           services,
           "/v1/audit",
           list,
           {"action", "target", "actor", "since", "after", "limit"});
}

void keep_audit(http::Router& router, const Services& services) {
  router.wrap([&services](const http::Route& route) {
    if (!is_by_hand(route.method, route.pattern)) return route.handler;
    return audited(services, action_name(route.method, route.pattern), route.handler);
  });
}

}  // namespace vozex::handlers
