// SPDX-License-Identifier: Apache-2.0
//
// Stripe's integers are minor units with its own exceptions from ISO 4217
// (https://docs.stripe.com/currencies): ISK and UGX are written with two digits, which must be
// zero, MGA with none. Ours are always ISO's. Thread rule: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vozex::payments {

// Ours as Stripe's; nothing when it can't be said there (MGA 1.50, or too large).
std::optional<std::int64_t> to_stripe(std::int64_t minor, std::string_view currency);
// Stripe's as ours; nothing when it isn't whole or too large.
std::optional<std::int64_t> from_stripe(std::optional<std::int64_t> amount,
                                        std::string_view currency);

}  // namespace vozex::payments
