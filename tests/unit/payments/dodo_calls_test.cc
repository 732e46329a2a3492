// SPDX-License-Identifier: Apache-2.0
//
// Calls of the adapter `payments` to a server that answers like Dodo, and what becomes of each way
// to fail.
#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "adapters/http/standard_webhooks.h"
#include "adapters/payments/payments_adapter.h"
#include "engine/types/json.h"
#include "tests/support/loopback_server.h"
#include "tests/unit/payments/fakes.h"

namespace vozex::payments {
namespace {

using test::LoopbackServer;
using test::WireReply;
using test::WireRequest;
using types::Value;

const Timestamp k_now = *parse_timestamp("2026-05-04T06:00:00Z");
const std::string k_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

Value parse(const std::string& json) {
  auto value = types::parse_json(json);
  EXPECT_TRUE(value) << json;
  return value.value_or(Value());
}

// A server with one reply per "METHOD path" (query left out), and the adapter that talks to it.
class DodoCalls : public ::testing::Test {
 protected:
  DodoCalls() : server_([this](const WireRequest& request) { return answer(request); }) {
    const auto config =
        parse(R"({"dodo":{"base_url":")" + server_.url() +
              R"(/","api_key":"env:KEY","webhook_secrets":["env:HOOK"],"product_ref":"pdt_any"}})");
    auto gateways = make_gateways(config, {http_, secrets_, clock_});
    EXPECT_TRUE(gateways);
    adapter_ = std::make_unique<PaymentsAdapter>(*std::move(gateways), clock_);
  }

  WireReply answer(const WireRequest& request) {
    const std::lock_guard lock(mutex_);
    seen_.push_back(request);
    const auto found =
        replies_.find(request.method + " " + request.target.substr(0, request.target.find('?')));
    return found == replies_.end()
               ? WireReply::answer(404, R"({"code":"NOT_FOUND","message":"no"})")
               : found->second;
  }

  void on(const std::string& what, WireReply reply) {
    const std::lock_guard lock(mutex_);
    replies_[what] = std::move(reply);
  }
  void on(const std::string& what, int status, const std::string& body) {
    on(what, WireReply::answer(status, body));
  }

  ports::CallReply call(const std::string& operation, const std::string& input) {
    ports::CallRequest request;
    request.operation = operation;
    request.input = parse(input);
    request.timeout = timeout_;
    return adapter_->call(request);
  }

  std::string ok(const std::string& operation, const std::string& input) {
    const auto reply = call(operation, input);
    return reply ? types::to_json(*reply)
                 : "error " + reply.error().code + ": " + reply.error().message;
  }

  StillClock clock_{k_now};
  MapSecrets secrets_{{{"env:KEY", "sk_test"}, {"env:HOOK", k_secret}}};
  http::HttpClient http_;
  std::mutex mutex_;
  std::map<std::string, WireReply> replies_;
  std::vector<WireRequest> seen_;
  LoopbackServer server_;
  std::unique_ptr<PaymentsAdapter> adapter_;
  Duration timeout_ = std::chrono::seconds{20};
};

const std::string k_checkout =
    R"({"gateway":"dodo","payment_id":"o1-p1","order_id":"o1","amount":{"minor":4900,"currency":"USD"}})";

TEST_F(DodoCalls, CheckoutCarriesOurReferencesAndTheAmount) {
  on("POST /checkouts",
     200,
     R"({"session_id":"cks_1","checkout_url":"https://pay.example/cks_1","payment_id":null})");
  EXPECT_EQ(ok("create_checkout", k_checkout),
            R"({"session_ref":"cks_1","url":"https://pay.example/cks_1"})");
  ASSERT_EQ(seen_.size(), 1u);
  EXPECT_EQ(seen_[0].headers["authorization"], "Bearer sk_test");
  EXPECT_EQ(types::to_json(parse(seen_[0].body)),
            R"({"billing_currency":"USD","metadata":{"order_id":"o1","payment_id":"o1-p1"},)"
            R"("product_cart":[{"amount":4900,"product_id":"pdt_any","quantity":1}]})");
}

TEST_F(DodoCalls, CheckoutOfGatewayProductsAndABuyer) {
  on("POST /checkouts",
     200,
     R"({"session_id":"cks_1","checkout_url":"https://pay.example/cks_1"})");
  ok("create_checkout",
     R"({"gateway":"dodo","payment_id":"p","order_id":"o","amount":{"minor":4900,"currency":"EUR"},
         "items":[{"product_ref":"pdt_1","quantity":2,"unit_minor":2450}],"return_url":"https://shop.example/",
         "customer":{"email":"a@b.example","name":"Ann"}})");
  ASSERT_EQ(seen_.size(), 1u);
  EXPECT_EQ(
      types::to_json(parse(seen_[0].body)),
      R"({"billing_currency":"EUR","customer":{"email":"a@b.example","name":"Ann"},)"
      R"("metadata":{"order_id":"o","payment_id":"p"},)"
      R"("product_cart":[{"amount":2450,"product_id":"pdt_1","quantity":2}],"return_url":"https://shop.example/"})");
}

TEST_F(DodoCalls, EveryWayToFailSaysWhetherItMayHaveBeenDone) {
  struct Row {
    const char* name;
    WireReply reply;
    const char* code;
    bool retryable;
    bool unknown;
  };
  const Row rows[] = {
      {"cut before the answer", WireReply::cut(), "outcome_unknown", false, true},
      {"half an answer",
       {"HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\n{", WireReply::After::close},
       "outcome_unknown",
       false,
       true},
      {"500", WireReply::answer(500, "{}"), "outcome_unknown", false, true},
      {"503", WireReply::answer(503, "oops"), "outcome_unknown", false, true},
      {"408", WireReply::answer(408, ""), "outcome_unknown", false, true},
      {"not JSON", WireReply::answer(200, "<html>"), "bad_reply", false, true},
      {"nothing in it", WireReply::answer(200, "{}"), "bad_reply", false, true},
      {"429",
       WireReply::answer(429, R"({"code":"TOO_MANY_REQUESTS"})", {"Retry-After: 7"}),
       "rate_limited",
       true,
       false},
      {"422",
       WireReply::answer(422, R"({"code":"X","message":"bad cart"})"),
       "invalid_input",
       false,
       false},
      {"401", WireReply::answer(401, R"({"code":"UNAUTHORIZED"})"), "not_configured", false, false},
      {"302", WireReply::answer(302, "", {"Location: /"}), "refused", false, false},
  };
  for (const auto& row : rows) {
    on("POST /checkouts", row.reply);
    const int before = server_.requests();
    const auto reply = call("create_checkout", k_checkout);
    ASSERT_FALSE(reply) << row.name;
    EXPECT_EQ(reply.error().code, row.code) << row.name;
    EXPECT_EQ(reply.error().retryable, row.retryable) << row.name;
    EXPECT_EQ(reply.error().outcome_unknown, row.unknown) << row.name;
    EXPECT_EQ(server_.requests(), before + 1) << row.name << ": nothing is repeated here";
    EXPECT_EQ(reply.error().message.find("sk_test"), std::string::npos);
  }
}

TEST_F(DodoCalls, RetryAfterIsPassedOn) {
  on("POST /checkouts", WireReply::answer(429, "{}", {"Retry-After: 7"}));
  EXPECT_EQ(call("create_checkout", k_checkout).error().retry_after,
            Duration(std::chrono::seconds(7)));
  on("POST /checkouts",
     WireReply::answer(429, "{}", {"Retry-After: Mon, 04 May 2026 06:00:30 GMT"}));
  EXPECT_EQ(call("create_checkout", k_checkout).error().retry_after,
            Duration(std::chrono::seconds(30)));
}

TEST_F(DodoCalls, SilenceOfACreateIsAnUnknownOutcomeOfAReadATimeout) {
  timeout_ = std::chrono::milliseconds(50);
  on("POST /checkouts", WireReply::silence());
  const auto create = call("create_checkout", k_checkout);
  ASSERT_FALSE(create);
  EXPECT_TRUE(create.error().outcome_unknown);
  on("GET /payments/pay_1", WireReply::silence());
  const auto read = call("get", R"({"gateway":"dodo","gateway_ref":"pay_1"})");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, "timeout");
  EXPECT_TRUE(read.error().retryable);
  EXPECT_FALSE(read.error().outcome_unknown);
}

TEST_F(DodoCalls, NobodyThereMeansNothingWasDone) {
  const auto config =
      parse(R"({"dodo":{"base_url":"http://127.0.0.1:)" + std::to_string(test::closed_port()) +
            R"(","api_key":"env:KEY","product_ref":"p"}})");
  PaymentsAdapter adapter(*make_gateways(config, {http_, secrets_, clock_}), clock_);
  ports::CallRequest request;
  request.operation = "create_checkout";
  request.input = parse(k_checkout);
  const auto reply = adapter.call(request);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "unavailable");
  EXPECT_TRUE(reply.error().retryable);
  EXPECT_FALSE(reply.error().outcome_unknown);
}

TEST_F(DodoCalls, LostCreateIsSettledByReading) {
  on("GET /payments",
     200,
     R"({"items":[{"payment_id":"pay_9","metadata":{"payment_id":"other"}}]})");
  EXPECT_EQ(ok("find_checkout", k_checkout), R"({"outcome":"not_happened"})");
  on("GET /payments",
     200,
     R"({"items":[{"payment_id":"pay_8","status":"failed","metadata":{"payment_id":"o1-p1"},"checkout_session_id":"cks_7"},
                  {"payment_id":"pay_7","status":"succeeded","metadata":{"payment_id":"o1-p1"},"checkout_session_id":"cks_7"}]})");
  EXPECT_EQ(
      ok("find_checkout", k_checkout),
      R"({"outcome":"happened","result":{"gateway_ref":"pay_7","session_ref":"cks_7","url":""}})");
  std::string full;
  for (int i = 0; i < 100; ++i)
    full += std::string(full.empty() ? "" : ",") + R"({"payment_id":"x"})";
  on("GET /payments", 200, R"({"items":[)" + full + "]}");
  EXPECT_EQ(ok("find_checkout", k_checkout), R"({"outcome":"not_happened"})")
      << "nobody has its URL";
  EXPECT_EQ(call("get", R"({"gateway":"dodo","payment_id":"p"})").error().code, "unavailable")
      << "too many to look through";
  on("GET /payments", 500, "{}");
  EXPECT_TRUE(call("find_checkout", k_checkout).error().retryable);
}

TEST_F(DodoCalls, LookUpBySession) {
  on("GET /checkouts/cks_1", 200, R"({"id":"cks_1","payment_id":null,"payment_status":null})");
  EXPECT_EQ(ok("get", R"({"gateway":"dodo","session_ref":"cks_1","payment_id":"p"})"),
            R"({"authorised_total":0,"captured_total":0,"disputed":false,"refunded_total":0,)"
            R"("session_ref":"cks_1","standing":"none","status":"none"})");
  on("GET /checkouts/cks_1", 200, R"({"id":"cks_1","payment_id":"pay_1"})");
  on("GET /payments/pay_1",
     200,
     R"({"payment_id":"pay_1","status":"succeeded","total_amount":4900,"currency":"USD","checkout_session_id":"cks_1",
         "refunds":[{"refund_id":"r1","amount":100,"status":"succeeded"},{"refund_id":"r2","amount":50,"status":"failed"}],
         "disputes":[{"dispute_status":"dispute_opened"}]})");
  EXPECT_EQ(
      ok("get", R"({"gateway":"dodo","session_ref":"cks_1"})"),
      R"({"amount":{"currency":"USD","minor":4900},"authorised_total":0,"captured_total":4900,)"
      R"("disputed":true,"gateway_ref":"pay_1","refunded_total":100,"session_ref":"cks_1",)"
      R"("standing":"disputed","status":"captured"})");
}

const std::string k_payment =
    R"({"payment_id":"pay_1","status":"succeeded","total_amount":4900,"currency":"USD",
        "metadata":{"payment_id":"o1-p1","order_id":"o1"},)";

std::string refund_input(int amount) {
  return R"({"gateway":"dodo","gateway_ref":"pay_1","request_id":"rq1","amount":{"currency":"USD","minor":)" +
         std::to_string(amount) + "}}";
}

TEST_F(DodoCalls, FullRefundNamesNoItems) {
  on("GET /payments/pay_1", 200, k_payment + R"("refunds":[]})");
  on("POST /refunds",
     200,
     R"({"refund_id":"ref_1","payment_id":"pay_1","amount":4900,"status":"succeeded"})");
  EXPECT_EQ(ok("refund", refund_input(4900)),
            R"({"amount":4900,"refund_ref":"ref_1","refunded_total":4900,"status":"succeeded"})");
  EXPECT_EQ(
      types::to_json(parse(seen_.back().body)),
      R"({"metadata":{"order_id":"o1","payment_id":"o1-p1","request_id":"rq1"},"payment_id":"pay_1"})");
}

TEST_F(DodoCalls, PartialRefundIsSpreadOverLineItems) {
  on("GET /payments/pay_1",
     200,
     k_payment + R"("refunds":[{"refund_id":"r0","amount":1000,"status":"pending"}]})");
  on("GET /payments/pay_1/line-items",
     200,
     R"({"items":[{"items_id":"i1","amount":2900,"refundable_amount":1900},{"items_id":"i2","amount":2000,"refundable_amount":2000}]})");
  on("POST /refunds", 200, R"({"refund_id":"ref_1","amount":2000,"status":"pending"})");
  EXPECT_EQ(ok("refund", refund_input(2000)),
            R"({"amount":2000,"refund_ref":"ref_1","refunded_total":3000,"status":"pending"})");
  EXPECT_EQ(
      types::to_json(*parse(seen_.back().body).find("items")),
      R"([{"amount":1900,"item_id":"i1","tax_inclusive":true},{"amount":100,"item_id":"i2","tax_inclusive":true}])");
}

TEST_F(DodoCalls, RefundThatCannotBeIsRefusedBeforeAsking) {
  struct Row {
    std::string rest;
    int amount;
    const char* code;
  };
  for (const auto& row : std::vector<Row>{
           {R"("refunds":[{"refund_id":"r","amount":4900,"status":"succeeded"}]})",
            4900,
            "already_refunded"},
           {R"("refund_status":"full"})", 100, "already_refunded"},
           {R"("refunds":[{"refund_id":"r","amount":4000,"status":"succeeded"}]})",
            901,
            "amount_too_high"},
           {R"("disputes":[{"dispute_status":"dispute_challenged"}]})", 100, "disputed"}}) {
    on("GET /payments/pay_1", 200, k_payment + row.rest);
    const auto reply = call("refund", refund_input(row.amount));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, row.code);
    EXPECT_FALSE(reply.error().retryable);
  }
  for (const auto& request : seen_) EXPECT_EQ(request.method, "GET");
}

TEST_F(DodoCalls, RefundInAnotherCurrencyIsRefused) {
  on("GET /payments/pay_1", 200, k_payment + R"("refunds":[]})");
  const auto reply = call(
      "refund",
      R"({"gateway":"dodo","gateway_ref":"pay_1","request_id":"rq1","amount":{"minor":4900,"currency":"EUR"}})");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "invalid_input");
  EXPECT_EQ(server_.requests(), 1);
}

TEST_F(DodoCalls, RefundErrorsOfDodo) {
  on("GET /payments/pay_1", 200, k_payment + R"("refunds":[]})");
  on("POST /refunds", 409, R"({"code":"PAYMENT_ALREADY_REFUNDED","message":"done"})");
  EXPECT_EQ(call("refund", refund_input(4900)).error().code, "already_refunded");
  on("POST /refunds", 422, R"({"code":"REFUND_WINDOW_EXPIRED","message":"late"})");
  EXPECT_EQ(call("refund", refund_input(4900)).error().code, "too_late");
}

TEST_F(DodoCalls, LostRefundIsFoundByItsRequestId) {
  on("GET /payments/pay_1",
     200,
     k_payment + R"("refunds":[{"refund_id":"ref_1","amount":4900,"status":"succeeded"}]})");
  on("GET /refunds/ref_1",
     200,
     R"({"refund_id":"ref_1","amount":4900,"status":"succeeded","metadata":{"request_id":"rq1"}})");
  EXPECT_EQ(
      ok("find_refund", refund_input(4900)),
      R"({"outcome":"happened","result":{"amount":4900,"refund_ref":"ref_1","refunded_total":4900,"status":"succeeded"}})");
  on("GET /refunds/ref_1",
     200,
     R"({"refund_id":"ref_1","amount":4900,"status":"succeeded","metadata":{}})");
  EXPECT_EQ(ok("find_refund", refund_input(4900)), R"({"outcome":"not_happened"})");
}

TEST_F(DodoCalls, UnknownGatewayOperationAndInputAreNamed) {
  EXPECT_EQ(call("get", R"({"gateway":"nope","payment_id":"p"})").error().code, "not_configured");
  EXPECT_EQ(call("fly", R"({"gateway":"dodo"})").error().code, "invalid_input");
  EXPECT_EQ(call("create_checkout", R"({"gateway":"dodo","payment_id":"p"})").error().code,
            "invalid_input");
  EXPECT_EQ(call("refund", refund_input(0)).error().code, "invalid_input");
  EXPECT_EQ(server_.requests(), 0);
}

TEST_F(DodoCalls, WebhookThroughTheDoor) {
  on("GET /payments/pay_1",
     200,
     k_payment + R"("refunds":[{"refund_id":"a","amount":1000,"status":"succeeded"},
                                                           {"refund_id":"b","amount":500,"status":"succeeded"}]})");
  const std::string body =
      R"({"type":"refund.succeeded","timestamp":"2026-05-04T05:59:00Z","data":{"payment_id":"pay_1","refund_id":"b",
          "amount":500,"currency":"USD","is_partial":true,"status":"succeeded"}})";
  const auto headers =
      http::sign_webhook({*http::parse_webhook_secret(k_secret)}, "msg_5", k_now, body);
  const auto event = adapter_->receive("dodo", headers, body);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, "refund.changed");
  EXPECT_EQ(event->id, "msg_5");
  EXPECT_EQ(event->data.find("refunded_total")->as_integer(), 1500) << "the body knows 500 only";

  on("GET /payments/pay_1", 500, "");
  EXPECT_EQ(adapter_->receive("dodo", headers, body).error().kind, ErrorClass::unavailable);
  on("GET /payments/pay_1", 404, R"({"code":"NOT_FOUND"})");
  EXPECT_EQ(adapter_->receive("dodo", headers, body)->data.find("refunded_total")->as_integer(),
            500);
  EXPECT_EQ(adapter_->receive("dodo", headers, body + " ").error().kind, ErrorClass::refused);
  EXPECT_EQ(adapter_->receive("dodo", {}, body).error().code, "webhook_header_missing");
  EXPECT_EQ(adapter_->receive("nope", headers, body).error().kind, ErrorClass::not_found);
}

TEST_F(DodoCalls, TestConnection) {
  on("GET /payments", 200, R"({"items":[]})");
  EXPECT_TRUE(adapter_->check("dodo")->ok);
  on("GET /payments", 401, R"({"code":"UNAUTHORIZED","message":"bad key"})");
  EXPECT_EQ(adapter_->check("dodo")->code, "wrong_key");
}

TEST(MakeGateways, NamesWhatIsWrong) {
  http::HttpClient http;
  const StillClock clock(k_now);
  const MapSecrets secrets({});
  const auto gateways = make_gateways(parse(R"({"dodoo":{}})"), {http, secrets, clock});
  ASSERT_FALSE(gateways);
  EXPECT_EQ(gateways.error().message,
            "unknown gateway in payments: expected dodo, paypal or stripe, got dodoo");
  EXPECT_FALSE(make_gateways(parse(R"({"dodo":{"base_url":"ftp://x"}})"), {http, secrets, clock}));
}

}  // namespace
}  // namespace vozex::payments
