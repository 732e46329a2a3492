// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/stripe/stripe_amounts.h"

#include "adapters/payments/wire.h"

namespace vozex::payments {
namespace {

constexpr std::int64_t k_hundred = 100;

std::optional<std::int64_t> times_hundred(std::int64_t amount) {
  std::int64_t out = 0;
  if (__builtin_mul_overflow(amount, k_hundred, &out)) return std::nullopt;
  return out;
}

std::optional<std::int64_t> by_hundred(std::int64_t amount) {
  if (amount % k_hundred != 0) return std::nullopt;
  return amount / k_hundred;
}

}  // namespace

std::optional<std::int64_t> to_stripe(std::int64_t minor, std::string_view currency) {
  const auto code = upper_currency(currency);
  if (code == "ISK" || code == "UGX") return times_hundred(minor);
  if (code == "MGA") return by_hundred(minor);
  return minor;
}

std::optional<std::int64_t> from_stripe(std::optional<std::int64_t> amount,
                                        std::string_view currency) {
  if (!amount) return std::nullopt;
  const auto code = upper_currency(currency);
  if (code == "ISK" || code == "UGX") return by_hundred(*amount);
  if (code == "MGA") return times_hundred(*amount);
  return amount;
}

}  // namespace vozex::payments
