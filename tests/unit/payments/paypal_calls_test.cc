// SPDX-License-Identifier: Apache-2.0
//
// Calls of the adapter `payments` to a server that answers like PayPal.
#include "adapters/payments/paypal/paypal_gateway.h"
#include "tests/unit/payments/calls.h"

namespace vozex::payments {
namespace {

class PaypalCalls : public GatewayCalls {
 protected:
  void SetUp() override {
    open("paypal",
         R"("client_id":"env:ID","client_secret":"env:KEY","webhook_ids":["WH1"],)"
         R"("return_url":"https://shop.example/")");
    on("POST /v1/oauth2/token", 200, R"({"access_token":"t1","expires_in":28800})");
  }
};

const std::string k_checkout =
    R"("payment_id":"p1","order_id":"o1","title":"A book","amount":{"minor":4900,"currency":"USD"})";
const std::string k_order = R"({"id":"O1","status":"CREATED","links":[
    {"rel":"self","href":"https://x/v2/checkout/orders/O1"},{"rel":"payer-action","href":"https://pay.example/O1"}]})";
const std::string k_refund =
    R"("gateway_ref":"C1","request_id":"r1","amount":{"minor":1000,"currency":"USD"})";

std::string order(const std::string& status, const std::string& payments) {
  return R"({"id":"O1","status":")" + status +
         R"(","purchase_units":[{"amount":{"currency_code":"USD","value":"49.00"},"payments":)" +
         payments + "}]}";
}

std::string capture(const std::string& status) {
  return R"({"id":"C1","status":")" + status +
         R"(","amount":{"currency_code":"USD","value":"49.00"},
            "supplementary_data":{"related_ids":{"order_id":"O1"}}})";
}

std::string refunded(const std::string& value, const std::string& request) {
  return R"({"captures":[)" + capture("PARTIALLY_REFUNDED") +
         R"(],"refunds":[{"id":"R1","status":"COMPLETED","custom_id":")" + request +
         R"(","amount":{"currency_code":"USD","value":")" + value +
         R"("},"links":[{"rel":"up","href":"https://x/v2/payments/captures/C1"}]}]})";
}

TEST_F(PaypalCalls, CheckoutIsAnOrderWithOurReferencesAndAKey) {
  on("POST /v2/checkout/orders", 201, k_order);
  EXPECT_EQ(call("create_checkout", k_checkout),
            R"({"session_ref":"O1","url":"https://pay.example/O1"})");
  auto token = sent("POST /v1/oauth2/token");
  EXPECT_EQ(token.headers["authorization"], "Basic Y2xpZW50OnNrX3Rlc3RfMQ==");
  EXPECT_EQ(token.body, "grant_type=client_credentials");
  auto request = sent("POST /v2/checkout/orders");
  EXPECT_EQ(request.headers["authorization"], "Bearer t1");
  EXPECT_EQ(request.headers["paypal-request-id"], "checkout/p1");
  const auto body = types::parse_json(request.body);
  ASSERT_TRUE(body);
  const auto& unit = body->find("purchase_units")->as_list().front();
  EXPECT_EQ(unit.text_at("custom_id"), "p1");
  EXPECT_EQ(unit.text_at("reference_id"), "o1");
  EXPECT_EQ(types::to_json(*unit.find("amount")), R"({"currency_code":"USD","value":"49.00"})");
}

TEST_F(PaypalCalls, TokenIsKeptAndFetchedAnewWhenItIsRefused) {
  on("POST /v2/checkout/orders", 201, k_order);
  call("create_checkout", k_checkout);
  call("create_checkout", k_checkout);
  EXPECT_EQ(count("POST /v1/oauth2/token"), 1);
  on("POST /v2/checkout/orders", 401, R"({"error":"invalid_token"})");
  then("POST /v2/checkout/orders", 201, k_order);
  EXPECT_EQ(call("create_checkout", k_checkout).find("error"), std::string::npos);
  EXPECT_EQ(count("POST /v1/oauth2/token"), 2);
  on("POST /v2/checkout/orders", 401, "{}");
  EXPECT_EQ(call("create_checkout", k_checkout), "error not_configured");
  EXPECT_EQ(count("POST /v1/oauth2/token"), 3);  // once more, not for ever
}

TEST_F(PaypalCalls, AShortTokenIsNotKept) {
  on("POST /v1/oauth2/token", 200, R"({"access_token":"t1","expires_in":60})");
  on("POST /v2/checkout/orders", 201, k_order);
  call("create_checkout", k_checkout);
  call("create_checkout", k_checkout);
  EXPECT_EQ(count("POST /v1/oauth2/token"), 2);
}

TEST_F(PaypalCalls, AmountsAreDecimalsOfTheirCurrency) {
  on("POST /v2/checkout/orders", 201, k_order);
  const auto value = [&](const std::string& minor, const std::string& currency) {
    const auto answer = call("create_checkout",
                             R"("payment_id":"p1","amount":{"minor":)" + minor +
                                 R"(,"currency":")" + currency + R"("})");
    if (answer.starts_with("error")) return answer;
    const auto body = types::parse_json(sent("POST /v2/checkout/orders").body);
    return std::string(
        body->find("purchase_units")->as_list().front().find("amount")->text_at("value"));
  };
  EXPECT_EQ(value("4900", "USD"), "49.00");
  EXPECT_EQ(value("7", "USD"), "0.07");
  EXPECT_EQ(value("4900", "JPY"), "4900");
  EXPECT_EQ(value("4900", "TND"), "4.900");
  EXPECT_EQ(value("4900", "HUF"), "49");
  EXPECT_EQ(value("4950", "HUF"), "error invalid_input");
}

TEST_F(PaypalCalls, CaptureOfAnApprovedOrder) {
  const std::string input = R"("payment_id":"p1","session_ref":"O1")";
  const std::string path = "POST /v2/checkout/orders/O1/capture";
  on(path, 201, order("COMPLETED", R"({"captures":[)" + capture("COMPLETED") + "]}"));
  EXPECT_EQ(
      call("capture", input),
      R"({"amount":{"currency":"USD","minor":4900},"authorised_total":0,"captured_total":4900,)"
      R"("disputed":false,"gateway_ref":"C1","refunded_total":0,"session_ref":"O1",)"
      R"("standing":"captured","status":"captured"})");
  EXPECT_EQ(sent(path).headers["paypal-request-id"], "capture/O1/call-1");
  // An order that is completed may have a capture that isn't.
  on(path, 201, order("COMPLETED", R"({"captures":[)" + capture("PENDING") + "]}"));
  EXPECT_NE(call("capture", input).find(R"("status":"pending")"), std::string::npos);
}

TEST_F(PaypalCalls, CapturesThatFailSayWhy) {
  const std::string input = R"("payment_id":"p1","session_ref":"O1")";
  const auto with = [&](const std::string& issue) {
    on("POST /v2/checkout/orders/O1/capture",
       422,
       R"({"name":"UNPROCESSABLE_ENTITY","details":[{"issue":")" + issue + R"("}]})");
    return call("capture", input);
  };
  EXPECT_EQ(with("ORDER_NOT_APPROVED"), "error not_approved");
  EXPECT_EQ(with("INSTRUMENT_DECLINED"), "error declined");
  EXPECT_EQ(with("ORDER_COMPLETION_IN_PROGRESS"), "error unavailable");
  EXPECT_EQ(with("DUPLICATE_INVOICE_ID"), "error conflict");
  on("GET /v2/checkout/orders/O1",
     200,
     order("COMPLETED", R"({"captures":[)" + capture("COMPLETED") + "]}"));
  EXPECT_NE(with("ORDER_ALREADY_CAPTURED").find(R"("status":"captured")"), std::string::npos);
}

TEST_F(PaypalCalls, RefundSetsTheCumulativeTotal) {
  on("GET /v2/payments/captures/C1", 200, capture("COMPLETED"));
  on("GET /v2/checkout/orders/O1",
     200,
     order("COMPLETED", R"({"captures":[)" + capture("COMPLETED") + "]}"));
  on("POST /v2/payments/captures/C1/refund",
     201,
     R"({"id":"R1","status":"COMPLETED","amount":{"currency_code":"USD","value":"10.00"},
         "seller_payable_breakdown":{"total_refunded_amount":{"currency_code":"USD","value":"15.00"}}})");
  EXPECT_EQ(call("refund", k_refund),
            R"({"amount":1000,"refund_ref":"R1","refunded_total":1500,"status":"succeeded"})");
  auto request = sent("POST /v2/payments/captures/C1/refund");
  EXPECT_EQ(request.headers["paypal-request-id"], "refund/C1/r1");
  EXPECT_EQ(request.body, R"({"amount":{"currency_code":"USD","value":"10.00"},"custom_id":"r1"})");
}

TEST_F(PaypalCalls, LostRefundIsFoundInItsOrder) {
  on("GET /v2/payments/captures/C1", 200, capture("PARTIALLY_REFUNDED"));
  on("GET /v2/checkout/orders/O1", 200, order("COMPLETED", refunded("10.00", "r1")));
  EXPECT_EQ(
      call("find_refund", k_refund),
      R"({"outcome":"happened","result":{"amount":1000,"refund_ref":"R1","refunded_total":1000,"status":"succeeded"}})");
  on("GET /v2/checkout/orders/O1", 200, order("COMPLETED", refunded("10.00", "r0")));
  EXPECT_EQ(call("find_refund", k_refund), R"({"outcome":"not_happened"})");
}

TEST_F(PaypalCalls, ASubscriptionAtAPriceOfOursReplacesThatOfItsPlan) {
  on("POST /v1/billing/subscriptions",
     201,
     R"({"id":"I-1","links":[{"rel":"approve","href":"https://pay.example/I-1"}]})");
  const auto buy = [&](const std::string& ref, const std::string& trial) {
    return call("create_checkout",
                k_checkout + R"(,"items":[{"product_ref":")" + ref +
                    R"(","quantity":2,"unit_minor":2450}],"recurring":{"subscription_id":"s1")" +
                    trial + "}");
  };
  buy("P-1", "");
  const auto plain = sent("POST /v1/billing/subscriptions").body;
  EXPECT_NE(
      plain.find(
          R"("plan":{"billing_cycles":[{"pricing_scheme":{"fixed_price":{"currency_code":"USD","value":"24.50"}},"sequence":1,"total_cycles":0}]})"),
      std::string::npos)
      << plain;
  buy("P-1", R"(,"trial_days":14)");
  EXPECT_NE(sent("POST /v1/billing/subscriptions").body.find(R"("sequence":2)"), std::string::npos)
      << "after the trial";
  EXPECT_EQ(buy("", ""), "error invalid_input");
}

TEST_F(PaypalCalls, SubscriptionsChange) {
  const std::string path = "/v1/billing/subscriptions/I-1";
  on("POST /v1/billing/subscriptions",
     201,
     R"({"id":"I-1","links":[{"rel":"approve","href":"https://pay.example/I-1"}]})");
  EXPECT_EQ(
      call("create_checkout",
           k_checkout + R"(,"items":[{"product_ref":"P-1"}],"recurring":{"subscription_id":"s1"})"),
      R"({"session_ref":"I-1","url":"https://pay.example/I-1"})");
  EXPECT_NE(sent("POST /v1/billing/subscriptions").body.find(R"("custom_id":"s1")"),
            std::string::npos);
  for (const char* verb : {"/suspend", "/activate", "/cancel"}) on("POST " + path + verb, 204, "");
  const std::string who = R"("subscription_ref":"I-1","request_id":"r1",)";
  on("GET " + path, 200, R"({"id":"I-1","status":"SUSPENDED","plan_id":"P-1"})");
  EXPECT_NE(call("change_subscription", who + R"("action":"pause")").find("paused"),
            std::string::npos);
  on("GET " + path, 200, R"({"id":"I-1","status":"ACTIVE","plan_id":"P-1"})");
  EXPECT_NE(call("change_subscription", who + R"("action":"resume")").find("active"),
            std::string::npos);
  on("POST " + path + "/revise",
     200,
     R"({"links":[{"rel":"approve","href":"https://pay.example/again"}]})");
  EXPECT_NE(call("change_subscription", who + R"("action":"change_plan","product_ref":"P-2")")
                .find("https://pay.example/again"),
            std::string::npos);
  EXPECT_EQ(call("find_subscription_change", who + R"("action":"change_plan","product_ref":"P-2")"),
            R"({"outcome":"not_happened"})");
  on("GET " + path, 200, R"({"id":"I-1","status":"CANCELLED","plan_id":"P-1"})");
  EXPECT_NE(call("change_subscription", who + R"("action":"cancel")").find("cancelled"),
            std::string::npos);
}

TEST_F(PaypalCalls, WhatASubscriptionOwesIsCaptured) {
  const std::string path = "/v1/billing/subscriptions/I-1";
  const std::string who = R"("subscription_ref":"I-1","request_id":"d1-2")";
  const auto owing = [&](const std::string& value) {
    on("GET " + path,
       200,
       R"({"id":"I-1","status":"ACTIVE","billing_info":{"failed_payments_count":1,"outstanding_balance":{"currency_code":"USD","value":")" +
           value + R"("}}})");
  };
  owing("19.00");
  on("POST " + path + "/capture", 200, R"({"id":"T1","status":"COMPLETED"})");
  EXPECT_EQ(call("collect", who), R"({"gateway_ref":"T1","status":"collected"})");
  EXPECT_NE(sent("POST " + path + "/capture").body.find(R"("value":"19.00")"), std::string::npos);
  EXPECT_EQ(sent("POST " + path + "/capture").headers["paypal-request-id"], "collect/I-1/d1-2");
  on("POST " + path + "/capture", 200, R"({"id":"T2","status":"DECLINED"})");
  EXPECT_EQ(call("collect", who), "error declined");
  EXPECT_NE(call("get_subscription", R"("subscription_ref":"I-1")").find("past_due"),
            std::string::npos)
      << "PayPal leaves it ACTIVE while it tries again";
  owing("0.00");
  EXPECT_EQ(call("collect", who), R"({"status":"nothing_owed"})");
  EXPECT_EQ(count("POST " + path + "/capture"), 2);
}

TEST_F(PaypalCalls, WhatPaypalCantScheduleOrTakeBackIsRefused) {
  const std::string who = R"("subscription_ref":"I-1","request_id":"r1",)";
  EXPECT_EQ(call("change_subscription", who + R"("action":"keep")"), "error refused");
  EXPECT_EQ(call("change_subscription", who + R"("action":"cancel","at_period_end":true)"),
            "error refused");
}

// What the gateway says counts, not what the body claims: here through the gateway itself, because
// a signature needs PayPal's key.
class PaypalWebhookLookups : public PaypalCalls {
 protected:
  Result<WebhookEvent> looked_up(const std::string& body) {
    PaypalConfig config;
    config.base_url = server_.url();
    config.client_id = "env:ID";
    config.client_secret = "env:KEY";
    config.webhook_ids = {"WH1"};
    PaypalGateway gateway(config, {http_, secrets_, clock_});
    auto event = gateway.normalise_webhook("WH-1", body, clock_.now());
    if (!event) return event;
    EXPECT_TRUE(event->needs_lookup);
    auto whole =
        gateway.complete_webhook(*std::move(event), body, clock_.boot() + std::chrono::seconds{10});
    if (!whole) return fail(ErrorClass::unavailable, whole.error().code, whole.error().message);
    return *std::move(whole);
  }
};

const std::string k_claim =
    R"({"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"id":"C1","custom_id":"p1",
        "status":"COMPLETED","amount":{"currency_code":"USD","value":"4900.00"}}})";

TEST_F(PaypalWebhookLookups, WhatPaypalSaysCounts) {
  on("GET /v2/payments/captures/C1", 200, capture("COMPLETED"));
  const auto event = looked_up(k_claim);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, "payment.succeeded");
  EXPECT_EQ(event->data.find("captured_total")->as_integer(), 4900);
  EXPECT_FALSE(event->needs_lookup);
}

TEST_F(PaypalWebhookLookups, ARenewalSaysUntilWhenItPays) {
  const std::string sale =
      R"({"id":"S1","state":"completed","amount":{"total":"19.00","currency":"USD"},
          "billing_agreement_id":"I-1","custom":"s1"})";
  const std::string claim =
      R"({"id":"WH-1","event_type":"PAYMENT.SALE.COMPLETED","resource":)" + sale + "}";
  on("GET /v1/payments/sale/S1", 200, sale);
  on("GET /v1/billing/subscriptions/I-1",
     200,
     R"({"id":"I-1","status":"ACTIVE","plan_id":"P-1",
         "billing_info":{"next_billing_time":"2026-07-04T06:00:00Z"}})");
  const auto event = looked_up(claim);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, "subscription.renewed");
  EXPECT_EQ(event->data.text_at("next_billing_at"), "2026-07-04T06:00:00Z");
  on("GET /v1/billing/subscriptions/I-1", 503, "{}");
  EXPECT_EQ(looked_up(claim).error().code, "unavailable") << "it comes again";
  on("GET /v1/billing/subscriptions/I-1", 404, "{}");
  const auto alone = looked_up(claim);
  ASSERT_TRUE(alone) << "its money counts nevertheless";
  EXPECT_EQ(alone->data.find("captured_total")->as_integer(), 1900);
}

TEST_F(PaypalWebhookLookups, WhatPaypalDoesntKnowMovesNothing) {
  const auto event = looked_up(k_claim);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, "gateway.unconfirmed");
  EXPECT_EQ(event->data.find("captured_total"), nullptr);
}

TEST_F(PaypalWebhookLookups, WithoutAnAnswerTheEventComesAgain) {
  on("GET /v2/payments/captures/C1", 503, "{}");
  EXPECT_EQ(looked_up(k_claim).error().code, "unavailable");
}

TEST_F(PaypalWebhookLookups, TheStatusOfNowCounts) {
  on("GET /v2/payments/captures/C1", 200, capture("DECLINED"));
  EXPECT_EQ(looked_up(k_claim)->type, "payment.failed");
  on("GET /v2/payments/captures/C1", 200, capture("PENDING"));
  EXPECT_EQ(looked_up(k_claim)->type, "payment.processing");
}

TEST_F(PaypalCalls, AGatewayIsChosenAmongThoseConfigured) {
  EXPECT_EQ(call("choose_gateway", R"("enabled":[["stripe","paypal"]])"),
            R"({"gateway":"paypal"})");
  EXPECT_EQ(call("choose_gateway", R"("enabled":[["stripe"]],"chosen":"stripe")"),
            "error gateway_not_configured");
  EXPECT_EQ(call("choose_gateway", R"("enabled":["stripe"])"), "error invalid_input");
}

TEST_F(PaypalCalls, ConnectionIsTested) {
  EXPECT_TRUE(adapter_->check("paypal")->ok);
  on("POST /v1/oauth2/token", 401, R"({"error":"invalid_client"})");
  EXPECT_FALSE(adapter_->check("paypal")->ok);
}

TEST_F(PaypalCalls, AKeyOfTheOtherSideIsToldFromAWrongOne) {
  open(
      "paypal",
      R"("client_id":"env:ID","client_secret":"env:KEY","webhook_ids":["WH1"],"other_base_url":")" +
          server_.url() + R"(/other")");
  on("POST /v1/oauth2/token", 401, R"({"error":"invalid_client"})");
  on("POST /other/v1/oauth2/token", 401, R"({"error":"invalid_client"})");
  EXPECT_EQ(adapter_->check("paypal")->code, "wrong_key");
  on("POST /other/v1/oauth2/token", 200, R"({"access_token":"t1","expires_in":28800})");
  const auto told = adapter_->check("paypal");
  EXPECT_EQ(told->code, "wrong_environment");
  EXPECT_NE(told->hint.find("gateways.paypal.base_url"), std::string::npos) << told->hint;
  on("POST /v1/oauth2/token", 503, "{}");
  EXPECT_EQ(adapter_->check("paypal")->code, "unreachable") << "then it isn't asked";
  EXPECT_EQ(count("POST /other/v1/oauth2/token"), 2);
}

TEST(PaypalConfig, KnowsTheOtherSideOfItsOwnHosts) {
  const auto config = [](const std::string& more) {
    return parse_paypal_config(*types::parse_json(R"({"webhook_ids":["WH1"])" + more + "}"));
  };
  EXPECT_EQ(config("")->other_base_url, "https://api-m.paypal.com");
  EXPECT_EQ(config(R"(,"base_url":"https://api-m.paypal.com")")->other_base_url,
            "https://api-m.sandbox.paypal.com");
  EXPECT_EQ(config(R"(,"base_url":"https://pay.example")")->other_base_url, "");
  EXPECT_FALSE(config(R"(,"environment":"live","other_base_url":"https://pay.example")"));
}

TEST_F(PaypalCalls, AMismatchIsCountedAndNobodyIsAsked) {
  EXPECT_EQ(call("report_mismatch", R"("payment_id":"p1","order_id":"o1","kind":"amount")"),
            R"({"counted":true})");
  EXPECT_EQ(call("report_mismatch", R"("payment_id":"p1","kind":"colour")"), "error invalid_input");
  const auto counts = adapter_->telemetry().counts().at("paypal");
  EXPECT_EQ(counts.mismatches.at("amount"), 1u);
  EXPECT_EQ(counts.mismatches.at("currency"), 0u);
  EXPECT_TRUE(counts.calls.empty()) << "it is no attempt";
}

}  // namespace
}  // namespace vozex::payments
