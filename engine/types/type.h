// SPDX-License-Identifier: Apache-2.0
//
// Type: what a value may be. One immutable description serves the compile-time checker of
// expressions, the validation of payloads at the door (validate.h), defaults, and JSON Schema.
// Notation (notation.h): `string int double bool timestamp duration json money secret`, `list<T>`,
// `map<T>`, `enum(a|b)`, `optional<T>`, and names declared under `types:`. Types are compared by
// structure. Thread rule: immutable. Specification: docs/language/types.md. Tests:
// tests/unit/types.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types/value.h"

namespace vozex::types {

enum class TypeKind : std::uint8_t {
  dyn,  // anything: `json` in the notation, and whatever nobody declared
  null,
  boolean,
  integer,
  uint,
  real,
  string,
  bytes,
  timestamp,
  duration,
  money,        // {minor: int, currency: ISO 4217 string}
  secret,       // a handle into the vault; a string that no expression may read
  enumeration,  // one of `options`; a string to expressions
  list,         // of `element`
  map,          // of `key` (string in declared types) to `element`
  object,       // of `fields`
  optional,     // `element` or absent
  type,         // CEL's type of types
  nothing,  // the type of an expression that already failed to check: fits everything, reports no
            // more
};

struct Type;
using TypeRef = std::shared_ptr<const Type>;

// A field of an object, or a declared member of input, data, event data.
struct Field {
  std::string name;
  TypeRef type;
  std::optional<Value>
      default_value;         // a literal; defaults that are expressions belong to the machine
  bool has_default = false;  // also when the default is an expression
  std::string doc;
};

// Constraints of the long form; each applies to the kinds it can apply to.
struct Constraints {
  std::optional<double> min{};
  std::optional<double> max{};
  std::optional<std::uint32_t> min_length{};  // code points of a string, elements of a list or map
  std::optional<std::uint32_t> max_length{};
  std::string pattern{};  // RE2, must match as a whole
  std::string format{};   // email, uri, uuid, date, date-time, hostname, ipv4, ipv6

  bool operator==(const Constraints&) const = default;
};

struct Type {
  TypeKind kind = TypeKind::dyn;
  std::string name;                  // of a named type, else empty
  std::vector<std::string> options;  // enumeration
  TypeRef key;                       // map
  TypeRef element;                   // list, map, optional
  std::vector<Field> fields;         // object, in declaration order
  Constraints constraints;
};

// Shared instances and constructors.
TypeRef dyn_type();
TypeRef simple_type(TypeKind kind);  // any kind without parts
TypeRef list_of(TypeRef element);
TypeRef map_of(TypeRef element);  // string keys
TypeRef map_of(TypeRef key, TypeRef element);
TypeRef optional_of(TypeRef element);
TypeRef enum_of(std::vector<std::string> options);
TypeRef object_of(std::vector<Field> fields, std::string name = "");

const Field* find_field(const Type& object, std::string_view name);

// As an author would write it: "list<enum(a|b)>", a named type by its name.
std::string to_string(const Type& type);

bool equal(const Type& a, const Type& b);

// Whether every value of `from` may stand where `to` is wanted, as far as types can tell (dyn fits
// both ways; an enumeration fits string; string fits an enumeration only as dyn does: checked when
// it runs).
bool assignable(const Type& to, const Type& from);

}  // namespace vozex::types
