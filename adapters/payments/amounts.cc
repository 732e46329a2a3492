// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/amounts.h"

#include <algorithm>

#include "adapters/payments/wire.h"
#include "engine/types/currency.h"

namespace vozex::payments {
namespace {

bool is_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

int currency_exponent(std::string_view currency) {
  return types::currency_exponent(upper_currency(currency)).value_or(2);
}

std::optional<std::int64_t> parse_decimal(std::string_view text, int exponent) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  std::string_view fraction;
  if (point != std::string_view::npos) {
    fraction = text.substr(point + 1);
    if (fraction.empty()) return std::nullopt;
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  if (!is_digits(whole) || !is_digits(fraction)) return std::nullopt;
  const auto places = static_cast<std::size_t>(exponent);
  if (fraction.size() > places) {
    if (fraction.find_first_not_of('0', places) != std::string_view::npos) return std::nullopt;
    fraction = fraction.substr(0, places);
  }
  std::string digits = std::string(whole) + std::string(fraction);
  digits.append(places - fraction.size(), '0');
  std::int64_t minor = 0;
  for (const char digit : digits) {
    const std::int64_t step = negative ? -(digit - '0') : digit - '0';
    if (__builtin_mul_overflow(minor, std::int64_t{10}, &minor) ||
        __builtin_add_overflow(minor, step, &minor))
      return std::nullopt;
  }
  return minor;
}

std::string format_decimal(std::int64_t minor, int exponent) {
  std::string digits = std::to_string(minor);
  const bool negative = digits.front() == '-';
  if (negative) digits.erase(0, 1);
  const auto places = static_cast<std::size_t>(exponent);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, 1, '.');
  return (negative ? "-" : "") + digits;
}

}  // namespace vozex::payments
