// SPDX-License-Identifier: Apache-2.0
//
// What the programs of a declared operation see. Thread rule: plain values; what is given must
// outlive it.
#pragma once

#include "engine/machine/http_operation.h"

namespace vozex::http {

class CallView final : public expr::Activation {
 public:
  explicit CallView(const types::Value& input, const types::Value* response = nullptr)
      : input_(input), response_(response) {}
  const types::Value* variable(expr::Slot slot) const override {
    if (slot == machine::k_slot_input) return &input_;
    return slot == machine::k_slot_response ? response_ : nullptr;
  }
  bool in_state(std::string_view) const override { return false; }

 private:
  const types::Value& input_;
  const types::Value* response_;
};

// What is in an optional; null for none.
inline types::Value unwrapped(types::Value value) {
  if (value.kind() != types::Kind::optional) return value;
  return value.as_optional() == nullptr ? types::Value() : types::Value(*value.as_optional());
}

}  // namespace vozex::http
