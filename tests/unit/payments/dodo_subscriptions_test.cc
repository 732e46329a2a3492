// SPDX-License-Identifier: Apache-2.0
//
// Subscriptions at Dodo: what each change sends, how an answer that was lost is settled, and what
// the gateway won't do.
#include "adapters/payments/dodo/normalise.h"
#include "tests/unit/payments/calls.h"

namespace vozex::payments {
namespace {

const std::string k_path = "/subscriptions/sub_1";
const std::string k_who = R"("subscription_ref":"sub_1","request_id":"r1",)";

class DodoSubscriptions : public GatewayCalls {
 protected:
  void SetUp() override {
    open("dodo", R"("api_key":"env:KEY","webhook_secrets":["env:HOOK"],"product_ref":"pdt_any")");
    on("PATCH " + k_path, 200, "{}");
    on("POST " + k_path + "/change-plan", 200, "{}");
    is("active");
  }
  void is(const std::string& status, const std::string& more = "") {
    on("GET " + k_path,
       200,
       R"({"subscription_id":"sub_1","product_id":"pdt_1","quantity":1,"next_billing_date":"2026-06-04T06:00:00Z","status":")" +
           status + "\"" + more + "}");
  }
  std::string change(const std::string& members) {
    return call("change_subscription", k_who + members);
  }
  std::string find(const std::string& members) {
    return call("find_subscription_change", k_who + members);
  }
  std::string patched() { return sent("PATCH " + k_path).body; }
};

TEST_F(DodoSubscriptions, AreReadInTheWordsOfAllGateways) {
  EXPECT_EQ(
      call("get_subscription", R"("subscription_ref":"sub_1")"),
      R"({"cancels_at_period_end":false,"next_billing_at":"2026-06-04T06:00:00Z","product_ref":"pdt_1","quantity":1,"status":"active","subscription_ref":"sub_1"})");
}

TEST_F(DodoSubscriptions, TheirPriceIsThatOfOne) {
  const auto told = [](const std::string& amount) {
    const auto event = normalise_dodo(
        "msg_1",
        R"({"type":"subscription.plan_changed","timestamp":"2026-05-04T06:00:00Z","data":{
            "subscription_id":"sub_1","product_id":"pdt_1","quantity":3,"currency":"USD",
            "recurring_pre_tax_amount":)" +
            amount + "}}",
        *parse_timestamp("2026-05-04T06:00:01Z"));
    const types::Value* price = event ? event->data.find("recurring") : nullptr;
    return price == nullptr ? std::string() : types::to_json(*price);
  };
  EXPECT_EQ(told("5700"), R"({"currency":"USD","minor":1900})");
  EXPECT_EQ(told("5701"), "") << "no price of one makes that";
}

TEST_F(DodoSubscriptions, ChangeThePlanNowWithProrationOrAtRenewalWithout) {
  change(R"("action":"change_plan","product_ref":"pdt_2")");
  auto body = sent("POST " + k_path + "/change-plan").body;
  EXPECT_NE(body.find(R"("proration_billing_mode":"prorated_immediately")"), std::string::npos);
  EXPECT_NE(body.find(R"("effective_at":"immediately")"), std::string::npos);
  change(R"("action":"change_plan","product_ref":"pdt_2","at_period_end":true,"prorate":false)");
  body = sent("POST " + k_path + "/change-plan").body;
  EXPECT_NE(body.find(R"("proration_billing_mode":"do_not_bill")"), std::string::npos);
  EXPECT_NE(body.find(R"("effective_at":"next_billing_date")"), std::string::npos);
}

TEST_F(DodoSubscriptions, PauseAndResumeAreTheOnlyFieldOfTheirRequest) {
  change(R"("action":"pause")");
  EXPECT_EQ(patched(), R"({"status":"paused"})");
  change(R"("action":"resume")");
  EXPECT_EQ(patched(), R"({"status":"active"})");
}

TEST_F(DodoSubscriptions, AreCancelledNowOrAtTheEndOfThePeriodWhichIsTakenBack) {
  change(R"("action":"cancel")");
  EXPECT_NE(patched().find(R"("status":"cancelled")"), std::string::npos);
  change(R"("action":"cancel","at_period_end":true)");
  EXPECT_EQ(patched(), R"({"cancel_at_next_billing_date":true})");
  change(R"("action":"keep")");
  EXPECT_EQ(patched(), R"({"cancel_at_next_billing_date":false})");
}

TEST_F(DodoSubscriptions, AnAnswerThatWasLostIsSettledByReading) {
  const std::string later = R"("action":"change_plan","product_ref":"pdt_2","at_period_end":true)";
  EXPECT_EQ(find(later), R"({"outcome":"not_happened"})");
  is("active", R"(,"scheduled_change":{"product_id":"pdt_2"})");
  EXPECT_NE(find(later).find(R"("outcome":"happened")"), std::string::npos);
  const std::string cancel = R"("action":"cancel","at_period_end":true)";
  EXPECT_EQ(find(cancel), R"({"outcome":"not_happened"})");
  is("active", R"(,"cancel_at_next_billing_date":true)");
  EXPECT_NE(find(cancel).find(R"("outcome":"happened")"), std::string::npos);
  EXPECT_EQ(find(R"("action":"keep")"), R"({"outcome":"not_happened"})");
  is("cancelled");
  EXPECT_EQ(find(R"("action":"keep")"), R"({"outcome":"not_happened"})");
}

TEST_F(DodoSubscriptions, ChargesAreRetriedByDodoAlone) {
  EXPECT_EQ(call("collect", R"("subscription_ref":"sub_1","request_id":"d1")"),
            "error not_supported");
  EXPECT_EQ(call("collect", R"("subscription_ref":"sub_1")"), "error invalid_input");
}

TEST_F(DodoSubscriptions, AMomentThatIsNoneIsLeftOutAndTheRestCounts) {
  const auto event =
      normalise_dodo("msg_1",
                     R"({"type":"subscription.on_hold","timestamp":"2026-05-04T06:00:00Z","data":{
          "subscription_id":"sub_1","status":"on_hold","next_billing_date":"2026-19-12T22:20:32Z"}})",
                     clock_.now());
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->type, "subscription.on_hold");
  EXPECT_EQ(event->data.find("next_billing_at"), nullptr);
}

}  // namespace
}  // namespace vozex::payments
