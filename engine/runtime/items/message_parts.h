// SPDX-License-Identifier: Apache-2.0
//
// Parts of the JSON texts that the runtime owns, for who writes and reads them. Internal to
// engine/runtime/items: see messages.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/machine/effect.h"
#include "engine/machine/json_writer.h"
#include "engine/types/json.h"

namespace vozex::runtime::parts {

// Bytes that hold most of these texts.
inline constexpr std::size_t k_usual_text = 512;

inline void write(machine::JsonWriter& json, std::string_view name, std::string_view text) {
  json.name(name);
  json.text(text);
}

inline void write(machine::JsonWriter& json, std::string_view name, const types::Value& value) {
  json.name(name);
  types::append_json(json.raw(), value);
}

inline types::Value text(const std::string& value) { return types::Value::string(value); }

inline types::Value number(std::uint64_t value) {
  return types::Value::integer(static_cast<std::int64_t>(value));
}

inline std::int64_t integer_at(const types::Value& map,
                               std::string_view name,
                               std::int64_t otherwise = 0) {
  const types::Value* value = map.find(name);
  if (value == nullptr || value->kind() != types::Kind::integer) return otherwise;
  return value->as_integer();
}

inline types::Value of_value(const machine::InvocationRef& of) {
  return types::Value::object(
      {{"invoke", text(of.invoke)}, {"entry", number(of.entry)}, {"item", number(of.item)}});
}

inline machine::InvocationRef of_from(const types::Value& value) {
  return {std::string(value.text_at("invoke")),
          static_cast<std::uint32_t>(integer_at(value, "entry")),
          static_cast<std::uint32_t>(integer_at(value, "item"))};
}

}  // namespace vozex::runtime::parts
