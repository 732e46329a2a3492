// SPDX-License-Identifier: Apache-2.0
//
// Calls of the adapter `payments` to a server that answers like Stripe.
#include "adapters/payments/stripe/signature.h"
#include "tests/unit/payments/calls.h"

namespace vozex::payments {
namespace {

class StripeCalls : public GatewayCalls {
 protected:
  void SetUp() override {
    open(
        "stripe",
        R"("api_key":"env:KEY","webhook_secrets":["env:HOOK"],"return_url":"https://shop.example/")");
  }
};

const std::string k_checkout =
    R"("payment_id":"p1","order_id":"o1","title":"A book","amount":{"minor":4900,"currency":"USD"})";
const std::string k_refund =
    R"("gateway_ref":"pi_1","request_id":"r1","amount":{"minor":1000,"currency":"USD"})";

std::string intent(const std::string& status, const std::string& charge) {
  return R"({"id":"pi_1","status":")" + status +
         R"(","amount":4900,"amount_received":4900,"amount_capturable":4900,"currency":"usd","latest_charge":)" +
         charge + "}";
}

TEST_F(StripeCalls, CheckoutIsAFormWithOurReferencesAndAKey) {
  on("POST /v1/checkout/sessions", 200, R"({"id":"cs_1","url":"https://pay.example/cs_1"})");
  EXPECT_EQ(call("create_checkout", k_checkout),
            R"({"session_ref":"cs_1","url":"https://pay.example/cs_1"})");
  auto request = sent("POST /v1/checkout/sessions");
  EXPECT_EQ(request.headers["authorization"], "Bearer sk_test_1");
  EXPECT_EQ(request.headers["idempotency-key"], "checkout/p1");
  EXPECT_EQ(request.headers["stripe-version"], "2026-10-28.endive");
  EXPECT_EQ(request.headers["content-type"], "application/x-www-form-urlencoded");
  for (const char* part : {"mode=payment",
                           "client_reference_id=p1",
                           "metadata%5Bpayment_id%5D=p1",
                           "payment_intent_data%5Bmetadata%5D%5Border_id%5D=o1",
                           "line_items%5B0%5D%5Bprice_data%5D%5Bunit_amount%5D=4900",
                           "line_items%5B0%5D%5Bprice_data%5D%5Bcurrency%5D=usd"})
    EXPECT_NE(request.body.find(part), std::string::npos) << part << " in " << request.body;
  EXPECT_EQ(call("create_checkout", k_checkout).find("error"), std::string::npos);
  EXPECT_EQ(sent("POST /v1/checkout/sessions").body, request.body);  // or the key would be refused
}

TEST_F(StripeCalls, SubscriptionIsACheckoutOfPricesThatRecur) {
  on("POST /v1/checkout/sessions", 200, R"({"id":"cs_1","url":"https://pay.example/cs_1"})");
  const std::string recurring = R"(,"recurring":{"subscription_id":"s1","trial_days":14})";
  call("create_checkout", k_checkout + recurring + R"(,"items":[{"product_ref":"price_1"}])");
  const auto body = sent("POST /v1/checkout/sessions").body;
  for (const char* part : {"mode=subscription",
                           "line_items%5B0%5D%5Bprice%5D=price_1",
                           "subscription_data%5Btrial_period_days%5D=14",
                           "subscription_data%5Bmetadata%5D%5Bsubscription_id%5D=s1"})
    EXPECT_NE(body.find(part), std::string::npos) << part << " in " << body;
  EXPECT_EQ(call("create_checkout", k_checkout + recurring), "error invalid_input");
}

TEST_F(StripeCalls, ASubscriptionAtAPriceOfOursNamesPriceAndPeriod) {
  on("POST /v1/checkout/sessions", 200, R"({"id":"cs_1","url":"https://pay.example/cs_1"})");
  call("create_checkout", k_checkout + R"(,"recurring":{"subscription_id":"s1","months":3},
                        "items":[{"product_ref":"","quantity":2,"unit_minor":2450}])");
  const auto body = sent("POST /v1/checkout/sessions").body;
  for (const char* part : {"mode=subscription",
                           "line_items%5B0%5D%5Bquantity%5D=2",
                           "line_items%5B0%5D%5Bprice_data%5D%5Bunit_amount%5D=2450",
                           "%5Bprice_data%5D%5Brecurring%5D%5Binterval%5D=month",
                           "%5Bprice_data%5D%5Brecurring%5D%5Binterval_count%5D=3",
                           "%5Bprice_data%5D%5Bproduct_data%5D%5Bname%5D=A%20book"})
    EXPECT_NE(body.find(part), std::string::npos) << part << " in " << body;
}

TEST_F(StripeCalls, LostCheckoutIsFoundByOurReference) {
  cut("POST /v1/checkout/sessions");
  EXPECT_EQ(call("create_checkout", k_checkout), "error outcome_unknown");
  on("GET /v1/checkout/sessions",
     200,
     R"({"has_more":false,"data":[{"id":"cs_0","metadata":{}},
         {"id":"cs_1","url":"https://pay.example/cs_1","metadata":{"payment_id":"p1"}}]})");
  EXPECT_EQ(
      call("find_checkout", k_checkout),
      R"({"outcome":"happened","result":{"session_ref":"cs_1","url":"https://pay.example/cs_1"}})");
  on("GET /v1/checkout/sessions", 200, R"({"has_more":false,"data":[]})");
  EXPECT_EQ(call("find_checkout", k_checkout), R"({"outcome":"not_happened"})");
}

TEST_F(StripeCalls, RefundHasAKeyAndIsCumulative) {
  on("GET /v1/payment_intents/pi_1",
     200,
     intent("succeeded", R"({"id":"ch_1","amount_refunded":500})"));
  on("POST /v1/refunds",
     200,
     R"({"id":"re_1","amount":1000,"currency":"usd","status":"succeeded"})");
  EXPECT_EQ(call("refund", k_refund),
            R"({"amount":1000,"refund_ref":"re_1","refunded_total":1500,"status":"succeeded"})");
  auto request = sent("POST /v1/refunds");
  EXPECT_EQ(request.headers["idempotency-key"], "refund/pi_1/r1");
  EXPECT_NE(request.body.find("payment_intent=pi_1&amount=1000"), std::string::npos);
}

TEST_F(StripeCalls, RefundsThatCantBeAreNotAskedFor) {
  const auto with = [&](const std::string& charge) {
    on("GET /v1/payment_intents/pi_1", 200, intent("succeeded", charge));
    return call("refund", k_refund);
  };
  EXPECT_EQ(with(R"({"disputed":true})"), "error disputed");
  EXPECT_EQ(with(R"({"amount_refunded":4900})"), "error already_refunded");
  EXPECT_EQ(with(R"({"amount_refunded":4500})"), "error amount_too_high");
  EXPECT_EQ(count("POST /v1/refunds"), 0);
}

TEST_F(StripeCalls, LostRefundIsFoundByOurRequest) {
  on("GET /v1/payment_intents/pi_1",
     200,
     intent("succeeded", R"({"id":"ch_1","amount_refunded":1000})"));
  on("GET /v1/refunds",
     200,
     R"({"data":[{"id":"re_1","amount":1000,"currency":"usd","status":"pending","metadata":{"request_id":"r1"}}]})");
  EXPECT_EQ(
      call("find_refund", k_refund),
      R"({"outcome":"happened","result":{"amount":1000,"refund_ref":"re_1","refunded_total":1000,"status":"pending"}})");
  on("GET /v1/refunds", 200, R"({"data":[]})");
  EXPECT_EQ(call("find_refund", k_refund), R"({"outcome":"not_happened"})");
}

TEST_F(StripeCalls, CaptureTakesWhatIsHeldOnce) {
  const std::string input = R"("payment_id":"p1","gateway_ref":"pi_1")";
  on("GET /v1/payment_intents/pi_1", 200, intent("requires_capture", "null"));
  on("POST /v1/payment_intents/pi_1/capture", 200, intent("succeeded", R"({"id":"ch_1"})"));
  EXPECT_NE(call("capture", input).find(R"("standing":"captured","status":"captured")"),
            std::string::npos);
  EXPECT_EQ(sent("POST /v1/payment_intents/pi_1/capture").headers["idempotency-key"],
            "capture/pi_1/call-1");
  on("GET /v1/payment_intents/pi_1", 200, intent("succeeded", "null"));
  EXPECT_NE(call("capture", input).find(R"("status":"captured")"), std::string::npos);
  on("GET /v1/payment_intents/pi_1", 200, intent("requires_payment_method", "null"));
  EXPECT_EQ(call("capture", input), "error not_approved");
  EXPECT_EQ(count("POST /v1/payment_intents/pi_1/capture"), 1);
}

TEST_F(StripeCalls, SubscriptionsChange) {
  const std::string path = "/v1/subscriptions/sub_1";
  const std::string now =
      R"({"id":"sub_1","status":"active","items":{"data":[{"id":"si_1","quantity":1,"price":{"id":"price_2"}}]}})";
  on("GET " + path, 200, now);
  on("POST " + path, 200, now);
  on("DELETE " + path, 200, R"({"id":"sub_1","status":"canceled"})");
  const std::string who = R"("subscription_ref":"sub_1","request_id":"r1",)";
  call("change_subscription", who + R"("action":"change_plan","product_ref":"price_2")");
  auto request = sent("POST " + path);
  EXPECT_NE(request.body.find("items%5B0%5D%5Bprice%5D=price_2"), std::string::npos);
  EXPECT_EQ(request.headers["idempotency-key"], "subscription/sub_1/r1");
  call("change_subscription", who + R"("action":"pause")");
  EXPECT_EQ(sent("POST " + path).body, "pause_collection%5Bbehavior%5D=void");
  call("change_subscription", who + R"("action":"resume")");
  EXPECT_EQ(sent("POST " + path).body, "pause_collection=");
  call("change_subscription", who + R"("action":"cancel","at_period_end":true)");
  EXPECT_EQ(sent("POST " + path).body, "cancel_at_period_end=true");
  call("change_subscription", who + R"("action":"keep")");
  EXPECT_EQ(sent("POST " + path).body, "cancel_at_period_end=false");
  EXPECT_NE(call("find_subscription_change", who + R"("action":"keep")").find("happened"),
            std::string::npos);
  EXPECT_NE(call("change_subscription", who + R"("action":"cancel")").find("cancelled"),
            std::string::npos);
  EXPECT_NE(
      call("find_subscription_change", who + R"("action":"change_plan","product_ref":"price_2")")
          .find(R"("outcome":"happened")"),
      std::string::npos);
  EXPECT_EQ(
      call("find_subscription_change", who + R"("action":"change_plan","product_ref":"price_3")"),
      R"({"outcome":"not_happened"})");
}

TEST_F(StripeCalls, WhatASubscriptionOwesIsCollectedByItsInvoice) {
  const std::string who = R"("subscription_ref":"sub_1","request_id":"d1-2")";
  on("GET /v1/subscriptions/sub_1", 200, R"({"id":"sub_1","latest_invoice":"in_1"})");
  on("GET /v1/invoices/in_1", 200, R"({"id":"in_1","status":"open"})");
  on("POST /v1/invoices/in_1/pay", 200, R"({"id":"in_1","status":"paid"})");
  EXPECT_EQ(call("collect", who), R"({"gateway_ref":"in_1","status":"collected"})");
  EXPECT_EQ(sent("POST /v1/invoices/in_1/pay").headers["idempotency-key"], "collect/sub_1/d1-2");
  on("POST /v1/invoices/in_1/pay",
     402,
     R"({"error":{"type":"card_error","code":"card_declined","decline_code":"stolen_card"}})");
  EXPECT_EQ(call("collect", who), "error declined");
  EXPECT_EQ(error_.details.text_at("reason"), "stolen_card");
  on("GET /v1/invoices/in_1", 200, R"({"id":"in_1","status":"paid"})");
  EXPECT_EQ(call("collect", who), R"({"status":"nothing_owed"})");
  EXPECT_EQ(count("POST /v1/invoices/in_1/pay"), 2);
}

TEST_F(StripeCalls, WebhookAboutARefundIsCompletedByItsCharge) {
  const std::string body =
      R"({"id":"evt_1","type":"refund.updated","created":1777874400,"data":{"object":
          {"id":"re_1","charge":"ch_1","amount":1000,"currency":"usd","status":"succeeded"}}})";
  const http::Headers headers{{"stripe-signature", sign_stripe({"s"}, clock_.now(), body)}};
  on("GET /v1/charges/ch_1",
     200,
     R"({"id":"ch_1","payment_intent":"pi_1","captured":true,"status":"succeeded","amount":4900,
         "amount_captured":4900,"amount_refunded":1500,"currency":"usd"})");
  const auto event = adapter_->receive("stripe", headers, body);
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->data.text_at("gateway_ref"), "pi_1");
  EXPECT_EQ(event->data.find("refunded_total")->as_integer(), 1500);
  EXPECT_EQ(event->fact, "refund.changed/re_1/ok/succeeded/1500");
  on("GET /v1/charges/ch_1", 500, "{}");
  EXPECT_EQ(adapter_->receive("stripe", headers, body).error().code, "gateway_unavailable");
}

TEST_F(StripeCalls, ErrorsSayWhatWasDone) {
  const auto with = [&](int status, const std::string& body) {
    on("POST /v1/checkout/sessions", status, body);
    return call("create_checkout", k_checkout);
  };
  EXPECT_EQ(with(400, R"({"error":{"type":"invalid_request_error"}})"), "error invalid_input");
  EXPECT_EQ(with(401, "{}"), "error not_configured");
  EXPECT_EQ(with(409, R"({"error":{"code":"idempotency_key_in_use"}})"), "error unavailable");
  EXPECT_EQ(with(400, R"({"error":{"type":"idempotency_error"}})"), "error conflict");
  EXPECT_EQ(with(429, R"({"error":{"code":"rate_limit"}})"), "error rate_limited");
  EXPECT_EQ(with(500, "{}"), "error outcome_unknown");
  EXPECT_EQ(with(200, "[]"), "error bad_reply");
}

TEST_F(StripeCalls, WhetherToAskAgainIsWhatStripeSays) {
  const auto retryable = [&](int status, const std::string& said) {
    replies_["GET /v1/payment_intents/pi_1"] = {
        WireReply::answer(status, "{}", {"Stripe-Should-Retry: " + said})};
    call("get", R"("gateway_ref":"pi_1")");
    return error_.retryable;
  };
  EXPECT_TRUE(retryable(409, "true"));
  EXPECT_FALSE(retryable(409, "perhaps"));
  EXPECT_FALSE(retryable(503, "false"));
  EXPECT_TRUE(retryable(503, "perhaps"));
  // What may have been done is asked about first, whatever Stripe says of repeating it.
  replies_["POST /v1/checkout/sessions"] = {
      WireReply::answer(500, "{}", {"Stripe-Should-Retry: true"})};
  EXPECT_EQ(call("create_checkout", k_checkout), "error outcome_unknown");
  EXPECT_FALSE(error_.retryable);
}

TEST_F(StripeCalls, MoneyOfAnInvoiceFindsItsSubscription) {
  on("GET /v1/invoice_payments", 200, R"({"data":[{"invoice":"in_1"}]})");
  on("GET /v1/invoices/in_1",
     200,
     R"({"id":"in_1","parent":{"subscription_details":{"subscription":"sub_1","metadata":{"subscription_id":"s1"}}}})");
  const std::string body =
      R"({"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"id":"pi_9","amount_received":900,"currency":"usd","metadata":{}}}})";
  const http::Headers headers{{"stripe-signature", sign_stripe({"s"}, clock_.now(), body)}};
  const auto event = adapter_->receive("stripe", headers, body);
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(event->data.text_at("subscription_ref"), "sub_1");
  EXPECT_EQ(event->data.text_at("subscription_id"), "s1");
  EXPECT_EQ(event->data.text_at("invoice_ref"), "in_1");
  EXPECT_NE(sent("GET /v1/invoice_payments").target.find("pi_9"), std::string::npos);
  on("GET /v1/invoice_payments", 200, R"({"data":[]})");
  const auto other = adapter_->receive("stripe", headers, body);
  ASSERT_TRUE(other) << "somebody else's payment is no error";
  EXPECT_EQ(other->data.text_at("subscription_ref"), "");
  on("GET /v1/invoice_payments", 500, "{}");
  EXPECT_EQ(adapter_->receive("stripe", headers, body).error().code, "gateway_unavailable");
}

TEST_F(StripeCalls, ConnectionIsTested) {
  on("GET /v1/balance", 200, R"({"livemode":false})");
  EXPECT_TRUE(adapter_->check("stripe")->ok);
  on("GET /v1/balance", 401, "{}");
  EXPECT_FALSE(adapter_->check("stripe")->ok);
}

}  // namespace
}  // namespace vozex::payments
