// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/incidents.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "api/handlers/body.h"
#include "api/handlers/routes.h"

namespace vozex::handlers {
namespace {

using types::Value;

// Instances that are looked at for one answer; `truncated` says that there are more.
constexpr std::size_t k_max_scan = 5000;
constexpr std::size_t k_scan_page = 200;
constexpr std::size_t k_max_named = 5;  // instances named in a group

// An incident's own state; else where its instance is.
struct Open {
  ports::InstanceRow row;
  machine::Incident incident;

  const std::string& state() const { return incident.state.empty() ? row.state : incident.state; }
};

struct Scan {
  std::vector<Open> open;
  bool truncated = false;
};

// An instance whose definition isn't here has incidents that can't be read: one stands for them.
void add_open(const runtime::Engine& engine, const ports::InstanceRow& row, Scan& scan) {
  const auto view = engine.find(row.id);
  if (!view || !*view || (*view)->machine == nullptr) {
    machine::Incident unreadable;
    unreadable.code = view ? "definition_missing" : "unreadable";
    unreadable.message = view ? "its definition is not deployed here" : view.error().message;
    unreadable.at = row.at;
    scan.open.push_back({row, std::move(unreadable)});
    return;
  }
  for (const machine::Incident& incident : (*view)->snapshot.incidents)
    scan.open.push_back({(*view)->row, incident});
}

ports::InstanceFilter with_incidents(const std::string& workflow) {
  ports::InstanceFilter filter;
  filter.tenant = k_tenant;
  filter.workflow = workflow;
  filter.incident_only = true;
  filter.live_only = true;
  return filter;
}

Result<Scan> scan(const Services& services, const std::string& workflow) {
  Scan scan;
  ports::InstanceFilter filter = with_incidents(workflow);
  std::size_t seen = 0;
  for (;;) {
    const auto rows = services.queries->instances(filter, k_scan_page);
    if (!rows) return Failure(rows.error());
    for (const ports::InstanceRow& row : *rows) add_open(*services.engine, row, scan);
    seen += rows->size();
    if (rows->size() < k_scan_page) return scan;
    scan.truncated = seen >= k_max_scan;
    if (scan.truncated) return scan;
    filter.after = rows->back().id;
  }
}

Value to_value(const Open& one) {
  Object object;
  object.text("code", one.incident.code)
      .text("workflow", one.row.workflow)
      .number("version", one.row.version)
      .text("state", one.state())
      .text("instance", one.row.id.text())
      .text("key", one.row.key)
      .text("message", one.incident.message)
      .put("holds", Value::boolean(one.incident.holds))
      .put("at", Value::timestamp(one.incident.at));
  if (one.incident.call) object.text("call", one.incident.call->text());
  return object.done();
}

struct Group {
  std::uint64_t count = 0;
  const Open* first = nullptr;
  const Open* last = nullptr;
  Value::List instances;
};

// Most frequent first.
Value grouped(const Scan& scan) {
  std::map<std::tuple<std::string, std::string, std::string>, Group> groups;
  for (const Open& one : scan.open) {
    Group& group = groups[{one.incident.code, one.row.workflow, one.state()}];
    ++group.count;
    if (group.first == nullptr || one.incident.at < group.first->incident.at) group.first = &one;
    if (group.last == nullptr || group.last->incident.at < one.incident.at) group.last = &one;
    if (group.instances.size() < k_max_named)
      group.instances.push_back(Value::string(one.row.id.text()));
  }
  using Entry = decltype(groups)::value_type;
  std::vector<const Entry*> sorted;
  sorted.reserve(groups.size());
  for (const Entry& entry : groups) sorted.push_back(&entry);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Entry* a, const Entry* b) {
    return a->second.count > b->second.count;
  });
  Value::List items;
  for (const Entry* entry : sorted) {
    const auto& [code, workflow, state] = entry->first;
    const Group& group = entry->second;
    const std::string print =
        uuid_text(digest128({"incident", code, workflow, state})).substr(0, 8);
    items.push_back(Object()
                        .text("fingerprint", print)
                        .text("code", code)
                        .text("workflow", workflow)
                        .text("state", state)
                        .number("count", group.count)
                        .put("first_at", Value::timestamp(group.first->incident.at))
                        .put("last_at", Value::timestamp(group.last->incident.at))
                        .text("message", group.last->incident.message)
                        .put("instances", Value::list(group.instances))
                        .done());
  }
  return Value::list(std::move(items));
}

// One by one: a page holds all incidents of `limit` instances.
http::Response page(const Services& services,
                    const http::Request& request,
                    const std::string& workflow) {
  const auto limit = page_limit(request);
  if (!limit) return limit.error();
  const auto after = query_id(request, "after");
  if (!after) return after.error();
  ports::InstanceFilter filter = with_incidents(workflow);
  filter.after = *after;
  const auto rows = services.queries->instances(filter, *limit);
  if (!rows) return http::problem(rows.error());
  Scan found;
  for (const ports::InstanceRow& row : *rows) add_open(*services.engine, row, found);
  Value::List items;
  for (const Open& one : found.open) items.push_back(to_value(one));
  Object body;
  body.put("items", Value::list(std::move(items)));
  if (rows->size() == *limit) body.text("next", rows->back().id.text());
  return answer(200, body.done());
}

http::Response list(const Services& services, const http::Request& request) {
  const std::string by = request.query_value("group_by").value_or("");
  if (!by.empty() && by != "error") {
    return bad_query("Expected `group_by` error, or none, got \"" + by + "\".").value();
  }
  const std::string workflow = request.query_value("workflow").value_or("");
  if (by.empty()) return page(services, request, workflow);
  const auto found = scan(services, workflow);
  if (!found) return http::problem(found.error());
  return answer(200,
                Object()
                    .put("items", grouped(*found))
                    .put("truncated", Value::boolean(found->truncated))
                    .done());
}

}  // namespace

void add_incidents(http::Router& router, const Services& services) {
  add_read(router, services, "/v1/incidents", list, {"group_by", "workflow", "after", "limit"});
}

}  // namespace vozex::handlers
