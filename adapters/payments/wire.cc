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

Value money_value(const Money& money) {
  return Value::object(
      {{"minor", Value::integer(money.minor)}, {"currency", Value::string(money.currency)}});
}

Facts& Facts::text(std::string name, std::string_view value) {
  return value.empty() ? *this : this->value(std::move(name), Value::string(std::string(value)));
}

Facts& Facts::moment(std::string name, std::string_view value) {
  return parse_timestamp(value) ? text(std::move(name), value) : *this;
}

Facts& Facts::number(std::string name, std::optional<std::int64_t> value) {
  return value ? this->value(std::move(name), Value::integer(*value)) : *this;
}

Facts& Facts::flag(std::string name, bool value) {
  return this->value(std::move(name), Value::boolean(value));
}

Facts& Facts::money(std::string name,
                    std::optional<std::int64_t> minor,
                    std::string_view currency) {
  if (!minor || currency.empty()) return *this;
  return value(std::move(name), money_value({*minor, upper_currency(currency)}));
}

Facts& Facts::value(std::string name, Value value) {
  entries_.push_back({Value::string(std::move(name)), std::move(value)});
  return *this;
}

Value Facts::done() { return Value::map(std::move(entries_)); }

}  // namespace vozex::payments
