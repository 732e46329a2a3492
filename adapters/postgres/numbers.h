// SPDX-License-Identifier: Apache-2.0
//
// How commits number what they write, and what rows are found by (migrations/postgres, commit_v1).
#pragma once

#include <cstdint>
#include <string>

#include "engine/ports/lane_store.h"

namespace vozex::postgres {

// What a write does to the row of its instance, as commits number it.
enum class InstanceOp : std::int16_t {
  insert = 1,
  update = 2,
  end = 3,
  update_ended = 4,
  insert_ended = 5,
};
InstanceOp op_of(const ports::InstanceWrite& write);
std::int16_t number_of(ports::CallOp op);
// The call is its session's from now on.
bool takes_lease(const ports::CallWrite& write);
// Joined by unit separators.
std::string joined_roles(const ports::TaskRow& row);
// PostgreSQL has no unsigned numbers.
inline std::int32_t signed_bits(std::uint32_t value) { return static_cast<std::int32_t>(value); }
// Marks have the shard of their own bytes.
inline Shard shard_of_mark(const MarkId& mark) { return mark.bytes[15]; }

}  // namespace vozex::postgres
