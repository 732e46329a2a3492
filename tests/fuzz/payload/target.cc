// SPDX-License-Identifier: Apache-2.0
// JSON from outside, and its validation against every kind of type. What is read prints as text
// that reads as the same; what validates validates again and stays the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types/json.h"
#include "engine/types/notation.h"
#include "engine/types/validate.h"

namespace {

using namespace vozex;
using types::TypeRef;

TypeRef read(const char* text, const TypeRef& inner = nullptr) {
  const auto type = types::parse_type(
      text, [&](std::string_view name) { return name == "inner" ? inner : nullptr; });
  if (!type) std::abort();
  return *type;
}

types::Field field(const char* name, TypeRef type) {
  types::Field field;
  field.name = name;
  field.type = std::move(type);
  return field;
}

TypeRef everything() {
  const TypeRef inner = types::object_of(
      {field("id", read("string")), field("note", read("optional<string>"))}, "inner");
  std::vector<types::Field> fields;
  for (const char* kind : {"string",
                           "int",
                           "double",
                           "bool",
                           "timestamp",
                           "duration",
                           "json",
                           "money",
                           "list<int>",
                           "map<string>",
                           "enum(a|b)",
                           "optional<int>",
                           "list<inner>",
                           "map<list<inner>>"}) {
    fields.push_back(field(kind, types::optional_of(read(kind, inner))));
  }
  return types::object_of(std::move(fields), "everything");
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TypeRef k_everything = everything();
  const auto value = types::parse_json({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  const std::string text = types::to_json(*value);
  const auto again = types::parse_json(text, {64u << 20, 64});
  require(again.has_value() && types::to_json(*again) == text);
  (void)types::to_pretty_json(*value);
  const auto valid = types::validate(*value, *k_everything);
  if (!valid) {
    require(!valid.error().empty() && valid.error().size() <= types::k_max_faults);
    (void)types::describe(valid.error());
    return 0;
  }
  const auto twice = types::validate(*valid, *k_everything);
  require(twice.has_value() && *twice == *valid);
  (void)types::validate(*value, *k_everything, types::Unknown::refuse);
  return 0;
}
