// SPDX-License-Identifier: Apache-2.0
// Values without parts, and money.
#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/base64.h"
#include "engine/base/text.h"
#include "engine/types/constraints.h"
#include "engine/types/json.h"
#include "engine/types/time_text.h"
#include "engine/types/validator.h"

namespace vozex::types {
namespace {

constexpr std::size_t k_max_named_options = 12;  // options of an enumeration in a message

std::optional<std::int64_t> whole_number(const Value& value) {
  constexpr std::int64_t k_max = std::numeric_limits<std::int64_t>::max();
  switch (value.kind()) {
    case Kind::integer: return value.as_integer();
    case Kind::uint:
      if (value.as_uint() > static_cast<std::uint64_t>(k_max)) return std::nullopt;
      return static_cast<std::int64_t>(value.as_uint());
    case Kind::real: {
      const double number = value.as_real();
      // -2^63 is a double, 2^63 - 1 is not; a NaN fails the first comparison.
      const bool fits = number >= -9223372036854775808.0 && number < 9223372036854775808.0;
      if (!fits || std::trunc(number) != number) return std::nullopt;
      return static_cast<std::int64_t>(number);
    }
    case Kind::null:
    case Kind::boolean:
    case Kind::string:
    case Kind::bytes:
    case Kind::timestamp:
    case Kind::duration:
    case Kind::list:
    case Kind::map:
    case Kind::optional:
    case Kind::type: return std::nullopt;
  }
  return std::nullopt;
}

std::optional<double> real_number(const Value& value) {
  if (value.kind() == Kind::real) return value.as_real();
  if (value.kind() == Kind::integer) return static_cast<double>(value.as_integer());
  if (value.kind() == Kind::uint) return static_cast<double>(value.as_uint());
  if (value.kind() != Kind::string) return std::nullopt;
  // How JSON carries them; see json.h.
  const std::string& text = value.as_string();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

bool is_currency(const Value& value) {
  if (!value.is_string() || value.as_string().size() != 3) return false;
  const std::string& code = value.as_string();
  return std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

Changed Validator::same_kind(const Value& given, Kind kind, const Type& type, const Place& place) {
  if (given.kind() != kind) return mismatch(given, type, place);
  return std::nullopt;
}

Changed Validator::check_integer(const Value& given, const Type& type, const Place& place) {
  const auto number = whole_number(given);
  if (!number) return mismatch(given, type, place);
  const Value result = Value::integer(*number);
  check_bounds(result, type, place);
  return given.kind() == Kind::integer ? Changed() : Changed(result);
}

Changed Validator::check_uint(const Value& given, const Type& type, const Place& place) {
  if (given.kind() == Kind::uint) {
    check_bounds(given, type, place);
    return std::nullopt;
  }
  const auto number = whole_number(given);
  if (!number || *number < 0) return mismatch(given, type, place);
  Value result = Value::uint(static_cast<std::uint64_t>(*number));
  check_bounds(result, type, place);
  return result;
}

Changed Validator::check_real(const Value& given, const Type& type, const Place& place) {
  const auto number = real_number(given);
  if (!number) return mismatch(given, type, place);
  const Value result = Value::real(*number);
  check_bounds(result, type, place);
  return given.kind() == Kind::real ? Changed() : Changed(result);
}

Changed Validator::check_string(const Value& given, const Type& type, const Place& place) {
  if (!given.is_string()) return mismatch(given, type, place);
  const std::string& text = given.as_string();
  const Constraints& rules = type.constraints;
  if (rules.min_length || rules.max_length) {
    check_length(code_points(text), "characters", type, place);
  }
  if (rules.pattern.empty() && rules.format.empty()) return std::nullopt;
  // What a secret holds is never repeated.
  const std::string came = type.kind == TypeKind::secret ? "what came" : quoted(text);
  if (!rules.pattern.empty() && !matches_pattern(text, rules.pattern)) {
    fault(place, "expected text that matches " + rules.pattern + " as a whole, got " + came);
  }
  if (!rules.format.empty() && !matches_format(text, rules.format)) {
    fault(place, "expected " + rules.format + ", got " + came);
  }
  return std::nullopt;
}

Changed Validator::check_bytes(const Value& given, const Type& type, const Place& place) {
  Changed changed;
  if (given.is_string()) {
    auto octets = parse_base64(given.as_string());
    if (!octets) return mismatch(given, type, place);
    changed = Value::bytes(std::move(*octets));
  } else if (given.kind() != Kind::bytes) {
    return mismatch(given, type, place);
  }
  check_length((changed ? *changed : given).as_string().size(), "bytes", type, place);
  return changed;
}

Changed Validator::check_timestamp(const Value& given, const Type& type, const Place& place) {
  if (given.kind() == Kind::timestamp) return std::nullopt;
  if (given.is_string()) {
    if (const auto at = parse_timestamp_text(given.as_string())) return Value::timestamp(*at);
  }
  return mismatch(given, type, place);
}

Changed Validator::check_duration(const Value& given, const Type& type, const Place& place) {
  if (given.kind() == Kind::duration) return std::nullopt;
  if (given.is_string()) {
    if (const auto length = parse_duration_text(given.as_string())) {
      return Value::duration(*length);
    }
  }
  return mismatch(given, type, place);
}

Changed Validator::check_money(const Value& given, const Type& type, const Place& place) {
  if (!given.is_map()) return mismatch(given, type, place);
  const Place minor_place{&place, "minor"};
  const Place currency_place{&place, "currency"};
  const Value* minor = given.find("minor");
  const Value* currency = given.find("currency");
  Changed changed;
  if (minor == nullptr) {
    fault(minor_place, "this member of money is required (int, in minor units)");
  } else {
    Type amount;
    amount.kind = TypeKind::integer;
    amount.constraints.min = type.constraints.min;
    amount.constraints.max = type.constraints.max;
    if (auto whole = check(*minor, amount, minor_place)) changed = given.with("minor", *whole);
  }
  if (currency == nullptr) {
    fault(currency_place, "this member of money is required (ISO 4217 code)");
  } else if (!is_currency(*currency)) {
    fault(currency_place,
          "expected an ISO 4217 code of three capital letters, got " + what_came(*currency));
  }
  for (const Value::MapEntry& entry : given.as_map()) {
    const std::string name = key_text(entry.key);
    if (name == "minor" || name == "currency") continue;
    fault(Place{&place, name}, "money has no member of this name; it is {minor, currency}");
  }
  return changed;
}

Changed Validator::check_enumeration(const Value& given, const Type& type, const Place& place) {
  if (!given.is_string()) return mismatch(given, type, place);
  const std::string& word = given.as_string();
  const auto& options = type.options;
  if (std::find(options.begin(), options.end(), word) != options.end()) return std::nullopt;
  std::string message = "expected ";
  if (options.size() <= k_max_named_options) {
    message += join_or(options);
  } else {
    message += "one of " + std::to_string(options.size()) + " options";
  }
  message += ", got string " + quoted(word);
  const auto meant = nearest(std::string_view(word).substr(0, k_max_quoted), options);
  if (meant) message += "; did you mean " + *meant + "?";
  fault(place, std::move(message));
  return std::nullopt;
}

void Validator::check_bounds(const Value& number, const Type& type, const Place& place) {
  const Constraints& rules = type.constraints;
  // compare() is exact across int and double; a NaN fits no bound.
  if (rules.min && compare(number, Value::real(*rules.min)).value_or(-1) < 0) {
    fault(place, "expected at least " + number_text(*rules.min) + ", got " + to_json(number));
  }
  if (rules.max && compare(number, Value::real(*rules.max)).value_or(1) > 0) {
    fault(place, "expected at most " + number_text(*rules.max) + ", got " + to_json(number));
  }
}

void Validator::check_length(std::size_t length,
                             const char* unit,
                             const Type& type,
                             const Place& place) {
  const Constraints& rules = type.constraints;
  if (rules.min_length && length < *rules.min_length) {
    fault(place,
          "expected at least " + std::to_string(*rules.min_length) + " " + unit + ", got " +
              std::to_string(length));
  }
  if (rules.max_length && length > *rules.max_length) {
    fault(place,
          "expected at most " + std::to_string(*rules.max_length) + " " + unit + ", got " +
              std::to_string(length));
  }
}

}  // namespace vozex::types
