// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/instance_value.h"

#include "api/handlers/body.h"
#include "engine/machine/stored_json.h"
#include "engine/runtime/batch/inbox.h"
#include "engine/types/json.h"

namespace vozex::handlers {
namespace {

using types::Value;

Value json_or_null(const std::string& text) {
  if (text.empty()) return Value();
  auto value = machine::parse_stored(text);
  return value ? *std::move(value) : Value();
}

Value error_value(const machine::ErrorInfo& error) {
  if (error.code.empty()) return Value();
  return machine::to_value(error);
}

Value timers_value(const machine::Machine& machine,
                   const std::vector<machine::ArmedTimer>& timers) {
  Value::List list;
  for (const machine::ArmedTimer& timer : timers) {
    const std::string state =
        timer.state < machine.states.size() ? machine.states[timer.state].path : "";
    list.push_back(Object().text("state", state).put("due", Value::timestamp(timer.due)).done());
  }
  return Value::list(std::move(list));
}

Value incident_value(const machine::Incident& incident) {
  Object object;
  object.text("code", incident.code)
      .text("message", incident.message)
      .put("at", Value::timestamp(incident.at))
      .number("seq", incident.seq)
      .put("holds", Value::boolean(incident.holds))
      .text("state", incident.state);
  if (incident.call) object.text("call", incident.call->text());
  return object.done();
}

Value invocation_value(const machine::Machine& machine, const machine::Invocation& invocation) {
  Value::List items;
  for (const machine::InvokedItem& item : invocation.items) {
    Object object;
    object.text("status", machine::to_string(item.status))
        .put("item", item.item)
        .put("error", error_value(item.error));
    if (item.call) object.text("call", item.call->text());
    if (item.child) object.text("child", item.child->text());
    items.push_back(object.done());
  }
  Object object;
  object.text("invoke", invocation.invoke)
      .number("entry", invocation.entry)
      .put("items", Value::list(std::move(items)));
  if (invocation.state < machine.states.size())
    object.text("state", machine.states[invocation.state].path);
  return object.done();
}

template <class Items, class ToValue>
Value list_of(const Items& items, ToValue to) {
  Value::List list;
  for (const auto& item : items) list.push_back(to(item));
  return Value::list(std::move(list));
}

void put_row(Object& object, const ports::InstanceRow& row) {
  object.text("id", row.id.text())
      .text("workflow", row.workflow)
      .number("version", row.version)
      .text("key", row.key)
      .text("life", machine::to_string(row.life))
      .text("state", row.state)
      .text("status", row.status)
      .number("seq", row.seq)
      .put("incident", Value::boolean(row.incident))
      .text("root", row.root.text())
      .text("parent", row.parent.is_nil() ? "" : row.parent.text())
      .put("started_at", Value::timestamp(row.started_at))
      .put("at", Value::timestamp(row.at));
  if (row.timer_at) object.put("timer_at", Value::timestamp(*row.timer_at));
}

Value tasks_value(const runtime::InstanceView& view, Timestamp now) {
  return list_of(runtime::task_rows(*view.machine, view.snapshot, view.row.shard),
                 [&](const ports::TaskRow& row) { return to_value(row, now); });
}

Value offered_value(const OfferedAction& action) { return to_value(action); }

}  // namespace

Value summary(const ports::InstanceRow& row) {
  Object object;
  put_row(object, row);
  return object.done();
}

Value to_value(const runtime::InstanceView& view) {
  Object object;
  put_row(object, view.row);
  object.put("input", json_or_null(view.row.input))
      .put("data", json_or_null(view.row.data))
      .put("output", json_or_null(view.row.output));
  if (view.machine) {
    const machine::Machine& machine = *view.machine;
    const machine::Snapshot& snapshot = view.snapshot;
    for (const auto& [word, text] : machine.status_words) {
      if (word == view.row.status) object.text("status_text", text);
    }
    object.put("error", error_value(snapshot.error))
        .put("timers", timers_value(machine, snapshot.timers))
        .put("work",
             list_of(snapshot.invocations,
                     [&](const auto& one) { return invocation_value(machine, one); }))
        .put("incidents", list_of(snapshot.incidents, incident_value))
        .put(
            "deferred",
            list_of(snapshot.deferred, [](const auto& event) { return Value::string(event.name); }))
        .put("queued",
             list_of(snapshot.queued, [](const auto& event) { return Value::string(event.name); }))
        .put("replied", Value::boolean(snapshot.replied));
  }
  const std::string self = "/v1/instances/" + view.row.id.text();
  object.put("links",
             Object()
                 .text("self", self)
                 .text("history", self + "/history")
                 .text("waiting_for", self + "/waiting-for")
                 .done());
  return object.done();
}

Value to_value(const OfferedAction& action) {
  return Object()
      .text("name", action.name)
      .text("title", action.title)
      .text("state", action.state)
      .put("enabled", Value::boolean(action.enabled))
      .text("reason", action.reason)
      .put("prefill", action.prefill)
      .done();
}

Value to_value(const ports::TaskRow& row, Timestamp now) {
  const std::string self = "/v1/tasks/" + row.id.text();
  Object object;
  object.text("id", row.id.text())
      .text("title", row.title)
      .text("queue", row.queue)
      .put("roles", types::list_of(row.roles))
      .text("assignee", row.assignee)
      .put("opened_at", Value::timestamp(row.opened_at))
      .put("claimed_at", row.claimed_at ? Value::timestamp(*row.claimed_at) : Value())
      .put("due", row.due ? Value::timestamp(*row.due) : Value())
      .put("overdue", Value::boolean(row.due && *row.due < now))
      .number("level", row.level)
      .text("instance", row.id.instance.text())
      .text("workflow", row.workflow)
      .text("key", row.key)
      .text("state", row.state)
      .put("links",
           Object()
               .text("self", self)
               .text("instance", "/v1/instances/" + row.id.instance.text())
               .done());
  return object.done();
}

Value to_value(const Waiting& waiting, const runtime::InstanceView& view, Timestamp now) {
  const machine::Machine& machine = *view.machine;
  return Object()
      .put("events", types::list_of(waiting.events))
      .put("timers", timers_value(machine, waiting.timers))
      .put("calls",
           list_of(waiting.calls, [](const CallId& id) { return Value::string(id.text()); }))
      .put("children",
           list_of(waiting.children, [](const InstanceId& id) { return Value::string(id.text()); }))
      .put("actions", list_of(waiting.actions, offered_value))
      .put("tasks", tasks_value(view, now))
      .done();
}

Value to_value(const ports::CallRow& row) {
  const char* state = row.state == ports::CallState::leased    ? "leased"
                      : row.state == ports::CallState::waiting ? "waiting"
                                                               : "dead";
  return Object()
      .text("id", row.id.text())
      .text("instance", row.id.instance.text())
      .text("adapter", row.adapter)
      .text("state", state)
      .number("attempt", row.attempt)
      .put("decided_at", Value::timestamp(row.decided_at))
      .put("next_at",
           row.state == ports::CallState::waiting ? Value::timestamp(row.next_at) : Value())
      .put("request", json_or_null(row.request))
      .put("error", json_or_null(row.error))
      .done();
}

Value explain_refusal(const Services& services, const InstanceId& id, const machine::Actor& actor) {
  const auto view = services.engine->find(id);
  if (!view || !*view || !(*view)->machine) return Value::map({});
  const Waiting waiting = services.engine->waiting_for(**view, actor);
  return Object()
      .text("instance", id.text())
      .text("state", (*view)->row.state)
      .text("life", machine::to_string((*view)->row.life))
      .put("accepted_events", types::list_of(waiting.events))
      .put("actions", list_of(waiting.actions, offered_value))
      .put("tasks", tasks_value(**view, services.engine->database_time()))
      .done();
}

}  // namespace vozex::handlers
