// SPDX-License-Identifier: Apache-2.0
#include "engine/types/storable.h"

#include <algorithm>

namespace vozex::types {
namespace {

constexpr std::string_view k_replacement = "\xEF\xBF\xBD";  // U+FFFD

Value replaced(const Value& value) {
  if (value.is_string()) return Value::string(storable(value.as_string()));
  if (value.is_list()) {
    Value::List items;
    for (const Value& item : value.as_list()) items.push_back(replaced(item));
    return Value::list(std::move(items));
  }
  if (!value.is_map()) return value;
  Value::Map entries;
  for (const auto& [name, member] : value.as_map())
    entries.push_back({replaced(name), replaced(member)});
  return Value::map(std::move(entries));
}

}  // namespace

bool is_storable(std::string_view text) { return text.find('\0') == std::string_view::npos; }

std::string storable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\0') {
      out += k_replacement;
    } else {
      out += c;
    }
  }
  return out;
}

bool is_storable(const Value& value) {
  if (value.is_string()) return is_storable(std::string_view(value.as_string()));
  if (value.is_list()) {
    const Value::List& items = value.as_list();
    return std::all_of(
        items.begin(), items.end(), [](const Value& item) { return is_storable(item); });
  }
  if (!value.is_map()) return true;
  const Value::Map& entries = value.as_map();
  return std::all_of(entries.begin(), entries.end(), [](const auto& entry) {
    return is_storable(entry.key) && is_storable(entry.value);
  });
}

Value storable(Value value) {
  if (is_storable(value)) return value;
  return replaced(value);
}

}  // namespace vozex::types
