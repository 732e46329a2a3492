// SPDX-License-Identifier: Apache-2.0
#include "engine/types/depth.h"

#include <algorithm>

namespace vozex::types {

bool is_deeper_than(const Value& value, std::size_t levels) {
  const auto inner = [levels](const Value& part) { return is_deeper_than(part, levels - 1); };
  if (value.kind() == Kind::optional) {
    if (value.as_optional() == nullptr) return false;
    return levels == 0 || inner(*value.as_optional());
  }
  if (value.is_list()) {
    return levels == 0 || std::any_of(value.as_list().begin(), value.as_list().end(), inner);
  }
  if (!value.is_map()) return false;
  return levels == 0 ||
         std::any_of(value.as_map().begin(),
                     value.as_map().end(),
                     [&](const Value::MapEntry& entry) { return inner(entry.value); });
}

}  // namespace vozex::types
