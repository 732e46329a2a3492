// SPDX-License-Identifier: Apache-2.0
#include "engine/language/type_bounds.h"

#include <algorithm>

namespace vozex::language {

TypeExtent TypeBounds::measure(const types::Type& type) {
  const auto known = known_.find(&type);
  if (known != known_.end()) return known->second;
  TypeExtent extent;
  const auto add = [&](const types::TypeRef& part) {
    if (part == nullptr) return;
    const TypeExtent inner = measure(*part);
    extent.size = std::min(extent.size + inner.size, k_max_type_size + 1);
    extent.depth = std::max(extent.depth, inner.depth + 1);
  };
  add(type.element);
  add(type.key);
  for (const types::Field& field : type.fields) add(field.type);
  if (!type.name.empty()) known_.emplace(&type, extent);
  return extent;
}

}  // namespace vozex::language
