// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/ops/taken.h"

namespace vozex::runtime {
namespace {

using types::Value;

Value text(std::string value) { return Value::string(std::move(value)); }
Value number(std::uint64_t value) { return Value::integer(static_cast<std::int64_t>(value)); }

}  // namespace

Value time_value(const std::optional<Timestamp>& at) {
  return at ? text(format_timestamp(*at)) : Value();
}

Value outline(const ports::TaskRow& task) {
  return Value::object({{"task", text(task.id.text())},
                        {"workflow", text(task.workflow)},
                        {"state", text(task.state)},
                        {"queue", text(task.queue)},
                        {"opened_at", time_value(task.opened_at)},
                        {"claimed_at", time_value(task.claimed_at)},
                        {"due", time_value(task.due)},
                        {"level", number(task.level)}});
}

Value outline(const ports::CallRow& call) {
  return Value::object({{"call", text(call.id.text())},
                        {"adapter", text(call.adapter)},
                        {"state", number(static_cast<std::uint64_t>(call.state))},
                        {"attempt", number(call.attempt)},
                        {"next_at", time_value(call.next_at)},
                        {"decided_at", time_value(call.decided_at)}});
}

Value outline(const ports::InstanceRow& row) {
  return Value::object({{"instance", text(row.id.text())},
                        {"workflow", text(row.workflow)},
                        {"version", number(row.version)},
                        {"seq", number(row.seq)},
                        {"life", text(machine::to_string(row.life))},
                        {"state", text(row.state)},
                        {"timer_at", time_value(row.timer_at)},
                        {"at", time_value(row.at)},
                        {"started_at", time_value(row.started_at)}});
}

Value whole(const ports::TaskRow& task) {
  Value::List roles;
  for (const std::string& role : task.roles) roles.push_back(text(role));
  return outline(task)
      .with("key", text(task.key))
      .with("title", text(task.title))
      .with("roles", Value::list(std::move(roles)))
      .with("assignee", text(task.assignee));
}

Value whole(const ports::CallRow& call) {
  return outline(call).with("request", text(call.request)).with("error", text(call.error));
}

Value whole(const ports::InstanceRow& row) {
  return outline(row)
      .with("key", text(row.key))
      .with("status", text(row.status))
      .with("input", text(row.input))
      .with("data", text(row.data))
      .with("rt", text(row.rt))
      .with("output", text(row.output));
}

}  // namespace vozex::runtime
