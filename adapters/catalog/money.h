// SPDX-License-Identifier: Apache-2.0
//
// Parts of amounts, exactly: integers of the minor unit, never floating point. Every percentage is
// rounded half up (away from zero at one half), the one rule of prices here. What several things
// share is dealt out by largest remainder, so that the shares make the whole. Thread rule: pure.
// Tests: tests/unit/catalog/money_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vozex::catalog {

// Beyond this no amount of an item goes: the sum of many still fits 64 bits.
inline constexpr std::int64_t k_max_amount = 10'000'000'000'000'000;

// amount * part / whole, half up; `whole` > 0, |amount| <= k_max_amount, 0 <= part <= 10 * whole.
std::int64_t share_of(std::int64_t amount, std::int64_t part, std::int64_t whole);
inline std::int64_t percent_of(std::int64_t amount, std::int64_t percent) {
  return share_of(amount, percent, 100);
}

// `total` >= 0 dealt out in proportion to weights >= 0; the sum is `total`. No weight at all: the
// first gets everything. Equal remainders: the earlier one is served first.
std::vector<std::int64_t> deal_out(std::int64_t total, const std::vector<std::int64_t>& weights);

// "49.00 USD", "700 JPY".
std::string money_text(std::int64_t minor, std::string_view currency);

}  // namespace vozex::catalog
