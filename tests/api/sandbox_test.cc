// SPDX-License-Identifier: Apache-2.0
// Orders at each gateway of `vozex sandbox`, through the real programs, and docs/sandbox.md as it
// stands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

struct Where {
  Kind kind;
  const char* gateway;
};
void PrintTo(const Where& where, std::ostream* out) {
  *out << name_of(where.kind) << " " << where.gateway;
}

class OrderAtSandbox : public ::testing::TestWithParam<Where> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam().kind)) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(GetParam().kind);
  }

  std::string placed(const std::string& order_id) {
    const Answer answer = town_->checkout(order_id, 1, 0, GetParam().gateway);
    EXPECT_EQ(answer.status, 201) << answer.body << town_->server_log();
    return answer.value().value("checkout_url", "");
  }
  void fault(json rule) {
    rule["gateway"] = GetParam().gateway;
    const Answer answer = ask("POST", town_->sandbox("/sandbox/faults"), rule.dump());
    EXPECT_EQ(answer.status, 200) << answer.body;
  }

  std::unique_ptr<Town> town_;
};

INSTANTIATE_TEST_SUITE_P(Gateways,
                         OrderAtSandbox,
                         ::testing::Values(Where{Kind::sqlite, "paypal"},
                                           Where{Kind::postgres, "paypal"},
                                           Where{Kind::sqlite, "stripe"},
                                           Where{Kind::postgres, "stripe"}),
                         [](const auto& one) {
                           return std::string(one.param.gateway) + "_" + name_of(one.param.kind);
                         });

TEST_P(OrderAtSandbox, DeclinedPaidAndDelivered) {
  const auto url = placed("o-1");
  EXPECT_EQ(ask("GET", url).status, 200) << "the page on which to pay";
  town_->buyer(url, "decline");
  ASSERT_TRUE(eventually([&] {
    return town_->instance("payment", "o-1-p1")["data"].contains("failure");
  })) << town_->server_log();
  EXPECT_EQ(town_->buyer(url, "pay").status, 200);
  ASSERT_TRUE(town_->reaches("order", "o-1", "fulfilled")) << town_->server_log();
  EXPECT_EQ(town_->status_of("payment", "o-1-p1"), "captured");
}

TEST_P(OrderAtSandbox, TheWrongAmountIsLookedAt) {
  fault({{"fault", "wrong_amount"}, {"by", -100}});
  town_->buyer(placed("o-2"), "pay");
  EXPECT_TRUE(town_->reaches("payment", "o-2-p1", "review")) << town_->server_log();
}

TEST_P(OrderAtSandbox, AnAnswerThatGotLostMakesNoSecondPage) {
  fault({{"fault", "error_after_work"}, {"method", "POST"}, {"metadata", {{"order_id", "o-3"}}}});
  town_->checkout("o-3", 1, 0, GetParam().gateway);
  ASSERT_TRUE(eventually([&] {
    return town_->instance("payment", "o-3-p1")["data"].contains("checkout_url");
  })) << town_->server_log();
  town_->buyer(town_->instance("payment", "o-3-p1")["data"]["checkout_url"], "pay");
  EXPECT_TRUE(town_->reaches("order", "o-3", "fulfilled")) << town_->server_log();
  const json pages = ask("GET", town_->sandbox("/sandbox/checkouts?metadata.order_id=o-3")).value();
  EXPECT_EQ(pages["checkouts"].size(), 1u) << pages;
}

}  // namespace
}  // namespace vozex::api_test
