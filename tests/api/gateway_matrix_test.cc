// SPDX-License-Identifier: Apache-2.0
// Everything that can happen to money, at every gateway, on both stores: through the real server,
// over HTTP, against the sandbox; and every cent accounted for. The cases run side by side in one
// server, each with orders of its own.
#include <gtest/gtest.h>

#include <thread>

#include "tests/api/gateway_cases.h"
#include "tests/api/places.h"

namespace vozex::api_test {
namespace {

constexpr const char* k_stray = R"(
vozex: 1
workflow: stray
version: 1
key: input.payment_id
input: {payment_id: string, order_id: string, gateway: string}
data: {url: optional<string>}
warnings: {VZ0611: a test looks at it}
states:
  making:
    invoke:
      call: payments.create_checkout
      with: {gateway: "${input.gateway}", payment_id: "${input.payment_id}", order_id: "${input.order_id}", customer: {email: "${input.order_id}@example.com"}, amount: {minor: 4900, currency: USD}, title: Text editor}
      on_done: {target: made, set: {url: "${result.url}"}}
  made: {after: {1d: over}}
  over: {type: final}
)";

class GatewayMatrix : public ::testing::TestWithParam<Place> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam().kind)) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
  }
  void open(std::vector<std::string> arguments = {}) {
    market_ = std::make_unique<Market>(GetParam().kind, GetParam().gateway, std::move(arguments));
  }
  void TearDown() override {
    if (market_ && HasFailure()) std::cerr << market_->town().server_log();
  }

  TemporaryFolder settings_;
  std::unique_ptr<Market> market_;
};

INSTANTIATE_TEST_SUITE_P(Gateways, GatewayMatrix, ::testing::ValuesIn(places()), place_name);

TEST_P(GatewayMatrix, EveryCaseAndEveryCent) {
  open();
  const Answer deployed = market_->town().post(
      "/v1/workflows", {{"files", {{{"name", "stray.yaml"}, {"text", k_stray}}}}});
  ASSERT_LT(deployed.status, 300) << deployed.body;
  std::vector<std::thread> threads;
  for (const Case& one : gateway_cases()) {
    threads.emplace_back([this, one] {
      SCOPED_TRACE(one.name);
      one.run(*market_, one.name);
    });
  }
  for (std::thread& thread : threads) thread.join();
  // All but the two in which no money moves.
  EXPECT_GE(market_->account_for_every_cent(), gateway_cases().size() - 2);
}

// What takes a whole gateway, or its next refund: one after the other.
TEST_P(GatewayMatrix, AGatewayThatIsDownOrLosesItsAnswers) {
  open();
  const Market& market = *market_;
  ASSERT_TRUE(market.sell("o-1"));
  market.fault({{"fault", "error_after_work"}, {"method", "POST"}});
  market.refund("r-1", "o-1", {{"amount", {{"minor", 900}, {"currency", "USD"}}}});
  EXPECT_TRUE(market.refunded("r-1"));
  EXPECT_EQ(market.payments_of("o-1")[0]["refunds"].size(), 1u) << "never a second refund";

  market.fault({{"fault", "failed_refund"}});
  market.refund("r-2", "o-1", {{"amount", {{"minor", 800}, {"currency", "USD"}}}});
  EXPECT_TRUE(market.reaches("refund", "r-2", "failed"));
  EXPECT_TRUE(eventually(
      [&] { return market.town().instance("order", "o-1")["data"]["kept"] == k_price - 900; }));
  market.act("refund", "r-2", "retry", "finance");
  EXPECT_TRUE(market.refunded("r-2"));

  ask("DELETE", market.town().sandbox("/sandbox/faults"));
  market.fault({{"fault", "pending_refund"}});
  market.refund("r-3", "o-1", {{"amount", {{"minor", 700}, {"currency", "USD"}}}});
  EXPECT_TRUE(eventually([&] {
    const std::string state = market.town().state_of("refund", "r-3");
    return state == "pending" || state == "given_back";
  }));
  const json refunds = market.payments_of("o-1")[0]["refunds"];
  ASSERT_EQ(refunds.size(), 4u) << "one of them failed";
  market.at_sandbox("/sandbox/refunds/" + refunds[3].get<std::string>() + "/settle",
                    {{"ok", true}});
  EXPECT_TRUE(market.refunded("r-3"));

  const auto pages = [&] { return market.requests("method=POST&metadata.order_id=o-2").size(); };
  market.fault({{"fault", "down"}});
  std::string page;
  std::thread buyer([&] { page = market.place("o-2"); });
  EXPECT_TRUE(eventually([&] { return pages() > 0; }));
  ask("DELETE", market.town().sandbox("/sandbox/faults"));  // it is up again
  buyer.join();
  market.buyer(page, "pay");
  EXPECT_TRUE(market.reaches("order", "o-2", "fulfilled"));
  market.account_for_every_cent();
}

TEST_P(GatewayMatrix, ExpiredAndPaidAllTheSame) {
  write_text(settings_ / "vozex.yaml", "config: {payment: {pay_within: 1s}}\n");
  open({"--config", settings_ / "vozex.yaml"});
  const Market& market = *market_;
  const std::string page = market.place("o-1");
  ASSERT_TRUE(market.shows("payment", "o-1-p1", "expired"));
  EXPECT_EQ(market.town().state_of("order", "o-1"), "unpaid");
  market.buyer(page, "pay");
  if (market.gateway() == "paypal") {  // agreed to, and nobody takes the money
    EXPECT_TRUE(market.told("o-1"));
    EXPECT_EQ(market.gateway_ref("o-1"), "");
  } else {
    EXPECT_TRUE(market.shows("payment", "o-1-p1", "refunded"));
  }
  EXPECT_EQ(market.town().state_of("order", "o-1"), "unpaid");
  market.account_for_every_cent();
}

// The store doesn't matter here, the gateway does.
class UnheardPayment : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Gateways,
                         UnheardPayment,
                         ::testing::ValuesIn(k_gateways),
                         [](const auto& one) { return std::string(one.param); });

TEST_P(UnheardPayment, IsFoundByAskingBeforeItCountsAsNotPaid) {
  const TemporaryFolder settings;
  write_text(settings / "vozex.yaml", "config: {payment: {pay_within: 6s}}\n");
  const Market market(Kind::sqlite, GetParam(), {"--config", settings / "vozex.yaml"});
  market.fault({{"fault", "lost_webhook"}, {"times", 100}});
  market.buyer(market.place("o-1"), "pay");
  EXPECT_TRUE(market.reaches("order", "o-1", "fulfilled")) << market.town().server_log();
  EXPECT_EQ(market.town().metric("vozex_gateway_webhooks_total"), -1) << "none came";
  market.account_for_every_cent();
}

}  // namespace
}  // namespace vozex::api_test
