// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/payments/ledger.h"
#include "engine/types/json.h"

namespace vozex::payments {
namespace {

struct Told {
  const char* type;
  const char* data;
  int second;
};

void tell(Books& books, const Told& told) {
  const auto data = types::parse_json(told.data);
  ASSERT_TRUE(data) << told.data;
  books.book(told.type, *data, Timestamp(std::chrono::seconds(told.second)));
}

const Told k_paid{"payment.succeeded", R"({"captured_total":4900})", 10};
const Told k_part{"refund.changed", R"({"refunded_total":1000})", 20};
const Told k_more{"refund.changed", R"({"refunded_total":2000})", 30};
const Told k_failed{"payment.failed", R"({"final":false})", 5};

TEST(Ledger, StatusFollowsFromAmounts) {
  Books books;
  EXPECT_EQ(books.ledger().standing(), Standing::none);
  tell(books, {"payment.processing", "{}", 1});
  EXPECT_EQ(books.ledger().standing(), Standing::pending);
  tell(books, {"payment.authorised", R"({"amount":{"minor":4900}})", 2});
  EXPECT_EQ(books.ledger().standing(), Standing::authorised);
  tell(books, k_paid);
  EXPECT_EQ(books.ledger().standing(), Standing::captured);
  tell(books, k_part);
  EXPECT_EQ(books.ledger().standing(), Standing::partially_refunded);
  tell(books, {"dispute.changed", R"({"state":"opened","amount":{"minor":3900}})", 40});
  EXPECT_EQ(books.ledger().standing(), Standing::disputed);
  EXPECT_EQ(books.ledger().kept(), 0);
  tell(books, {"dispute.changed", R"({"state":"won","amount":{"minor":3900}})", 50});
  EXPECT_EQ(books.ledger().standing(), Standing::partially_refunded);
  tell(books, {"refund.changed", R"({"refunded_total":4900})", 60});
  EXPECT_EQ(books.ledger().standing(), Standing::refunded);
}

TEST(Ledger, LostDisputeIsAChargeBack) {
  Books books;
  tell(books, k_paid);
  tell(books, {"dispute.changed", R"({"state":"lost","amount":{"minor":4900}})", 20});
  tell(books, {"dispute.changed", R"({"state":"opened","amount":{"minor":4900}})", 15});  // late
  EXPECT_EQ(books.ledger().standing(), Standing::charged_back);
  EXPECT_EQ(books.ledger().kept(), 0);
}

TEST(Ledger, EveryOrderAndEveryRepetitionLeadsToTheSame) {
  std::vector<Told> told = {k_failed, k_paid, k_paid, k_part, k_more};
  std::sort(
      told.begin(), told.end(), [](const Told& a, const Told& b) { return a.second < b.second; });
  std::vector<std::size_t> order = {0, 1, 2, 3, 4};
  do {
    Books books;
    for (const auto i : order) tell(books, told[i]);
    EXPECT_EQ(books.ledger().captured, 4900);
    EXPECT_EQ(books.ledger().refunded, 2000);
    EXPECT_EQ(books.ledger().standing(), Standing::partially_refunded);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Ledger, FailedRefundRestoresTheAmount) {
  Books books;
  tell(books, k_paid);
  tell(books, {"refund.changed", R"({"refunded_total":4900,"ok":false})", 20});
  tell(books, {"refund.changed", R"({"refunded_total":0,"ok":false})", 30});
  EXPECT_EQ(books.ledger().standing(), Standing::captured);
}

}  // namespace
}  // namespace vozex::payments
