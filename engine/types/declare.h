// SPDX-License-Identifier: Apache-2.0
//
// Object types that C++ declares as data, field by field, in the notation of the language
// (notation.h): what files say under `types:`, for shapes that belong to an adapter. A mistake in a
// declaration is a bug: it aborts. Thread rule: build once, then immutable. Tests:
// tests/unit/types.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "engine/types/type.h"

namespace vozex::types {

struct FieldLine {
  const char* name;
  const char* notation;          // "optional<int>", "list<plan>"
  Constraints constraints = {};  // of what an optional holds
  Value default_value = {};      // null: none
};

class Declarations {
 public:
  // The new object type, by its name known to the lines of later ones.
  TypeRef object(const std::string& name, std::initializer_list<FieldLine> lines);

 private:
  std::map<std::string, TypeRef, std::less<>> named_;
};

}  // namespace vozex::types
