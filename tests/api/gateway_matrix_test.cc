// SPDX-License-Identifier: Apache-2.0
// Everything that can happen to money, at every gateway, on both stores: through the real server,
// over HTTP, against the sandbox; and every cent accounted for. The cases run side by side in one
// server, each with orders of its own; a new gateway is a line in k_gateways.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/api/market.h"

namespace vozex::api_test {
namespace {

constexpr const char* k_gateways[] = {"dodo", "stripe"};

struct Case {
  const char* name;
  void (*run)(const Market& market, const std::string& id);
};

void success(const Market& market, const std::string& id) {
  ASSERT_TRUE(market.sell(id));
  EXPECT_EQ(market.town().status_of("payment", id + "-p1"), "captured");
  EXPECT_EQ(market.download(id), 200);
}

void delayed(const Market& market, const std::string& id) {
  market.buyer(market.place(id), "pay", {{"delayed", true}});
  json payments;
  ASSERT_TRUE(eventually([&] {
    payments = market.payments_of(id);
    return !payments.empty();
  }));
  EXPECT_EQ(market.town().status_of("payment", id + "-p1"), "pending");
  const std::string ref = payments[0]["payment_id"];
  market.at_sandbox("/sandbox/payments/" + ref + "/settle", {{"ok", true}});
  EXPECT_TRUE(market.reaches("order", id, "fulfilled"));
}

void decline(const Market& market, const std::string& id) {
  const std::string page = market.place(id);
  market.buyer(page, "decline");
  EXPECT_TRUE(eventually(
      [&] { return market.town().instance("payment", id + "-p1")["data"].contains("failure"); }));
  EXPECT_EQ(market.town().status_of("order", id), "awaiting_payment");
  market.buyer(page, "pay");
  EXPECT_TRUE(market.reaches("order", id, "fulfilled"));
}

void paid_twice(const Market& market, const std::string& id) {
  const std::string page = market.place(id);
  market.buyer(page, "pay");
  ASSERT_TRUE(market.reaches("order", id, "fulfilled"));
  if (market.buyer(page, "pay", {{"again", true}}).status != 200) return;  // it allows no second
  EXPECT_TRUE(market.shows("payment", id + "-p1", "partially_refunded"));
  EXPECT_EQ(market.town().status_of("order", id), "fulfilled");
  EXPECT_EQ(market.download(id), 200);
}

void duplicated(const Market& market, const std::string& id) {
  market.buyer(market.place(id), "pay", {{"copies", 4}});
  ASSERT_TRUE(market.reaches("order", id, "fulfilled"));
  EXPECT_EQ(market.town().instance("payment", id + "-p1")["data"]["captures"].size(), 1u);
}

void reordered(const Market& market, const std::string& id) {
  market.buyer(market.place(id), "chaos", {{"webhook_delay_ms", 150}});
  EXPECT_TRUE(market.reaches("order", id, "fulfilled"));
  EXPECT_TRUE(eventually([&] {
    for (const json& payment : market.payments_of(id)) {
      if (payment["refunded"] == payment["captured"] && payment["captured"] > 0) return true;
    }
    return market.payments_of(id).size() < 3;
  })) << market.payments_of(id).dump(2);
}

void full_refund(const Market& market, const std::string& id) {
  ASSERT_TRUE(market.sell(id));
  EXPECT_EQ(market.refund("r-" + id, id).status, 201);
  EXPECT_EQ(market.refund("r-" + id, id).status, 409) << "one refund for each request";
  EXPECT_TRUE(market.refunded("r-" + id));
  EXPECT_TRUE(market.shows("order", id, "refunded"));
  EXPECT_TRUE(market.shows("payment", id + "-p1", "refunded"));
  EXPECT_TRUE(market.reaches("fulfillment_license_download", id + "-1", "cancelled"));
  EXPECT_EQ(market.download(id), 410);
  EXPECT_EQ(market.refund("again-" + id, id).status, 201);
  EXPECT_TRUE(market.reaches("refund", "again-" + id, "refused"));
  EXPECT_EQ(market.payments_of(id)[0]["refunds"].size(), 1u);
}

void partial_refunds(const Market& market, const std::string& id) {
  ASSERT_TRUE(market.sell(id));
  const json part = {{"amount", {{"minor", 900}, {"currency", "USD"}}}};
  market.refund("a-" + id, id, part);
  market.refund("b-" + id, id, part);  // both at once
  EXPECT_TRUE(market.refunded("a-" + id));
  EXPECT_TRUE(market.refunded("b-" + id));
  EXPECT_TRUE(market.shows("order", id, "partially_refunded"));
  EXPECT_TRUE(eventually(
      [&] { return market.town().instance("order", id)["data"]["kept"] == k_price - 1800; }));
  EXPECT_EQ(market.download(id), 200);
  market.refund("c-" + id, id, {{"amount", {{"minor", k_price}, {"currency", "USD"}}}});
  EXPECT_TRUE(market.reaches("refund", "c-" + id, "refused"));
}

void refund_of_an_item(const Market& market, const std::string& id) {
  ASSERT_TRUE(market.sell(id, 2));
  market.refund("r-" + id, id, {{"items", {id + "-2"}}});
  EXPECT_TRUE(market.refunded("r-" + id));
  EXPECT_TRUE(market.reaches("fulfillment_license_download", id + "-2", "cancelled"));
  EXPECT_EQ(market.download(id, 1), 200);
  EXPECT_EQ(market.download(id, 2), 410);
  EXPECT_EQ(market.town().status_of("order", id), "partially_refunded");
}

void refund_at_the_gateway(const Market& market, const std::string& id) {
  ASSERT_TRUE(market.sell(id));
  market.at_gateway(id, "refund", json::object());
  EXPECT_TRUE(market.shows("order", id, "refunded"));
  EXPECT_TRUE(market.reaches("fulfillment_license_download", id + "-1", "cancelled"));
}

void dispute_won(const Market& market, const std::string& id) {
  ASSERT_TRUE(market.sell(id));
  market.at_gateway(id, "dispute", {{"state", "opened"}});
  EXPECT_TRUE(market.reaches("fulfillment_license_download", id + "-1", "suspended"));
  EXPECT_EQ(market.download(id), 410);
  EXPECT_EQ(market.town().status_of("order", id), "disputed");
  EXPECT_EQ(market.town().status_of("payment", id + "-p1"), "disputed");
  market.refund("r-" + id, id, {{"amount", {{"minor", 900}, {"currency", "USD"}}}});
  EXPECT_TRUE(market.reaches("refund", "r-" + id, "blocked"));
  market.at_gateway(id, "dispute", {{"state", "won"}});
  EXPECT_TRUE(market.reaches("fulfillment_license_download", id + "-1", "active"));
  EXPECT_EQ(market.download(id), 200);
  EXPECT_TRUE(market.refunded("r-" + id)) << "what waited goes on";
}

void dispute_lost(const Market& market, const std::string& id) {
  ASSERT_TRUE(market.sell(id));
  market.at_gateway(id, "dispute", {{"state", "opened"}});
  EXPECT_TRUE(market.reaches("fulfillment_license_download", id + "-1", "suspended"));
  market.at_gateway(id, "dispute", {{"state", "lost"}});
  EXPECT_TRUE(market.reaches("order", id, "returned"));
  EXPECT_TRUE(market.shows("order", id, "charged_back"));
  EXPECT_TRUE(market.shows("payment", id + "-p1", "charged_back"));
  EXPECT_TRUE(market.reaches("fulfillment_license_download", id + "-1", "cancelled"));
  EXPECT_EQ(market.download(id), 410);
  market.refund("r-" + id, id);
  EXPECT_TRUE(market.reaches("refund", "r-" + id, "refused"));
}

void inquiry(const Market& market, const std::string& id) {
  ASSERT_TRUE(market.sell(id));
  market.at_gateway(id, "dispute", {{"state", "inquiry"}});
  EXPECT_TRUE(eventually(
      [&] { return !market.town().instance("payment", id + "-p1")["data"]["disputes"].empty(); }));
  EXPECT_EQ(market.town().status_of("order", id), "fulfilled");
  EXPECT_EQ(market.download(id), 200);
}

void wrong_amount(const Market& market, const std::string& id) {
  market.fault({{"fault", "wrong_amount"}, {"by", -100}, {"metadata", {{"order_id", id}}}});
  market.buyer(market.place(id), "pay");
  ASSERT_TRUE(market.reaches("payment", id + "-p1", "review"));
  EXPECT_EQ(market.town().state_of("order", id), "paying");
  EXPECT_EQ(market.act("payment", id + "-p1", "send_back", "ops").status, 200);
  EXPECT_TRUE(market.shows("payment", id + "-p1", "refunded"));
  EXPECT_TRUE(market.reaches("order", id, "unpaid"));
}

void gateway_cuts_connections(const Market& market, const std::string& id) {
  market.fault(
      {{"fault", "reset"}, {"method", "POST"}, {"times", 2}, {"metadata", {{"order_id", id}}}});
  ASSERT_TRUE(market.sell(id));
}

void answers_500_after_doing_the_work(const Market& market, const std::string& id) {
  market.fault(
      {{"fault", "error_after_work"}, {"method", "POST"}, {"metadata", {{"order_id", id}}}});
  ASSERT_TRUE(market.sell(id));
}

void paid_before_the_order_is_known(const Market& market, const std::string& id) {
  // Somebody else of ours made the page: the money comes before the order does.
  ASSERT_EQ(
      market.town()
          .post("/v1/instances",
                {{"workflow", "stray"},
                 {"input",
                  {{"payment_id", id + "-p1"}, {"order_id", id}, {"gateway", market.gateway()}}}})
          .status,
      201);
  std::string page;
  ASSERT_TRUE(eventually([&] {
    page = market.town().instance("stray", id + "-p1")["data"].value("url", "");
    return !page.empty();
  }));
  market.buyer(page, "pay");
  ASSERT_TRUE(eventually([&] {
    return ask("GET",
               market.town().sandbox(
                   "/sandbox/deliveries?state=delivered&metadata.payment_id=" + id + "-p1"))
               .value()["deliveries"]
               .size() > 0;
  }));
  market.place(id);
  EXPECT_TRUE(market.reaches("order", id, "fulfilled"));
}

constexpr Case k_cases[] = {
    {"success", success},
    {"delayed", delayed},
    {"decline", decline},
    {"paid-twice", paid_twice},
    {"duplicated", duplicated},
    {"reordered", reordered},
    {"full-refund", full_refund},
    {"partial-refunds", partial_refunds},
    {"refund-of-an-item", refund_of_an_item},
    {"refund-at-the-gateway", refund_at_the_gateway},
    {"dispute-won", dispute_won},
    {"dispute-lost", dispute_lost},
    {"inquiry", inquiry},
    {"wrong-amount", wrong_amount},
    {"cut", gateway_cuts_connections},
    {"error-after-work", answers_500_after_doing_the_work},
    {"unknown-order", paid_before_the_order_is_known},
};

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

struct Place {
  Kind kind;
  std::string gateway;
};
void PrintTo(const Place& place, std::ostream* out) {
  *out << name_of(place.kind) << " " << place.gateway;
}

std::vector<Place> places() {
  std::vector<Place> all;
  for (const char* gateway : k_gateways) {
    for (const Kind kind : {Kind::sqlite, Kind::postgres}) all.push_back({kind, gateway});
  }
  return all;
}

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

INSTANTIATE_TEST_SUITE_P(Gateways,
                         GatewayMatrix,
                         ::testing::ValuesIn(places()),
                         [](const auto& one) {
                           return one.param.gateway + "_" + name_of(one.param.kind);
                         });

TEST_P(GatewayMatrix, EveryCaseAndEveryCent) {
  open();
  const Answer deployed = market_->town().post(
      "/v1/workflows", {{"files", {{{"name", "stray.yaml"}, {"text", k_stray}}}}});
  ASSERT_LT(deployed.status, 300) << deployed.body;
  std::vector<std::thread> threads;
  for (const Case& one : k_cases) {
    threads.emplace_back([this, one] {
      SCOPED_TRACE(one.name);
      one.run(*market_, one.name);
    });
  }
  for (std::thread& thread : threads) thread.join();
  market_->account_for_every_cent();
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
  EXPECT_EQ(market.town().instance("order", "o-1")["data"]["kept"], k_price - 900);
  market.act("refund", "r-2", "retry", "finance");
  EXPECT_TRUE(market.refunded("r-2"));

  ask("DELETE", market.town().sandbox("/sandbox/faults"));
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
  ASSERT_TRUE(market.reaches("payment", "o-1-p1", "expired"));
  EXPECT_EQ(market.town().state_of("order", "o-1"), "unpaid");
  market.buyer(page, "pay");
  EXPECT_TRUE(market.shows("payment", "o-1-p1", "refunded"))
      << market.town().instance("payment", "o-1-p1").dump(2);
  EXPECT_EQ(market.town().state_of("order", "o-1"), "unpaid");
  market.account_for_every_cent();
}

}  // namespace
}  // namespace vozex::api_test
