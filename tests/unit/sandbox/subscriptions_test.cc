// SPDX-License-Identifier: Apache-2.0
//
// Subscriptions at every gateway of the sandbox, with a clock that is moved: a trial, renewals, a
// card that fails, changes, and the end; as the adapter for each gateway sees them.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/sandbox/wire.h"

namespace vozex::sandbox {
namespace {

class Recurring : public OnTheWire, public ::testing::WithParamInterface<const char*> {
 protected:
  std::string gateway() const { return GetParam(); }

  // A subscription of ours, begun by its buyer; the gateway's reference.
  std::string begun(const std::string& id, int trial_days = 0) {
    // PayPal's plans say themselves whether they begin with a trial.
    const std::string plan = gateway() == "paypal" && trial_days > 0
                                 ? "P-1-TRIAL-" + std::to_string(trial_days) + "D"
                                 : "P-1";
    const auto made = done("create_checkout",
                           {{"gateway", gateway()},
                            {"order_id", "o1"},
                            {"payment_id", "p-" + id},
                            {"amount", {{"minor", 4900}, {"currency", "USD"}}},
                            {"items", {{{"product_ref", plan}, {"quantity", 1}}}},
                            {"recurring", {{"subscription_id", id}, {"trial_days", trial_days}}}});
    post("/sandbox/checkouts/" + made.value("session_ref", "") + "/pay");
    const auto all = ask("GET", "/sandbox/subscriptions?gateway=" + gateway())["subscriptions"];
    return all.empty() ? "" : all.back().value("subscription_id", "");
  }
  json move(const std::string& span) {
    return post("/sandbox/clock", json{{"advance", span}}.dump());
  }
  json shown() {
    return ask("GET", "/sandbox/subscriptions?gateway=" + gateway())["subscriptions"][0];
  }
  std::string status(const std::string& ref) {
    return done("get_subscription", {{"gateway", gateway()}, {"subscription_ref", ref}})["status"];
  }
  json change(const std::string& ref, const std::string& action, json more = json::object()) {
    json input = {{"gateway", gateway()},
                  {"subscription_ref", ref},
                  {"action", action},
                  {"request_id", "r-" + action + std::to_string(++changes_)}};
    input.update(more);
    return done("change_subscription", input);
  }

  int changes_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Sandbox,
                         Recurring,
                         ::testing::Values("dodo", "paypal", "stripe"),
                         [](const auto& one) { return std::string(one.param); });

TEST_P(Recurring, ATrialConvertsAndIsRenewedEachMonth) {
  const auto ref = begun("s1", 14);
  ASSERT_NE(ref, "");
  EXPECT_TRUE(shown()["payments"].empty());
  EXPECT_EQ(move("13d")["happened"], 1) << "the end of a trial is near";
  EXPECT_TRUE(shown()["payments"].empty());
  move("2d");
  EXPECT_EQ(heard("subscription.renewed")["subscription_id"], "s1");
  EXPECT_EQ(shown()["payments"].size(), 1u);
  EXPECT_EQ(status(ref), "active");
  move("62d");
  EXPECT_EQ(shown()["payments"].size(), 3u);
}

TEST_P(Recurring, ACardThatFailsEndsOnHoldAndComesBack) {
  const auto ref = begun("s1");
  EXPECT_EQ(shown()["payments"].size(), 1u) << "the first period is paid at once";
  post("/sandbox/subscriptions/" + ref + "/decline");
  move("31d");
  EXPECT_EQ(shown()["status"], gateway() == "dodo" ? "on_hold" : "past_due");
  move("30d");
  EXPECT_EQ(shown()["status"], "on_hold");
  EXPECT_EQ(status(ref), "on_hold");
  heard("subscription.on_hold");
  post("/sandbox/subscriptions/" + ref + "/accept");
  EXPECT_EQ(post("/sandbox/subscriptions/" + ref + "/charge")["status"], "active");
  EXPECT_EQ(status(ref), "active");
}

TEST_P(Recurring, WhatIsOwedIsAskedForOnce) {
  if (gateway() == "dodo") GTEST_SKIP() << "Dodo tries again by its own schedule only";
  const auto ref = begun("s1");
  const json ask_for = {{"gateway", gateway()}, {"subscription_ref", ref}, {"request_id", "r1"}};
  EXPECT_EQ(done("collect", ask_for)["status"], "nothing_owed");
  post("/sandbox/subscriptions/" + ref + "/decline");
  move("31d");
  EXPECT_EQ(refused("collect", ask_for), "declined");
  post("/sandbox/subscriptions/" + ref + "/accept");
  json again = ask_for;
  again["request_id"] = "r2";
  EXPECT_EQ(done("collect", again)["status"], "collected");
  const auto payments = shown()["payments"].size();
  EXPECT_EQ(done("collect", again)["status"], "nothing_owed");
  EXPECT_EQ(shown()["payments"].size(), payments);
  EXPECT_EQ(status(ref), "active");
}

TEST_P(Recurring, IsPausedResumedChangedAndCancelled) {
  const auto ref = begun("s1");
  EXPECT_EQ(change(ref, "pause")["status"], "paused");
  EXPECT_EQ(change(ref, "resume")["status"], "active");
  EXPECT_EQ(change(ref, "change_plan", {{"product_ref", "pdt_1"}, {"quantity", 3}})["product_ref"],
            "pdt_1");
  EXPECT_EQ(shown()["amount"], 4500);
  EXPECT_EQ(change(ref, "cancel")["status"], "cancelled");
  heard("subscription.cancelled");
  move("62d");
  EXPECT_EQ(shown()["payments"].size(), 1u) << "nothing is charged any more";
}

TEST_P(Recurring, EndsWhenWhatIsPaidForIsOver) {
  if (gateway() == "paypal") GTEST_SKIP() << "PayPal cancels at once only";
  const auto ref = begun("s1");
  EXPECT_EQ(change(ref, "cancel", {{"at_period_end", true}})["cancels_at_period_end"], true);
  EXPECT_EQ(status(ref), "active");
  move("31d");
  EXPECT_EQ(status(ref), "cancelled");
}

TEST_P(Recurring, CostsWhatItsGatewayIsToldOrListsForPeriodsOfTheirLength) {
  // Dodo charges what its product costs; PayPal's own price is replaced; Stripe needs no product.
  const bool names = gateway() != "stripe";
  post("/sandbox/products",
       json{{"product", "Q-1"}, {"price", gateway() == "dodo" ? 2450 : 1}, {"months", 3}}.dump());
  const auto made = done(
      "create_checkout",
      {{"gateway", gateway()},
       {"order_id", "o1"},
       {"payment_id", "p1"},
       {"title", "Pro"},
       {"amount", {{"minor", 4900}, {"currency", "USD"}}},
       {"items", {{{"product_ref", names ? "Q-1" : ""}, {"quantity", 2}, {"unit_minor", 2450}}}},
       {"recurring", {{"subscription_id", "s1"}, {"months", 3}}}});
  post("/sandbox/checkouts/" + made.value("session_ref", "") + "/pay");
  EXPECT_EQ(shown()["amount"], 4900);
  move("80d");
  EXPECT_EQ(shown()["payments"].size(), 1u) << "a quarter is three months";
  move("15d");
  EXPECT_EQ(shown()["payments"].size(), 2u);
  EXPECT_EQ(heard("subscription.renewed")["subscription_id"], "s1");
}

TEST_P(Recurring, ItsOwnProductIsHeldAgainstWhatIsPromised) {
  post("/sandbox/products",
       json{{"product", "Q-1"}, {"price", 2450}, {"months", 3}, {"trial_days", 14}}.dump());
  const json promise = {{"gateway", gateway()},
                        {"product_ref", "Q-1"},
                        {"price", {{"minor", 2450}, {"currency", "USD"}}},
                        {"quantity", 2},
                        {"months", 3},
                        {"trial_days", 14}};
  EXPECT_EQ(done("compare_offer", promise)["fits"], true);
  const auto differences = [&](const char* member, const json& value) {
    json other = promise;
    other[member] = value;
    return done("compare_offer", other)["differences"];
  };
  EXPECT_EQ(differences("product_ref", "Q-2"), json::array({gateway() + " has no product Q-2"}));
  EXPECT_EQ(differences("months", 1),
            json::array({"period: expected 1 month, the gateway has 3 months"}));
  EXPECT_EQ(differences("price", {{"minor", 2450}, {"currency", "EUR"}}),
            json::array({"currency: expected EUR, the gateway has USD"}));
  EXPECT_EQ(differences("price", {{"minor", 2400}, {"currency", "USD"}}),
            json::array({"price: expected 24.00 USD, the gateway has 24.50 USD"}));
  EXPECT_EQ(differences("trial_days", 0).size(), gateway() == "paypal" ? 1u : 0u);
  json quoted = promise;
  quoted["quoted"] = true;
  quoted["price"]["minor"] = 2400;
  EXPECT_EQ(done("compare_offer", quoted)["fits"], gateway() != "dodo") << "the others are told";
}

TEST_P(Recurring, AnotherPlanCostsWhatItsGatewayIsToldOrLists) {
  const auto ref = begun("s1");
  post("/sandbox/products", json{{"product", "Q-1"}, {"price", 2450}}.dump());
  const bool listed = gateway() == "dodo";
  const auto changed = change(ref,
                              "change_plan",
                              {{"product_ref", gateway() == "stripe" ? "" : "Q-1"},
                               {"quantity", 2},
                               {"price", {{"minor", listed ? 1 : 2600}, {"currency", "USD"}}},
                               {"months", 1}});
  EXPECT_EQ(shown()["amount"], listed ? 4900 : 5200);
  EXPECT_EQ(changed["quantity"], 2);
  EXPECT_EQ(changed.value("product_ref", "").starts_with(gateway() == "stripe" ? "price_" : "Q-1"),
            true);
  if (gateway() == "stripe") {  // what is asked after a lost answer: it is known by the request
    json lost = {{"gateway", "stripe"},
                 {"subscription_ref", ref},
                 {"action", "change_plan"},
                 {"price", {{"minor", 2600}, {"currency", "USD"}}},
                 {"quantity", 2},
                 {"request_id", "r-change_plan1"}};
    EXPECT_EQ(done("find_subscription_change", lost)["outcome"], "happened");
    lost["request_id"] = "another";
    EXPECT_EQ(done("find_subscription_change", lost)["outcome"], "not_happened");
  }
}

TEST_F(OnTheWire, AProductIsListedWithinBounds) {
  const char* k_wrong[] = {R"({"price":1})",
                           R"({"product":"a","price":-1})",
                           R"({"product":"a","price":"1"})",
                           R"({"product":"a","months":0})",
                           R"({"product":"a","months":37})",
                           R"({"product":"a","trial_days":731})"};
  for (const char* wrong : k_wrong)
    EXPECT_EQ(post("/sandbox/products", wrong)["code"], "INVALID_REQUEST_BODY") << wrong;
  EXPECT_EQ(post("/sandbox/products", R"({"product":"a"})")["price"], 4900);
}

TEST_P(Recurring, ItsMoneyNamesItsSubscription) {
  begun("s1");
  if (gateway() == "paypal") {  // its money is told as the renewal itself
    EXPECT_NE(heard("subscription.renewed")["subscription_ref"], json());
    return;
  }
  const auto told = heard("payment.succeeded");
  EXPECT_EQ(told["captured_total"], 4900);
  EXPECT_EQ(told["subscription_ref"], shown()["subscription_id"]);
  if (gateway() == "stripe") {
    EXPECT_EQ(told["subscription_id"], "s1") << "found by its invoice";
  }
}

TEST_F(OnTheWire, TimeGoesForwardOnly) {
  EXPECT_EQ(post("/sandbox/clock", R"({"to":"2001-01-01T00:00:00Z"})")["code"],
            "INVALID_REQUEST_BODY");
  EXPECT_EQ(post("/sandbox/clock",
                 json{{"to", format_timestamp(clock_.now() - std::chrono::days(31))}}.dump())
                .value("code", "none"),
            "none")
      << "nothing has happened yet";
  post("/sandbox/clock", json{{"to", format_timestamp(clock_.now())}}.dump());
  EXPECT_EQ(post("/sandbox/clock", R"({"advance":"soon"})")["code"], "INVALID_REQUEST_BODY");
  EXPECT_EQ(post("/sandbox/clock", R"({"advance":"99999999999d"})")["code"],
            "INVALID_REQUEST_BODY");
  const auto made = done("create_checkout", json::parse(checkout("p1", "stripe")));
  EXPECT_EQ(
      post("/sandbox/clock",
           json{{"to", format_timestamp(clock_.now() - std::chrono::days(1))}}.dump())["code"],
      "INVALID_REQUEST_BODY");
  post("/sandbox/clock", R"({"advance":"25h"})");
  EXPECT_EQ(heard("checkout.expired")["payment_id"], "p1") << "a page lives a day";
}

}  // namespace
}  // namespace vozex::sandbox
