// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/money.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <numeric>

namespace vozex::catalog {
namespace {

using ::testing::ElementsAre;

TEST(Money, PercentagesAreRoundedHalfUp) {
  EXPECT_EQ(percent_of(102, 20), 20);  // 20.4
  EXPECT_EQ(percent_of(103, 20), 21);  // 20.6
  EXPECT_EQ(share_of(1, 1, 2), 1);     // 0.5
  EXPECT_EQ(share_of(-1, 1, 2), -1);   // away from zero
  EXPECT_EQ(share_of(3, 1, 2), 2);     // 1.5
  EXPECT_EQ(percent_of(0, 20), 0);
  EXPECT_EQ(percent_of(k_max_amount, 300), 3 * k_max_amount);
}

TEST(Money, SharesMakeTheWhole) {
  EXPECT_THAT(deal_out(100, {1, 1, 1}), ElementsAre(34, 33, 33));
  EXPECT_THAT(deal_out(100, {0, 1, 3}), ElementsAre(0, 25, 75));
  EXPECT_THAT(deal_out(5, {0, 0}), ElementsAre(5, 0));
  EXPECT_THAT(deal_out(5, {}), ElementsAre());
  EXPECT_THAT(deal_out(2, {1, 1, 1}), ElementsAre(1, 1, 0));
}

TEST(Money, IsShownWithTheDigitsOfItsCurrency) {
  EXPECT_EQ(money_text(4900, "USD"), "49.00 USD");
  EXPECT_EQ(money_text(700, "JPY"), "700 JPY");
  EXPECT_EQ(money_text(15125, "TND"), "15.125 TND");
  EXPECT_EQ(money_text(-5, "USD"), "-0.05 USD");
}

RC_GTEST_PROP(Money, AShareIsWithinOneHalf, ()) {
  const auto amount = *rc::gen::inRange<std::int64_t>(-1'000'000'000, 1'000'000'000);
  const auto part = *rc::gen::inRange<std::int64_t>(0, 10'001);
  const std::int64_t share = share_of(amount, part, 10'000);
  RC_ASSERT(std::abs(share * 10'000 - amount * part) * 2 <= 10'000);
}

RC_GTEST_PROP(Money, SharesSumUpAndAreFair, ()) {
  const auto total = *rc::gen::inRange<std::int64_t>(0, k_max_amount);
  const auto weights = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 1'000'000)));
  const auto shares = deal_out(total, weights);
  RC_ASSERT(std::accumulate(shares.begin(), shares.end(), std::int64_t{0}) == total);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    RC_ASSERT(shares[i] >= 0);
    for (std::size_t j = 0; j < weights.size(); ++j)
      RC_ASSERT(weights[i] <= weights[j] || shares[i] + 1 >= shares[j]);
  }
}

}  // namespace
}  // namespace vozex::catalog
