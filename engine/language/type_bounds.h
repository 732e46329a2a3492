// SPDX-License-Identifier: Apache-2.0
//
// How large a type becomes when all names in it are written out. A few lines can name each other so
// that this doubles with each line; whatever walks types (comparison, validation, schemas) relies
// on these bounds.
#pragma once

#include <cstddef>
#include <map>

#include "engine/types/type.h"

namespace vozex::language {

inline constexpr std::size_t k_max_type_size = 10'000;
inline constexpr std::size_t k_max_type_depth = 32;

struct TypeExtent {
  std::size_t size = 1;  // parts, counted each time they are named
  std::size_t depth = 1;
};

inline bool is_too_large(const TypeExtent& extent) {
  return extent.size > k_max_type_size || extent.depth > k_max_type_depth;
}

class TypeBounds {
 public:
  // Named types must stay alive as long as this: they are measured once.
  TypeExtent measure(const types::Type& type);

 private:
  std::map<const types::Type*, TypeExtent> known_;
};

}  // namespace vozex::language
