// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/wire.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>

#include "engine/base/time.h"

namespace vozex::payments {

using types::Kind;
using types::Value;

std::optional<std::int64_t> int_at(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  if (member == nullptr) return std::nullopt;
  if (member->kind() == Kind::integer) return member->as_integer();
  if (!member->is_string()) return std::nullopt;
  const std::string& text = member->as_string();
  std::int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool true_at(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  return member != nullptr && member->kind() == Kind::boolean && member->as_boolean();
}

Value map_at(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  return member != nullptr && member->is_map() ? *member : Value::map({});
}

Value::List list_at(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  return member != nullptr && member->is_list() ? member->as_list() : Value::List{};
}

std::string upper_currency(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return static_cast<char>(std::toupper(c));
  });
  return out;
}

}  // namespace vozex::payments
