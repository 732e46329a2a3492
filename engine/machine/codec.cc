// SPDX-License-Identifier: Apache-2.0
//
// Writing snapshots. `rt` is one object; members that say nothing are left out, times are
// microseconds since 1970, states are paths, values are lossless.h's:
// - approvals: [[state, action, [actor, ...]], ...]
// - causation: [depth, turns, left, turn_seq]; left out when it begins with the last step
// - deferred: [event, ...], in order of arrival
// - depth: generations to the root; left out for one
// - error: {attempts, code, details, message, retryable}
// - format: 1
// - history: [[pseudo-state, [state, ...]], ...]
// - incidents: [{at, call, code, holds, message, seq, state}, ...]
// - invocations: [{entry, invoke, items: [{call, child, error, item, result, status}], settled,
//   state}, ...]
// - keys: ["alias=value", ...]
// - output: value
// - own_steps: [count, since]; left out for none
// - parent: [instance, invoke, entry, item]
// - queued: [event, ...]
// - replied: true
// - room: descendants that a child may have
// - sends: [{data, due, entry, event, id}, ...]
// - states: [path, ...], active atomic and final states
// - status: word
// - tasks: [{assignee, claimed, due, entry, index, level, opened, queue, roles, state, title}, ...]
// - timers: [[state, index, entry, due], ...]
// - undo: [{by, call, done, input, operation}, ...]
#include "engine/machine/codec.h"

#include "engine/machine/codec_parts.h"
#include "engine/machine/lossless.h"
#include "engine/machine/stored_json.h"

namespace vozex::machine {
namespace {

std::int64_t micros(Timestamp at) { return at.time_since_epoch().count(); }

std::string_view path_of(const Machine& machine, StateIndex state) {
  return state < machine.states.size() ? std::string_view(machine.states[state].path)
                                       : std::string_view();
}

void write_value(JsonWriter& json, std::string_view member, const types::Value& value) {
  if (value.is_null()) return;
  json.name(member);
  append_lossless(json.raw(), value);
}

void write_paths(JsonWriter& json, const Machine& machine, const std::vector<StateIndex>& states) {
  json.begin_array();
  for (const StateIndex state : states) json.text(path_of(machine, state));
  json.end_array();
}

void write_texts(JsonWriter& json, const std::vector<std::string>& texts) {
  json.begin_array();
  for (const std::string& text : texts) json.text(text);
  json.end_array();
}

void write_approvals(JsonWriter& json, const Machine& machine, const Snapshot& snapshot) {
  if (snapshot.approvals.empty()) return;
  json.name("approvals");
  json.begin_array();
  for (const Approval& approval : snapshot.approvals) {
    json.begin_array();
    json.text(path_of(machine, approval.state));
    json.text(approval.action);
    write_texts(json, approval.actors);
    json.end_array();
  }
  json.end_array();
}

void write_events(JsonWriter& json, std::string_view member, const std::vector<Event>& events) {
  if (events.empty()) return;
  json.name(member);
  json.begin_array();
  for (const Event& event : events) write_event(json, event);
  json.end_array();
}

void write_history_states(JsonWriter& json, const Machine& machine, const Snapshot& snapshot) {
  if (snapshot.history.empty()) return;
  json.name("history");
  json.begin_array();
  for (const auto& [pseudo, states] : snapshot.history) {
    json.begin_array();
    json.text(path_of(machine, pseudo));
    write_paths(json, machine, states);
    json.end_array();
  }
  json.end_array();
}

void write_incidents(JsonWriter& json, const Snapshot& snapshot) {
  if (snapshot.incidents.empty()) return;
  json.name("incidents");
  json.begin_array();
  for (const Incident& incident : snapshot.incidents) {
    json.begin_object();
    json.number_member("at", micros(incident.at));
    if (incident.call) json.text_member("call", incident.call->text());
    json.text_member("code", incident.code);
    if (incident.holds) {
      json.name("holds");
      json.boolean(true);
    }
    json.text_member("message", incident.message);
    json.number_member("seq", incident.seq);
    json.text_member("state", incident.state);
    json.end_object();
  }
  json.end_array();
}

void write_item(JsonWriter& json, const InvokedItem& item) {
  json.begin_object();
  if (item.call) json.text_member("call", item.call->text());
  if (item.child) json.text_member("child", item.child->text());
  if (!item.error.code.empty()) {
    json.name("error");
    write_error(json, item.error);
  }
  write_value(json, "item", item.item);
  write_value(json, "result", item.result);
  json.number_member("status", static_cast<std::int64_t>(item.status));
  json.end_object();
}

void write_invocations(JsonWriter& json, const Machine& machine, const Snapshot& snapshot) {
  if (snapshot.invocations.empty()) return;
  json.name("invocations");
  json.begin_array();
  for (const Invocation& invocation : snapshot.invocations) {
    json.begin_object();
    json.number_member("entry", invocation.entry);
    json.text_member("invoke", invocation.invoke);
    json.name("items");
    json.begin_array();
    for (const InvokedItem& item : invocation.items) write_item(json, item);
    json.end_array();
    if (invocation.settled) {
      json.name("settled");
      json.boolean(true);
    }
    // The root's path is "": an invocation of a state that was left has no member at all.
    if (invocation.state != k_no_state) {
      json.name("state");
      json.text(path_of(machine, invocation.state));
    }
    json.end_object();
  }
  json.end_array();
}

void write_parent(JsonWriter& json, const Snapshot& snapshot) {
  if (!snapshot.parent) return;
  json.name("parent");
  json.begin_array();
  json.text(snapshot.parent->instance.text());
  json.text(snapshot.parent->of.invoke);
  json.number(snapshot.parent->of.entry);
  json.number(snapshot.parent->of.item);
  json.end_array();
}

void write_sends(JsonWriter& json, const Snapshot& snapshot) {
  if (snapshot.sends.empty()) return;
  json.name("sends");
  json.begin_array();
  for (const PendingSend& send : snapshot.sends) {
    json.begin_object();
    write_value(json, "data", send.data);
    json.number_member("due", micros(send.due));
    json.number_member("entry", send.entry);
    json.text_member("event", send.event);
    json.text_member("id", send.id);
    json.end_object();
  }
  json.end_array();
}

void write_states(JsonWriter& json, const Machine& machine, const Snapshot& snapshot) {
  if (snapshot.configuration.empty()) return;
  json.name("states");
  json.begin_array();
  for (const StateIndex index : snapshot.configuration) {
    const StateKind kind = machine.states[index].kind;
    if (kind == StateKind::atomic || kind == StateKind::final)
      json.text(machine.states[index].path);
  }
  json.end_array();
}

void write_tasks(JsonWriter& json, const Machine& machine, const Snapshot& snapshot) {
  if (snapshot.tasks.empty()) return;
  json.name("tasks");
  json.begin_array();
  for (const OpenTask& task : snapshot.tasks) {
    json.begin_object();
    json.text_member("assignee", task.assignee);
    if (task.claimed_at) json.number_member("claimed", micros(*task.claimed_at));
    if (task.due) json.number_member("due", micros(*task.due));
    json.number_member("entry", task.entry);
    json.number_member("index", task.index);
    if (task.level != 0) json.number_member("level", task.level);
    json.number_member("opened", micros(task.opened_at));
    json.text_member("queue", task.queue);
    if (!task.roles.empty()) {
      json.name("roles");
      write_texts(json, task.roles);
    }
    json.text_member("state", path_of(machine, task.state));
    json.text_member("title", task.title);
    json.end_object();
  }
  json.end_array();
}

void write_timers(JsonWriter& json, const Machine& machine, const Snapshot& snapshot) {
  if (snapshot.timers.empty()) return;
  json.name("timers");
  json.begin_array();
  for (const ArmedTimer& timer : snapshot.timers) {
    json.begin_array();
    json.text(path_of(machine, timer.state));
    json.number(timer.index);
    json.number(timer.entry);
    json.number(micros(timer.due));
    json.end_array();
  }
  json.end_array();
}

void write_undo(JsonWriter& json, const Snapshot& snapshot) {
  if (snapshot.undo.empty()) return;
  json.name("undo");
  json.begin_array();
  for (const Undo& undo : snapshot.undo) {
    json.begin_object();
    if (undo.by) json.text_member("by", undo.by->text());
    json.text_member("call", undo.call.text());
    if (undo.done) {
      json.name("done");
      json.boolean(true);
    }
    write_value(json, "input", undo.input);
    json.text_member("operation", undo.operation);
    json.end_object();
  }
  json.end_array();
}

void write_causation(JsonWriter& json, const Snapshot& snapshot) {
  if (snapshot.causation == Causation{}) return;
  json.name("causation");
  json.begin_array();
  json.number(snapshot.causation.depth);
  json.number(snapshot.causation.turns);
  json.number(snapshot.causation.left);
  json.number(snapshot.turn_seq);
  json.end_array();
}

void write_own_steps(JsonWriter& json, const Snapshot& snapshot) {
  if (snapshot.own_steps.count == 0) return;
  json.name("own_steps");
  json.begin_array();
  json.number(snapshot.own_steps.count);
  json.number(micros(snapshot.own_steps.since));
  json.end_array();
}

std::string encode_rt(const Machine& machine, const Snapshot& snapshot) {
  std::string out;
  out.reserve(256);
  JsonWriter json(out);
  json.begin_object();
  write_approvals(json, machine, snapshot);
  write_causation(json, snapshot);
  write_events(json, "deferred", snapshot.deferred);
  // Left out for one, as it was before there was a bound.
  if (snapshot.parent && snapshot.parent->depth > 1)
    json.number_member("depth", snapshot.parent->depth);
  if (!snapshot.error.code.empty()) {
    json.name("error");
    write_error(json, snapshot.error);
  }
  json.number_member("format", k_snapshot_format);
  write_history_states(json, machine, snapshot);
  write_incidents(json, snapshot);
  write_invocations(json, machine, snapshot);
  if (!snapshot.keys.empty()) {
    json.name("keys");
    write_texts(json, snapshot.keys);
  }
  write_value(json, "output", snapshot.output);
  write_own_steps(json, snapshot);
  write_parent(json, snapshot);
  write_events(json, "queued", snapshot.queued);
  if (snapshot.replied) {
    json.name("replied");
    json.boolean(true);
  }
  if (snapshot.parent && snapshot.parent->room != k_max_family)
    json.number_member("room", snapshot.parent->room);
  write_sends(json, snapshot);
  write_states(json, machine, snapshot);
  json.text_member("status", snapshot.status);
  write_tasks(json, machine, snapshot);
  write_timers(json, machine, snapshot);
  write_undo(json, snapshot);
  json.end_object();
  return out;
}

}  // namespace

void write_error(JsonWriter& json, const ErrorInfo& error) {
  json.begin_object();
  if (error.attempts != 0) json.number_member("attempts", error.attempts);
  json.text_member("code", error.code);
  write_value(json, "details", error.details);
  json.text_member("message", error.message);
  if (error.retryable) {
    json.name("retryable");
    json.boolean(true);
  }
  json.end_object();
}

StoredSnapshot encode(const Machine& machine, const Snapshot& snapshot) {
  return {
      types::to_json(snapshot.input), types::to_json(snapshot.data), encode_rt(machine, snapshot)};
}

Result<std::string> add_incident(std::string_view rt, const Incident& incident) {
  const auto stored = parse_stored(rt);
  if (!stored) return Failure(stored.error());
  const types::Value* there = stored->find("incidents");
  if (!stored->is_map() || (there != nullptr && !there->is_list())) {
    return fail(ErrorClass::corrupt, "corrupt_snapshot", "rt: expected an object");
  }
  using types::Value;
  Value::List incidents = there != nullptr ? there->as_list() : Value::List{};
  incidents.push_back(Value::object({{"at", Value::integer(micros(incident.at))},
                                     {"code", Value::string(incident.code)},
                                     {"holds", Value::boolean(true)},
                                     {"message", Value::string(incident.message)},
                                     {"seq", Value::integer(incident.seq)},
                                     {"state", Value::string(incident.state)}}));
  return types::to_json(stored->with("incidents", Value::list(std::move(incidents))));
}

}  // namespace vozex::machine
