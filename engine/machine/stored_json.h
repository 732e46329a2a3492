// SPDX-License-Identifier: Apache-2.0
//
// JSON that this process or one like it wrote into a store. What goes in is bounded where it is
// decided (types/depth.h, k_max_data_bytes); here only a store that lies is bounded, generously: a
// row is larger and deeper than the values in it, since it holds many and marks kinds that JSON
// lacks.
#pragma once

#include <string_view>

#include "engine/types/json.h"

namespace vozex::machine {

inline constexpr types::JsonLimits k_stored_limits{.max_bytes = 256u << 20, .max_depth = 512};

inline Result<types::Value> parse_stored(std::string_view text) {
  return types::parse_json(text, k_stored_limits);
}

}  // namespace vozex::machine
