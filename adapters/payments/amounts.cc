// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/amounts.h"

#include <algorithm>

#include "adapters/payments/wire.h"

namespace vozex::payments {
namespace {

struct Entry {
  std::string_view currency;
  int exponent;
};

// ISO 4217, list one, 2024-06: those that aren't 2.
constexpr Entry k_exponents[] = {
    {"BHD", 3}, {"BIF", 0}, {"CLF", 4}, {"CLP", 0}, {"DJF", 0}, {"GNF", 0}, {"IQD", 3},
    {"ISK", 0}, {"JOD", 3}, {"JPY", 0}, {"KMF", 0}, {"KRW", 0}, {"KWD", 3}, {"LYD", 3},
    {"OMR", 3}, {"PYG", 0}, {"RWF", 0}, {"TND", 3}, {"UGX", 0}, {"UYI", 0}, {"UYW", 4},
    {"VND", 0}, {"VUV", 0}, {"XAF", 0}, {"XOF", 0}, {"XPF", 0},
};

bool is_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

int currency_exponent(std::string_view currency) {
  const std::string code = upper_currency(currency);
  for (const auto& entry : k_exponents) {
    if (entry.currency == code) return entry.exponent;
  }
  return 2;
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
