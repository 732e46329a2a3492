// SPDX-License-Identifier: Apache-2.0
//
// Refusal: why nobody took an event, in values: what the guards that were considered looked at.
// Pure. Tests: tests/unit/runtime.
#pragma once

#include <vector>

#include "engine/machine/effect.h"
#include "engine/machine/event.h"
#include "engine/machine/snapshot.h"

namespace vozex::runtime {

inline constexpr std::size_t k_max_seen_values = 32;

// {path: value} of each `data.`, `input.` and `event.` path that stands in a guard's source, in
// order of appearance; paths without a value are null. At most k_max_seen_values.
types::Value guard_values(const std::vector<machine::Considered>& considered,
                          const machine::Snapshot& snapshot,
                          const machine::Event& event);

}  // namespace vozex::runtime
