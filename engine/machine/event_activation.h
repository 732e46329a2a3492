// SPDX-License-Identifier: Apache-2.0
//
// EventActivation: what match forms and start rules see of an event before it has found an
// instance: `event`, `config` and `now`. Values are made when they are asked for. The event and the
// config must outlive it. Thread rule: plain value, one thread. Tests: tests/unit/runtime,
// tests/unit/lab.
#pragma once

#include <array>
#include <optional>

#include "engine/expr/expr.h"
#include "engine/machine/event.h"

namespace vozex::machine {

// `event` as expressions see it, without `form`.
types::Value event_value(const Event& event);

class EventActivation final : public expr::Activation {
 public:
  EventActivation(const Event& event, const types::Value& config, Timestamp now);

  const types::Value* variable(expr::Slot slot) const override;
  bool in_state(std::string_view) const override { return false; }

 private:
  const Event& event_;
  const types::Value& config_;
  const types::Value now_;
  const types::Value time_;
  mutable std::optional<types::Value> whole_;
  mutable std::array<std::optional<types::Value>, 3> texts_;  // id, name, source
};

}  // namespace vozex::machine
