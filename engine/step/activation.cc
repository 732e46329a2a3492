// SPDX-License-Identifier: Apache-2.0
#include "engine/step/activation.h"

#include <utility>

#include "engine/step/run.h"

namespace vozex::stepping {
namespace {

using machine::Invocation;
using machine::InvokedItem;
using machine::ItemStatus;

// The member names of `event` as values, made once: an event is shown to guards in almost every
// step.
struct EventKeys {
  Value data = Value::string("data");
  Value form = Value::string("form");
  Value id = Value::string("id");
  Value name = Value::string("name");
  Value source = Value::string("source");
  Value time = Value::string("time");
};

const EventKeys& event_keys() {
  static const EventKeys keys;
  return keys;
}

Value text(std::string_view value) { return Value::string(std::string(value)); }

// One of the members that have slots; `data` is there already.
Value event_member(const Occurrence& occurrence, expr::Slot slot, Timestamp now) {
  const machine::Event* event = occurrence.event;
  if (slot == machine::k_slot_event_id) return text(event != nullptr ? event->id : "");
  if (slot == machine::k_slot_event_name) return text(occurrence.text());
  if (slot == machine::k_slot_event_source)
    return text(event != nullptr ? event->source : "internal");
  return Value::timestamp(event != nullptr ? event->time : now);
}

Value event_value(const Occurrence& occurrence, Timestamp now) {
  const machine::Event* event = occurrence.event;
  const EventKeys& keys = event_keys();
  Value::Map map;
  map.reserve(6);
  map.push_back({keys.data, occurrence.shown_data()});
  if (event != nullptr) {
    if (const auto* taken = std::get_if<machine::ActionTaken>(&event->cause)) {
      map.push_back({keys.form, taken->form});
    }
  }
  map.push_back({keys.id, event_member(occurrence, machine::k_slot_event_id, now)});
  map.push_back({keys.name, event_member(occurrence, machine::k_slot_event_name, now)});
  map.push_back({keys.source, event_member(occurrence, machine::k_slot_event_source, now)});
  map.push_back({keys.time, event_member(occurrence, machine::k_slot_event_time, now)});
  return Value::map(std::move(map));
}

Value actor_value(const machine::Actor& actor) {
  Value::List roles;
  for (const std::string& role : actor.roles) roles.push_back(Value::string(role));
  return Value::object({{"id", Value::string(actor.id)}, {"roles", Value::list(std::move(roles))}});
}

Value items_value(const Invocation& invocation) {
  Value::List items;
  items.reserve(invocation.items.size());
  for (const InvokedItem& item : invocation.items) {
    // An item that waits for its turn is on its way for whoever asks.
    const ItemStatus shown = item.status == ItemStatus::waiting ? ItemStatus::running : item.status;
    Value error = item.error.code.empty() ? Value() : to_value(item.error);
    items.push_back(Value::object({{"item", item.item},
                                   {"status", Value::string(to_string(shown))},
                                   {"result", item.result},
                                   {"error", std::move(error)}}));
  }
  return Value::list(std::move(items));
}

const Invocation* shown_invocation(const Run& run, const std::string& id) {
  for (const Invocation& invocation : run.next.invocations) {
    if (invocation.state != machine::k_no_state && invocation.invoke == id) return &invocation;
  }
  for (auto it = run.left.rbegin(); it != run.left.rend(); ++it) {
    if (it->invoke == id) return &*it;
  }
  return nullptr;
}

Value invoked_value(const Run& run) {
  Value::Map map;
  for (const machine::InvokeDecl& decl : run.machine.invokes) {
    const Invocation* invocation = shown_invocation(run, decl.id);
    map.push_back({Value::string(decl.id),
                   invocation != nullptr ? items_value(*invocation) : Value::list({})});
  }
  return Value::map(std::move(map));
}

Value instance_value(const Snapshot& snapshot) {
  return Value::object({{"id", Value::string(snapshot.id.text())},
                        {"key", Value::string(snapshot.key)},
                        {"workflow", Value::string(snapshot.workflow)},
                        {"version", Value::integer(snapshot.version)},
                        {"tenant", Value::string(snapshot.tenant)},
                        {"started_at", Value::timestamp(snapshot.started_at)}});
}

}  // namespace

Activation::Activation(const Run& run) : run_(run) {
  show(machine::k_slot_input, &run.next.input);
  show(machine::k_slot_data, &run.next.data);
  show(machine::k_slot_config, &run.config);
}

void Activation::set_occurrence(const Occurrence* occurrence) {
  constexpr std::uint32_t k_mine =
      (1u << machine::k_slot_event) | (1u << machine::k_slot_error) |
      (1u << machine::k_slot_index) | (1u << machine::k_slot_event_id) |
      (1u << machine::k_slot_event_name) | (1u << machine::k_slot_event_source) |
      (1u << machine::k_slot_event_time);
  occurrence_ = occurrence;
  show(machine::k_slot_event_data, occurrence != nullptr ? &occurrence->shown_data() : nullptr);
  drop(k_mine);
}

const Value* Activation::cached(expr::Slot slot) const {
  const std::uint32_t bit = 1u << slot;
  if ((built_ & bit) == 0) {
    bool exists = true;
    std::construct_at(&cells_[slot].value, build(slot, exists));
    built_ |= bit;
    absent_ = exists ? absent_ & ~bit : absent_ | bit;
  }
  return (absent_ & bit) != 0 ? nullptr : &cells_[slot].value;
}

Value Activation::build(expr::Slot slot, bool& exists) const {
  switch (slot) {
    case machine::k_slot_event:
      if (occurrence_ != nullptr) return event_value(*occurrence_, run_.now);
      break;
    case machine::k_slot_event_id:
    case machine::k_slot_event_name:
    case machine::k_slot_event_source:
    case machine::k_slot_event_time:
      if (occurrence_ != nullptr) return event_member(*occurrence_, slot, run_.now);
      break;
    case machine::k_slot_actor:
      if (run_.event != nullptr) {
        if (const auto* taken = std::get_if<machine::ActionTaken>(&run_.event->cause))
          return actor_value(taken->actor);
      }
      break;
    case machine::k_slot_error:
      if (occurrence_ != nullptr && occurrence_->ended != nullptr &&
          occurrence_->ended->has_error) {
        return to_value(occurrence_->ended->error);
      }
      break;
    case machine::k_slot_index:
      if (occurrence_ != nullptr && occurrence_->ended != nullptr &&
          occurrence_->ended->index >= 0) {
        return Value::integer(occurrence_->ended->index);
      }
      break;
    case machine::k_slot_invoked: return invoked_value(run_);
    case machine::k_slot_now: return Value::timestamp(run_.now);
    case machine::k_slot_instance: return instance_value(run_.next);
    case machine::k_slot_instance_id: return Value::string(run_.next.id.text());
    case machine::k_slot_instance_key: return Value::string(run_.next.key);
    default: break;
  }
  exists = false;
  return Value();
}

const Value* Activation::variable(expr::Slot slot) const {
  const Ended* ended = occurrence_ != nullptr ? occurrence_->ended.get() : nullptr;
  switch (slot) {
    case machine::k_slot_event_data: return nullptr;  // shown while there is one
    case machine::k_slot_each: return local.each;
    case machine::k_slot_result:
      if (local.result != nullptr) return local.result;
      return ended != nullptr && ended->has_result ? &ended->result : nullptr;
    case machine::k_slot_item:
      if (local.item != nullptr) return local.item;
      return ended != nullptr && ended->index >= 0 ? &ended->item : nullptr;
    case machine::k_slot_index:
      if (local.index != nullptr) return local.index;
      break;
    case machine::k_slot_actor:
      if (local.actor != nullptr) return local.actor;
      break;
    default: break;
  }
  return slot < machine::k_slots ? cached(slot) : nullptr;
}

bool Activation::in_state(std::string_view path) const {
  const StateIndex state = run_.machine.find_state(path);
  return state != machine::k_no_state && run_.next.is_active(state);
}

}  // namespace vozex::stepping
