// SPDX-License-Identifier: Apache-2.0
#include "engine/machine/event_activation.h"

#include "engine/machine/scope.h"

namespace vozex::machine {
namespace {

using types::Value;

const Value* text_in(std::optional<Value>& place, const std::string& text) {
  if (!place) place = Value::string(text);
  return &*place;
}

}  // namespace

Value event_value(const Event& event) {
  return Value::object({{"data", event.data},
                        {"id", Value::string(event.id)},
                        {"name", Value::string(event.name)},
                        {"source", Value::string(event.source)},
                        {"time", Value::timestamp(event.time)}});
}

EventActivation::EventActivation(const Event& event, const Value& config, Timestamp now)
    : event_(event),
      config_(config),
      now_(Value::timestamp(now)),
      time_(Value::timestamp(event.time)) {}

const Value* EventActivation::variable(expr::Slot slot) const {
  switch (slot) {
    case k_slot_event:
      if (!whole_) whole_ = event_value(event_);
      return &*whole_;
    case k_slot_event_data: return &event_.data;
    case k_slot_event_time: return &time_;
    case k_slot_event_id: return text_in(texts_[0], event_.id);
    case k_slot_event_name: return text_in(texts_[1], event_.name);
    case k_slot_event_source: return text_in(texts_[2], event_.source);
    case k_slot_config: return &config_;
    case k_slot_now: return &now_;
    default: return nullptr;
  }
}

}  // namespace vozex::machine
