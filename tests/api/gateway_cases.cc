// SPDX-License-Identifier: Apache-2.0
#include "tests/api/gateway_cases.h"

#include <gtest/gtest.h>

namespace vozex::api_test {
namespace {

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
  market.buyer(page, "pay", {{"again", true}});
  if (market.payments_of(id).size() < 2) return;  // PayPal: a page is captured once
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

void refund_by_a_person(const Market& market, const std::string& id) {
  ASSERT_TRUE(market.sell(id));
  const json form = {{"reason", "slow support"}, {"amount", {{"minor", 900}, {"currency", "USD"}}}};
  EXPECT_EQ(market.act("order", id, "refund", "customer", form).status / 100, 4);
  EXPECT_EQ(market.act("order", id, "refund", "ops", form).status, 200);
  EXPECT_TRUE(market.refunded(id + "-r1"));
  EXPECT_TRUE(market.shows("order", id, "partially_refunded"));
}

void refund_of_an_item(const Market& market, const std::string& id) {
  ASSERT_TRUE(market.sell(id, 2));
  market.refund("r-" + id, id, {{"items", {id + "-2"}}});
  EXPECT_TRUE(market.refunded("r-" + id));
  EXPECT_TRUE(market.reaches("fulfillment_license_download", id + "-2", "cancelled"));
  EXPECT_EQ(market.download(id, 1), 200);
  EXPECT_EQ(market.download(id, 2), 410);
  EXPECT_TRUE(market.shows("order", id, "partially_refunded"));
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
  EXPECT_EQ(market.download(id), 403);
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

void paid_after_the_order_was_cancelled(const Market& market, const std::string& id) {
  const std::string page = market.place(id);
  EXPECT_EQ(market.town()
                .post("/v1/events",
                      {{"specversion", "1.0"},
                       {"id", "cancel-" + id},
                       {"source", "shop"},
                       {"type", "order.cancel"},
                       {"data", {{"order_id", id}, {"reason", "changed my mind"}}}})
                .status,
            200);
  EXPECT_TRUE(market.shows("payment", id + "-p1", "expired"));
  market.buyer(page, "pay");
  if (market.gateway_ref(id).empty()) return;  // PayPal: agreed to, and nobody takes the money
  EXPECT_TRUE(market.shows("payment", id + "-p1", "refunded"));
}

void page_closed_by_the_gateway(const Market& market, const std::string& id) {
  market.buyer(market.place(id), "expire");
  // The others say nothing of it: there our own time decides.
  if (market.gateway() != "stripe") return;
  EXPECT_TRUE(market.shows("payment", id + "-p1", "expired"));
  EXPECT_TRUE(market.reaches("order", id, "unpaid"));
}

// Won, and another one of the same payment lost.
void disputed_twice(const Market& market, const std::string& id) {
  ASSERT_TRUE(market.sell(id));
  market.at_gateway(id, "dispute", {{"state", "opened"}, {"amount", 900}});
  EXPECT_TRUE(market.reaches("fulfillment_license_download", id + "-1", "suspended"));
  market.at_gateway(id, "dispute", {{"state", "won"}});
  EXPECT_TRUE(market.reaches("fulfillment_license_download", id + "-1", "active"));
  market.at_gateway(id, "dispute", {{"state", "opened"}, {"amount", 1000}});
  market.at_gateway(id, "dispute", {{"state", "lost"}});
  ASSERT_TRUE(market.reaches("chargeback", id + "-loss1", "undecided"));
  EXPECT_TRUE(market.reaches("fulfillment_license_download", id + "-1", "suspended"));
  EXPECT_EQ(market.act("chargeback", id + "-loss1", "keep", "finance").status, 200);
  EXPECT_TRUE(market.reaches("fulfillment_license_download", id + "-1", "active"));
  EXPECT_TRUE(market.shows("order", id, "partially_refunded"));
  EXPECT_TRUE(market.shows("payment", id + "-p1", "charged_back"));
  EXPECT_EQ(market.town().instance("order", id)["data"]["kept"], k_price - 1000);
}

// Two items of one price: which one was meant, a person says.
void lost_in_part(const Market& market, const std::string& id) {
  ASSERT_TRUE(market.sell(id, 2));
  market.at_gateway(id, "dispute", {{"state", "opened"}, {"amount", k_price}});
  EXPECT_TRUE(market.reaches("fulfillment_license_download", id + "-1", "suspended"));
  market.at_gateway(id, "dispute", {{"state", "lost"}});
  ASSERT_TRUE(market.reaches("chargeback", id + "-loss1", "undecided"));
  const json form = {{"items", {id + "-2"}}};
  EXPECT_EQ(market.act("chargeback", id + "-loss1", "end_items", "customer", form).status / 100, 4);
  EXPECT_EQ(market.act("chargeback", id + "-loss1", "end_items", "finance", form).status, 200);
  EXPECT_TRUE(market.reaches("fulfillment_license_download", id + "-1", "active"));
  EXPECT_TRUE(market.reaches("fulfillment_license_download", id + "-2", "cancelled"));
  EXPECT_EQ(market.download(id, 1), 200);
  EXPECT_EQ(market.download(id, 2), 410);
}

void refund_with_approval(const Market& market, const std::string& id) {
  ASSERT_TRUE(market.sell(id, 11));  // 539.00
  market.refund("r-" + id, id, {{"requested_by", "sue"}});
  ASSERT_TRUE(market.reaches("refund", "r-" + id, "approval"));
  EXPECT_EQ(market.act("refund", "r-" + id, "approve", "ops").status / 100, 4);
  EXPECT_EQ(market.payments_of(id)[0]["refunds"].size(), 0u);
  EXPECT_EQ(market.act("refund", "r-" + id, "approve", "finance").status, 200);
  EXPECT_TRUE(market.refunded("r-" + id));
  EXPECT_TRUE(market.shows("order", id, "refunded"));
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
  ASSERT_TRUE(market.told(id));
  market.place(id);
  EXPECT_TRUE(market.reaches("order", id, "fulfilled"));
}

constexpr Case k_all[] = {
    {"success", success},
    {"delayed", delayed},
    {"decline", decline},
    {"paid-twice", paid_twice},
    {"duplicated", duplicated},
    {"reordered", reordered},
    {"full-refund", full_refund},
    {"partial-refunds", partial_refunds},
    {"refund-by-a-person", refund_by_a_person},
    {"refund-of-an-item", refund_of_an_item},
    {"refund-at-the-gateway", refund_at_the_gateway},
    {"dispute-won", dispute_won},
    {"dispute-lost", dispute_lost},
    {"paid-after-the-order-was-cancelled", paid_after_the_order_was_cancelled},
    {"page-closed-by-the-gateway", page_closed_by_the_gateway},
    {"disputed-twice", disputed_twice},
    {"lost-in-part", lost_in_part},
    {"refund-with-approval", refund_with_approval},
    {"inquiry", inquiry},
    {"wrong-amount", wrong_amount},
    {"cut", gateway_cuts_connections},
    {"error-after-work", answers_500_after_doing_the_work},
    {"unknown-order", paid_before_the_order_is_known},
};

}  // namespace

std::span<const Case> gateway_cases() { return k_all; }

}  // namespace vozex::api_test
