// SPDX-License-Identifier: Apache-2.0
//
// JSON Schema 2020-12 of a type: never written by hand, so it can't differ from what validate.h
// accepts from outside. Two things JSON Schema can't say are left to validate(): whole doubles
// beyond int64, and the strings that stand for NaN and the infinities. Tests: tests/unit/types.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/types/type.h"
#include "engine/types/validate.h"
#include "engine/types/value.h"

namespace vozex::types {

// Named types met so far, by name; they refer to each other as `prefix` + name, so that the same
// types can live under "$defs" of a schema or under "components/schemas" of an OpenAPI document.
struct SchemaDefinitions {
  std::string prefix = "#/$defs/";
  std::map<std::string, Value, std::less<>> named{};
};

// The schema of one type; what it names is added to `definitions`.
Value schema_of(const Type& type, SchemaDefinitions& definitions, Unknown unknown = Unknown::drop);

// A whole document with "$schema" and "$defs"; `title` may be empty. With Unknown::refuse, fields
// that nobody declared are errors, as in an author's own file.
Value json_schema(const Type& type, std::string_view title = "", Unknown unknown = Unknown::drop);

}  // namespace vozex::types
