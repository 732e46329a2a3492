// SPDX-License-Identifier: Apache-2.0
//
// Activation: the values that expressions see during a step (slots: machine/scope.h), built when
// first asked for. Points into the Run that owns it.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/expr/expr.h"
#include "engine/machine/scope.h"
#include "engine/types/value.h"

namespace vozex::stepping {

struct Run;
struct Occurrence;

class Activation final : public expr::Activation {
 public:
  explicit Activation(const Run& run);
  ~Activation() override { drop(~0u); }
  Activation(const Activation&) = delete;
  Activation& operator=(const Activation&) = delete;

  const types::Value* variable(expr::Slot slot) const override;
  bool in_state(std::string_view path) const override;

  // What `event`, `result`, `error`, the loop variable and `index` of a transition show; nullptr:
  // nothing.
  void set_occurrence(const Occurrence* occurrence);
  const Occurrence* occurrence() const { return occurrence_; }

  // Values that stand while one expression list is evaluated; nullptr: none. The caller keeps them
  // alive.
  struct Local {
    const types::Value* item = nullptr;
    const types::Value* index = nullptr;
    const types::Value* each = nullptr;
    const types::Value* result = nullptr;
    const types::Value* actor = nullptr;
  };
  Local local;

  // What the slot shows has changed: it is built again when asked for.
  void forget(expr::Slot slot) { drop(1u << slot); }

 private:
  // A value that is made when it is asked for; its bit says whether it was.
  union Cell {
    Cell() {}   // NOLINT: no value yet
    ~Cell() {}  // NOLINT: drop() does it
    types::Value value;
  };

  types::Value build(expr::Slot slot, bool& exists) const;
  const types::Value* cached(expr::Slot slot) const;
  void drop(std::uint32_t slots) {
    for (std::uint32_t bits = built_ & slots; bits != 0; bits &= bits - 1)
      std::destroy_at(&cells_[__builtin_ctz(bits)].value);
    built_ &= ~slots;
  }

  const Run& run_;
  const Occurrence* occurrence_ = nullptr;
  mutable Cell cells_[machine::k_slots];
  mutable std::uint32_t built_ = 0;   // bit per slot: its cell holds a value
  mutable std::uint32_t absent_ = 0;  // built, and there is nothing
};

}  // namespace vozex::stepping
