// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "adapters/payments/ledger.h"

namespace vozex::payments {
namespace {

// authorised, captured, refunded, disputed, charged back, the last attempt.
TEST(Ledger, TheStandingFollowsFromTheAmounts) {
  const struct {
    Ledger amounts;
    Standing standing;
  } rows[] = {
      {{}, Standing::none},
      {{0, 0, 0, 0, 0, Attempt::pending}, Standing::pending},
      {{0, 0, 0, 0, 0, Attempt::failed}, Standing::failed},
      {{0, 0, 0, 0, 0, Attempt::cancelled}, Standing::cancelled},
      {{4900, 0, 0, 0, 0, Attempt::pending}, Standing::authorised},
      {{0, 4900, 0, 0, 0, Attempt::none}, Standing::captured},
      {{0, 4900, 0, 0, 0, Attempt::failed}, Standing::captured},  // money wins over words
      {{0, 4900, 1000, 0, 0, Attempt::none}, Standing::partially_refunded},
      {{0, 4900, 4900, 0, 0, Attempt::none}, Standing::refunded},
      {{0, 4900, 1000, 3900, 0, Attempt::none}, Standing::disputed},
      {{0, 4900, 0, 400, 400, Attempt::none}, Standing::disputed},  // one lost, one open
      {{0, 4900, 1000, 0, 3900, Attempt::none}, Standing::charged_back},
  };
  for (const auto& row : rows)
    EXPECT_STREQ(to_string(row.amounts.standing()), to_string(row.standing));
}

}  // namespace
}  // namespace vozex::payments
