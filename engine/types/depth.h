// SPDX-License-Identifier: Apache-2.0
//
// How deep values may be nested: as deep as JSON from outside may be (JsonLimits), so that whatever
// is computed can be stored, sent and read again. Tests: tests/unit/types/value_test.cc.
#pragma once

#include <cstddef>

#include "engine/types/value.h"

namespace vozex::types {

inline constexpr std::size_t k_max_value_depth = 64;

// Whether lists, maps and optionals stand in each other in more than `levels` levels; looks no
// deeper than that.
bool is_deeper_than(const Value& value, std::size_t levels);

}  // namespace vozex::types
