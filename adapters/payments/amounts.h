// SPDX-License-Identifier: Apache-2.0
//
// Amounts of money as integers of the currency's minor unit (ISO 4217: JPY has none, TND three
// digits), and their decimal text. Exact: what doesn't fit is refused, nothing is rounded, nothing
// is floating point. Thread rule: pure. Tests: tests/unit/payments/amounts_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vozex::payments {

// Digits after the point: 0 to 4; 2 for what no list of currencies has
// (engine/types/currency.h): gateways may know one before we do. Case is ignored.
int currency_exponent(std::string_view currency);

// "10.00" in USD = 1000, "-0.01" = -1, ".5" = 50, "7" in JPY = 7. Nothing for other forms, for
// digits beyond the exponent that aren't zero, and for what doesn't fit 64 bits.
std::optional<std::int64_t> parse_decimal(std::string_view text, int exponent);

// 1000, 2 = "10.00"; 7, 0 = "7".
std::string format_decimal(std::int64_t minor, int exponent);

}  // namespace vozex::payments
