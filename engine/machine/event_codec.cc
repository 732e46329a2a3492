// SPDX-License-Identifier: Apache-2.0
//
// Events as JSON: {cause, data, depth, id, left, name, source, subject, tenant, time, turns}; what
// is empty is left out. `cause` is absent for outside events, else {kind, ...}.
#include <utility>

#include "engine/machine/codec_parts.h"

namespace vozex::machine {
namespace {

using types::Value;

// Members with something to say, gathered into an object.
class Members {
 public:
  Members& text(const char* name, const std::string& text) {
    if (!text.empty()) put(name, Value::string(text));
    return *this;
  }
  Members& number(const char* name, std::int64_t number) {
    if (number != 0) put(name, Value::integer(number));
    return *this;
  }
  Members& flag(const char* name, bool flag) {
    if (flag) put(name, Value::boolean(true));
    return *this;
  }
  Members& value(const char* name, const Value& value) {
    if (!value.is_null()) put(name, to_plain(value));
    return *this;
  }
  void put(const char* name, Value value) {
    map_.push_back({Value::string(name), std::move(value)});
  }
  Value object() { return Value::map(std::move(map_)); }

 private:
  Value::Map map_;
};

std::int64_t micros(Timestamp at) { return at.time_since_epoch().count(); }

Value error_value(const ErrorInfo& error) {
  Members members;
  members.number("attempts", error.attempts)
      .text("code", error.code)
      .value("details", error.details);
  members.text("message", error.message).flag("retryable", error.retryable);
  return members.object();
}

Value actor_value(const Actor& actor) {
  Value::List roles;
  for (const std::string& role : actor.roles) roles.push_back(Value::string(role));
  Members members;
  members.text("id", actor.id);
  members.put("roles", Value::list(std::move(roles)));
  return members.object();
}

Value reference_value(const InvocationRef& of) {
  Members members;
  members.number("entry", of.entry).text("invoke", of.invoke).number("item", of.item);
  return members.object();
}

Value task_value(const TaskRef& task) {
  Members members;
  members.number("entry", task.entry).number("index", task.index);
  return members.object();
}

struct CauseWriter {
  Members& members;

  void kind(const char* name) { members.put("kind", Value::string(name)); }
  void operation(const char* name, const Actor& actor, const std::string& reason) {
    kind(name);
    members.put("actor", actor_value(actor));
    members.text("reason", reason);
  }

  void operator()(const External&) {}
  void operator()(const TimerDue& due) {
    kind("timer");
    members.number("due", micros(due.due))
        .number("entry", due.entry)
        .number("index", due.index)
        .text("state", due.state);
  }
  void operator()(const CallEnded& ended) {
    kind("call");
    members.text("call", ended.call.text()).flag("ok", ended.ok).value("result", ended.result);
    members.put("error", error_value(ended.error));
  }
  void operator()(const ChildEnded& ended) {
    kind("child");
    members.text("child", ended.child.text()).flag("final", ended.final).flag("ok", ended.ok);
    members.value("result", ended.result);
    members.put("error", error_value(ended.error));
    members.put("of", reference_value(ended.of));
  }
  void operator()(const ActionTaken& taken) {
    kind("action");
    members.put("actor", actor_value(taken.actor));
    members.value("form", taken.form).text("name", taken.name).text("reason", taken.reason);
    if (taken.task) members.put("task", task_value(*taken.task));
  }
  void operator()(const TaskMoved& moved) {
    operation("task", moved.actor, moved.reason);
    members.number("change", static_cast<std::int64_t>(moved.change));
    members.put("task", task_value(moved.task));
    members.text("to", moved.to);
  }
  void operator()(const Moved& moved) {
    operation("moved", moved.actor, moved.reason);
    members.text("target", moved.target);
  }
  void operator()(const Patched& patched) {
    operation("patched", patched.actor, patched.reason);
    members.value("data", patched.data);
  }
  void operator()(const Resumed& resumed) { operation("resumed", resumed.actor, resumed.reason); }
  void operator()(const Suspended& suspended) {
    operation("suspended", suspended.actor, suspended.reason);
  }
};

Actor read_actor(JsonReader& reader, const Value& cause) {
  Actor actor;
  const Value* value = cause.find("actor");
  if (value == nullptr) return actor;
  actor.id = reader.text(value->find("id"), "actor.id");
  for (const Value& role : reader.list(value->find("roles"), "actor.roles")) {
    actor.roles.push_back(reader.text(&role, "actor.roles"));
  }
  return actor;
}

TimerDue read_timer(JsonReader& reader, const Value& cause) {
  TimerDue due;
  due.due = reader.time(cause.find("due"), "cause.due");
  due.entry = reader.number<std::uint32_t>(cause.find("entry"), "cause.entry");
  due.index = reader.number<std::uint16_t>(cause.find("index"), "cause.index");
  due.state = reader.text(cause.find("state"), "cause.state");
  return due;
}

ErrorInfo read_cause_error(JsonReader& reader, const Value& cause) {
  const Value* error = cause.find("error");
  return error != nullptr ? read_error(reader, *error) : ErrorInfo{};
}

CallEnded read_call(JsonReader& reader, const Value& cause) {
  CallEnded ended;
  ended.call = reader.call(cause.find("call"), "cause.call");
  ended.ok = reader.boolean(cause.find("ok"), "cause.ok");
  ended.result = reader.value(cause.find("result"), "cause.result");
  ended.error = read_cause_error(reader, cause);
  return ended;
}

ChildEnded read_child(JsonReader& reader, const Value& cause) {
  ChildEnded ended;
  ended.child = reader.instance(cause.find("child"), "cause.child");
  ended.final = reader.boolean(cause.find("final"), "cause.final");
  ended.ok = reader.boolean(cause.find("ok"), "cause.ok");
  ended.result = reader.value(cause.find("result"), "cause.result");
  ended.error = read_cause_error(reader, cause);
  if (const Value* of = cause.find("of")) {
    ended.of.entry = reader.number<std::uint32_t>(of->find("entry"), "of.entry");
    ended.of.invoke = reader.text(of->find("invoke"), "of.invoke");
    ended.of.item = reader.number<std::uint32_t>(of->find("item"), "of.item");
  }
  return ended;
}

TaskRef read_task(JsonReader& reader, const Value& task) {
  return {reader.number<std::uint32_t>(task.find("entry"), "task.entry"),
          reader.number<std::uint16_t>(task.find("index"), "task.index")};
}

ActionTaken read_action(JsonReader& reader, const Value& cause) {
  ActionTaken taken;
  taken.name = reader.text(cause.find("name"), "cause.name");
  taken.actor = read_actor(reader, cause);
  taken.form = reader.value(cause.find("form"), "cause.form");
  if (const Value* task = cause.find("task")) taken.task = read_task(reader, *task);
  taken.reason = reader.text(cause.find("reason"), "cause.reason");
  return taken;
}

TaskMoved read_task_moved(JsonReader& reader, const Value& cause) {
  TaskMoved moved;
  if (const Value* task = cause.find("task")) moved.task = read_task(reader, *task);
  const int change = reader.number<int>(cause.find("change"), "cause.change");
  if (change < static_cast<int>(TaskChange::claim) ||
      change > static_cast<int>(TaskChange::assign)) {
    reader.fail_with("cause.change: unknown change " + std::to_string(change));
    return moved;
  }
  moved.change = static_cast<TaskChange>(change);
  moved.to = reader.text(cause.find("to"), "cause.to");
  moved.actor = read_actor(reader, cause);
  moved.reason = reader.text(cause.find("reason"), "cause.reason");
  return moved;
}

Cause read_cause(JsonReader& reader, const Value& cause) {
  const std::string kind = reader.text(cause.find("kind"), "cause.kind");
  const std::string reason = reader.text(cause.find("reason"), "cause.reason");
  if (kind == "timer") return read_timer(reader, cause);
  if (kind == "call") return read_call(reader, cause);
  if (kind == "child") return read_child(reader, cause);
  if (kind == "action") return read_action(reader, cause);
  if (kind == "task") return read_task_moved(reader, cause);
  if (kind == "moved")
    return Moved{
        reader.text(cause.find("target"), "cause.target"), read_actor(reader, cause), reason};
  if (kind == "patched") {
    return Patched{
        reader.value(cause.find("data"), "cause.data"), read_actor(reader, cause), reason};
  }
  if (kind == "resumed") return Resumed{read_actor(reader, cause), reason};
  if (kind == "suspended") return Suspended{read_actor(reader, cause), reason};
  reader.fail_with("cause.kind: unknown kind \"" + kind + "\"");
  return External{};
}

}  // namespace

ErrorInfo read_error(JsonReader& reader, const Value& value) {
  ErrorInfo error;
  error.attempts = reader.number<std::uint16_t>(value.find("attempts"), "error.attempts");
  error.code = reader.text(value.find("code"), "error.code");
  error.details = reader.value(value.find("details"), "error.details");
  error.message = reader.text(value.find("message"), "error.message");
  error.retryable = reader.boolean(value.find("retryable"), "error.retryable");
  return error;
}

Value encode_event(const Event& event) {
  Members members;
  if (!std::holds_alternative<External>(event.cause)) {
    Members cause;
    std::visit(CauseWriter{cause}, event.cause);
    members.put("cause", cause.object());
  }
  const Causation& causation = event.causation;
  members.value("data", event.data).number("depth", causation.depth).text("id", event.id);
  if (causation.left != k_max_caused) members.put("left", Value::integer(causation.left));
  members.text("name", event.name).text("source", event.source).text("subject", event.subject);
  members.text("tenant", event.tenant).number("time", micros(event.time));
  members.number("turns", causation.turns);
  return members.object();
}

Event read_event(JsonReader& reader, const Value& value) {
  Event event;
  if (!value.is_map()) {
    reader.fail_with("event: expected an object");
    return event;
  }
  if (const Value* cause = value.find("cause")) event.cause = read_cause(reader, *cause);
  event.data = reader.value(value.find("data"), "event.data");
  event.causation.depth = reader.number<std::uint8_t>(value.find("depth"), "event.depth");
  if (const Value* left = value.find("left"))
    event.causation.left = reader.number<std::uint32_t>(left, "event.left");
  event.causation.turns = reader.number<std::uint16_t>(value.find("turns"), "event.turns");
  event.id = reader.text(value.find("id"), "event.id");
  event.name = reader.text(value.find("name"), "event.name");
  event.source = reader.text(value.find("source"), "event.source");
  event.subject = reader.text(value.find("subject"), "event.subject");
  event.tenant = reader.text(value.find("tenant"), "event.tenant");
  event.time = reader.time(value.find("time"), "event.time");
  return event;
}

Result<Event> decode_event(const Value& value) {
  JsonReader reader;
  Event event = read_event(reader, value);
  if (reader.failed()) return reader.failure("corrupt_event");
  return event;
}

void write_event(JsonWriter& json, const Event& event) {
  types::append_json(json.raw(), encode_event(event));
}

}  // namespace vozex::machine
