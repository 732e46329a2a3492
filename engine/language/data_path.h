// SPDX-License-Identifier: Apache-2.0
//
// The left side of `set`: "captures[event.data.gateway_ref]", "lines[0].status", typed against
// data.
#pragma once

#include <optional>
#include <vector>

#include "engine/language/unit.h"

namespace vozex::language {

struct DataPath {
  std::vector<machine::PathStep> steps;
  types::TypeRef type;     // declared type of the place
  bool removable = false;  // null removes it: an optional, or an entry of a map
};

std::optional<DataPath> compile_path(Unit& unit, const Node& key, const Place& place);

}  // namespace vozex::language
