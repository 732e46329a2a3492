// SPDX-License-Identifier: Apache-2.0
//
// One history entry: what came, what became of it, and why. Members in order of their names:
//   actor        {id, roles}               who did it, for actions and operations
//   considered   [[state, event, when, result, line], ...]
//   data         {name: new value, ...}    members that changed; null for removed ones; secrets
//   never disposition  word effects      [text, ...]               what left: "call payments.get
//   <id>", "emit order.paid", ... entered, exited  [path, ...] event        {id, name, source,
//   data?, depth?, left?, turns?} data of outside events only; the rest is Causation from, to state
//   texts; `to` only when it differs life word, when it changed note         text reason text, of
//   whoever acted status       word, when it changed
#include "engine/machine/codec_parts.h"

namespace vozex::machine {
namespace {

using types::Value;

bool is_secret(const Machine& machine, const std::string& name) {
  if (machine.data == nullptr) return false;
  const types::Field* field = types::find_field(*machine.data, name);
  if (field == nullptr || field->type == nullptr) return false;
  const types::Type* type = field->type.get();
  while (type->element != nullptr) type = type->element.get();
  return type->kind == types::TypeKind::secret;
}

void write_changes(JsonWriter& json,
                   const Machine& machine,
                   const Value& before,
                   const Value& after) {
  if (!after.is_map() || before == after) return;
  json.name("data");
  json.begin_object();
  static const Value::Map k_nothing;
  const Value::Map& old = before.is_map() ? before.as_map() : k_nothing;
  // Both are sorted by key.
  auto a = old.begin();
  auto b = after.as_map().begin();
  const auto write = [&](const Value& key, const Value* value) {
    if (!key.is_string()) return;
    std::string name;
    types::append_json_string(name, key.as_string());
    json.name(std::string_view(name).substr(1, name.size() - 2));
    if (is_secret(machine, key.as_string())) {
      json.text("(secret)");
    } else if (value != nullptr) {
      append_lossless(json.raw(), *value);
    } else {
      json.raw() += "null";
    }
  };
  while (a != old.end() || b != after.as_map().end()) {
    const int order = a == old.end()              ? 1
                      : b == after.as_map().end() ? -1
                                                  : types::compare_keys(a->key, b->key);
    if (order < 0) {
      write(a->key, nullptr);
      ++a;
    } else if (order > 0) {
      write(b->key, &b->value);
      ++b;
    } else {
      if (!(a->value == b->value)) write(b->key, &b->value);
      ++a;
      ++b;
    }
  }
  json.end_object();
}

struct EffectText {
  std::string operator()(const StartCall& call) const {
    const std::string name =
        call.operation != nullptr ? call.operation->adapter + "." + call.operation->name : "";
    return (call.compensation ? "undo " : "call ") + name + " " + call.id.text();
  }
  std::string operator()(const CancelCall& call) const { return "withdraw " + call.id.text(); }
  std::string operator()(const StartChild& child) const {
    return "child " + child.workflow + " " + child.child.text();
  }
  std::string operator()(const CancelChild& child) const {
    return "cancel child " + child.child.text();
  }
  std::string operator()(const Emit& emit) const { return "emit " + emit.event; }
  std::string operator()(const Reply& reply) const {
    return reply.ok ? std::string("reply") : "reply error " + reply.error.code;
  }
  std::string operator()(const StartInstance& start) const {
    return "start " + start.workflow + " " + start.instance.text();
  }
  std::string operator()(const SendTo& send) const {
    return "send " + send.event + " to " + send.to.text();
  }
  std::string operator()(const LogLine& line) const { return "log " + line.text; }
  std::string operator()(const RaiseIncident& raised) const {
    return "incident " + raised.incident.code;
  }
  std::string operator()(const BindKey& key) const { return "bind " + key.alias + "=" + key.value; }
  std::string operator()(const UnbindKey& key) const {
    return "unbind " + key.alias + "=" + key.value;
  }
};

const Actor* actor_of(const Event& event) {
  if (const auto* taken = std::get_if<ActionTaken>(&event.cause)) return &taken->actor;
  if (const auto* task = std::get_if<TaskMoved>(&event.cause)) return &task->actor;
  if (const auto* moved = std::get_if<Moved>(&event.cause)) return &moved->actor;
  if (const auto* patched = std::get_if<Patched>(&event.cause)) return &patched->actor;
  if (const auto* resumed = std::get_if<Resumed>(&event.cause)) return &resumed->actor;
  if (const auto* suspended = std::get_if<Suspended>(&event.cause)) return &suspended->actor;
  return nullptr;
}

std::string_view reason_of(const Event& event) {
  if (const auto* taken = std::get_if<ActionTaken>(&event.cause)) return taken->reason;
  if (const auto* task = std::get_if<TaskMoved>(&event.cause)) return task->reason;
  if (const auto* moved = std::get_if<Moved>(&event.cause)) return moved->reason;
  if (const auto* patched = std::get_if<Patched>(&event.cause)) return patched->reason;
  if (const auto* resumed = std::get_if<Resumed>(&event.cause)) return resumed->reason;
  if (const auto* suspended = std::get_if<Suspended>(&event.cause)) return suspended->reason;
  return {};
}

void write_texts(JsonWriter& json, std::string_view member, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json.name(member);
  json.begin_array();
  for (const std::string& text : texts) json.text(text);
  json.end_array();
}

void write_actor(JsonWriter& json, const Event& event) {
  const Actor* actor = actor_of(event);
  if (actor == nullptr) return;
  json.name("actor");
  json.begin_object();
  json.text_member("id", actor->id);
  write_texts(json, "roles", actor->roles);
  json.end_object();
}

void write_considered(JsonWriter& json, const Explanation& explanation) {
  if (explanation.considered.empty()) return;
  json.name("considered");
  json.begin_array();
  for (const Considered& considered : explanation.considered) {
    json.begin_array();
    json.text(considered.state);
    json.text(considered.event);
    json.text(considered.when);
    json.text(considered.result);
    json.number(considered.line);
    json.end_array();
  }
  json.end_array();
}

void write_cause(JsonWriter& json, const Event& event) {
  json.name("event");
  json.begin_object();
  if (std::holds_alternative<External>(event.cause) && !event.data.is_null()) {
    json.name("data");
    append_lossless(json.raw(), event.data);
  }
  const Causation& causation = event.causation;
  if (causation.depth != 0) json.number_member("depth", causation.depth);
  json.text_member("id", event.id);
  if (causation.left != k_max_caused) json.number_member("left", causation.left);
  json.text_member("name", event.name);
  json.text_member("source", event.source);
  if (causation.turns != 0) json.number_member("turns", causation.turns);
  json.end_object();
}

}  // namespace

Earlier earlier(const Machine& machine, const Snapshot& snapshot) {
  return {snapshot.data, snapshot.life, snapshot.status, state_text(machine, snapshot)};
}

std::string encode_history(const Machine& machine,
                           const Earlier& before,
                           const Snapshot& after,
                           const Event& event,
                           Disposition disposition,
                           const Explanation& explanation,
                           const std::vector<Effect>& effects) {
  std::string out;
  out.reserve(512);
  JsonWriter json(out);
  json.begin_object();
  write_actor(json, event);
  write_considered(json, explanation);
  write_changes(json, machine, before.data, after.data);
  json.text_member("disposition", to_string(disposition));
  if (!effects.empty()) {
    json.name("effects");
    json.begin_array();
    for (const Effect& effect : effects) json.text(std::visit(EffectText{}, effect));
    json.end_array();
  }
  write_texts(json, "entered", explanation.entered);
  write_cause(json, event);
  write_texts(json, "exited", explanation.exited);
  const std::string to = state_text(machine, after);
  json.text_member("from", before.state);
  if (before.life != after.life) json.text_member("life", to_string(after.life));
  json.text_member("note", explanation.note);
  json.text_member("reason", reason_of(event));
  if (before.status != after.status) json.text_member("status", after.status);
  if (to != before.state) json.text_member("to", to);
  json.end_object();
  return out;
}

}  // namespace vozex::machine
