// SPDX-License-Identifier: Apache-2.0
#include "engine/types/object.h"

#include <algorithm>

#include "engine/base/time.h"

namespace vozex::types {

Object& Object::put(std::string_view name, Value value) {
  if (!value.is_null()) entries_.push_back({Value::string(std::string(name)), std::move(value)});
  return *this;
}

Object& Object::text(std::string_view name, std::string_view value) {
  return value.empty() ? *this : put(name, Value::string(std::string(value)));
}

Object& Object::moment(std::string_view name, std::string_view value) {
  return parse_timestamp(value) ? text(name, value) : *this;
}

Object& Object::number(std::string_view name, std::optional<std::int64_t> value) {
  return value ? put(name, Value::integer(*value)) : *this;
}

Object& Object::money(std::string_view name,
                      std::optional<std::int64_t> minor,
                      std::string_view currency) {
  return minor && !currency.empty() ? put(name, money_of(*minor, currency)) : *this;
}

Object& Object::list(std::string_view name, const std::vector<std::string>& texts) {
  return put(name, list_of(texts));
}

Value money_of(std::int64_t minor, std::string_view currency) {
  std::string capitals(currency);
  std::transform(capitals.begin(), capitals.end(), capitals.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return Value::object({{"minor", Value::integer(minor)}, {"currency", Value::string(capitals)}});
}

Value list_of(const std::vector<std::string>& texts) {
  Value::List list;
  for (const std::string& text : texts) list.push_back(Value::string(text));
  return Value::list(std::move(list));
}

}  // namespace vozex::types
