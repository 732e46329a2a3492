// SPDX-License-Identifier: Apache-2.0
//
// How values of one declared shape fare as another: the differences of two object types, field by
// field, at any depth. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/types/type.h"

namespace vozex::lab {

enum class FieldChange : std::uint8_t {
  added_needed,  // without default, not optional
  added,
  removed,
  narrowed,  // an old value may not fit
  widened,   // each old value fits
};

struct FieldDifference {
  FieldChange change = FieldChange::added;
  std::string name;  // dotted
  std::string text;  // "int -> string"
};

// Null types count as objects without fields.
std::vector<FieldDifference> differences_of(const types::TypeRef& before,
                                            const types::TypeRef& after);

// Whether each value of `before` is one of `after`, constraints included.
bool every_value_fits(const types::Type& after, const types::Type& before);

}  // namespace vozex::lab
