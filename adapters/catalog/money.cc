// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/money.h"

#include <algorithm>
#include <numeric>

#include "adapters/payments/amounts.h"
#include "engine/base/assert.h"

namespace vozex::catalog {
namespace {

__extension__ using Wide = __int128;

}  // namespace

std::int64_t share_of(std::int64_t amount, std::int64_t part, std::int64_t whole) {
  VOZEX_ASSERT(whole > 0 && part >= 0 && part <= 10 * whole);
  VOZEX_ASSERT(amount >= -k_max_amount && amount <= k_max_amount);
  const Wide product = Wide{amount} * part;
  const Wide twice = product < 0 ? -2 * product : 2 * product;
  const auto rounded = static_cast<std::int64_t>((twice + whole) / (2 * Wide{whole}));
  return product < 0 ? -rounded : rounded;
}

std::vector<std::int64_t> deal_out(std::int64_t total, const std::vector<std::int64_t>& weights) {
  VOZEX_ASSERT(total >= 0 && total <= k_max_amount);
  std::vector<std::int64_t> shares(weights.size(), 0);
  if (weights.empty()) return shares;
  Wide sum = 0;
  for (const std::int64_t weight : weights) sum += weight;
  if (sum == 0) {
    shares[0] = total;
    return shares;
  }
  std::vector<Wide> remainders(weights.size());
  std::int64_t left = total;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const Wide exact = Wide{total} * weights[i];
    shares[i] = static_cast<std::int64_t>(exact / sum);
    remainders[i] = exact % sum;
    left -= shares[i];
  }
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return remainders[a] > remainders[b];
  });
  for (std::size_t i = 0; left > 0; ++i, --left) ++shares[order[i]];
  return shares;
}

std::string money_text(std::int64_t minor, std::string_view currency) {
  return payments::format_decimal(minor, payments::currency_exponent(currency)) + " " +
         std::string(currency);
}

}  // namespace vozex::catalog
