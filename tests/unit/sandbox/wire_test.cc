// SPDX-License-Identifier: Apache-2.0
//
// The sandbox on the wire, against the adapter that will talk to it: two programs of one protocol,
// no shared code.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include <nlohmann/json.hpp>

#include "adapters/payments/payments_adapter.h"
#include "api/sandbox/sandbox.h"
#include "engine/types/json.h"
#include "tests/support/loopback_server.h"
#include "tests/unit/payments/fakes.h"

namespace vozex::sandbox {
namespace {

using nlohmann::json;
using test::LoopbackServer;
using test::WireReply;
using test::WireRequest;
using types::Value;

// The sandbox, the payments adapter configured for it, and a receiver of its webhooks.
class SandboxOnTheWire : public ::testing::Test {
 protected:
  SandboxOnTheWire() : receiver_([this](const WireRequest& request) { return receive(request); }) {
    SandboxOptions options;
    options.port = 0;
    options.webhook_url = receiver_.url() + "/webhooks/dodo";
    options.prices = {{"pdt_1", 1500}};
    secrets_ =
        std::make_unique<payments::MapSecrets>(std::map<std::string, std::string, std::less<>>{
            {"env:KEY", options.api_key}, {"env:HOOK", options.webhook_secret}});
    sandbox_ = std::make_unique<Sandbox>(options);
    EXPECT_TRUE(sandbox_->start());
    const auto config = types::parse_json(
        R"({"dodo":{"base_url":")" + sandbox_->url() +
        R"(","api_key":"env:KEY","webhook_secrets":["env:HOOK"],"product_ref":"any"}})");
    adapter_ = std::make_unique<payments::PaymentsAdapter>(
        *payments::make_gateways(*config, {http_, *secrets_, clock_}), clock_);
  }

  WireReply receive(const WireRequest& request) {
    const std::lock_guard lock(mutex_);
    if (refuse_ > 0) {
      --refuse_;
      return WireReply::answer(503, "");
    }
    http::Headers headers;
    for (const auto& [name, value] : request.headers) headers.push_back({name, value});
    const auto event = adapter_->receive("dodo", headers, request.body);
    events_.push_back(event ? event->type + " " + event->id : "error " + event.error().code);
    arrived_.notify_all();
    return WireReply::answer(event ? 204 : 400, "");
  }

  // Blocks until so many webhooks have come.
  std::vector<std::string> events(std::size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return events_.size() >= count; });
    return events_;
  }

  ports::CallReply call(const std::string& operation, const std::string& input) {
    ports::CallRequest request;
    request.operation = operation;
    request.input = *types::parse_json(input);
    request.timeout = timeout_;
    return adapter_->call(request);
  }

  json post(const std::string& path, const std::string& body = "") {
    http::HttpRequest request;
    request.method = "POST";
    request.url = sandbox_->url() + path;
    request.body = body;
    request.origin_is_configured = true;
    const auto answer = http_.send(request);
    EXPECT_TRUE(answer);
    return answer ? json::parse(answer->body, nullptr, false) : json();
  }

  static std::string checkout(const std::string& payment_id) {
    return R"({"gateway":"dodo","order_id":"o1","payment_id":")" + payment_id +
           R"(","amount":{"minor":4900,"currency":"USD"}})";
  }

  // Webhooks are judged by real time; within their tolerance it may stand still.
  payments::StillClock clock_{
      std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now())};
  http::HttpClient http_;
  std::unique_ptr<payments::MapSecrets> secrets_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::string> events_;
  int refuse_ = 0;
  Duration timeout_ = std::chrono::seconds{20};
  std::unique_ptr<payments::PaymentsAdapter> adapter_;
  LoopbackServer receiver_;
  std::unique_ptr<Sandbox> sandbox_;
};

TEST_F(SandboxOnTheWire, FromCheckoutToRefund) {
  const auto made = call("create_checkout", checkout("p1"));
  ASSERT_TRUE(made) << made.error().message;
  const std::string session(made->text_at("session_ref"));
  EXPECT_EQ(made->text_at("url"), sandbox_->url() + "/checkout/" + session);
  EXPECT_EQ(
      call("get", R"({"gateway":"dodo","session_ref":")" + session + "\"}")->text_at("status"),
      "none");

  refuse_ = 2;  // the first attempts fall on a closed door
  const auto paid = post("/sandbox/checkouts/" + session + "/pay");
  EXPECT_TRUE(events(1)[0].starts_with("payment.succeeded msg_"));
  const auto state = call("get", R"({"gateway":"dodo","payment_id":"p1"})");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->text_at("status"), "captured");
  EXPECT_EQ(state->find("captured_total")->as_integer(), 4900);
  EXPECT_EQ(state->text_at("gateway_ref"), paid.at("payment_id").get<std::string>());

  const std::string ref(state->text_at("gateway_ref"));
  const auto refund = [&](int amount, const std::string& id) {
    return R"({"gateway":"dodo","gateway_ref":")" + ref + R"(","request_id":")" + id +
           R"(","amount":{"currency":"USD","minor":)" + std::to_string(amount) + "}}";
  };
  EXPECT_EQ(call("refund", refund(900, "r1"))->find("refunded_total")->as_integer(), 900);
  EXPECT_EQ(call("refund", refund(4000, "r2"))->find("refunded_total")->as_integer(), 4900);
  EXPECT_EQ(call("refund", refund(1, "r3")).error().code, "already_refunded");
  EXPECT_EQ(call("find_refund", refund(4000, "r2"))->text_at("outcome"), "happened");
  EXPECT_EQ(call("find_refund", refund(4000, "r9"))->text_at("outcome"), "not_happened");
  for (const auto& event : events(3)) EXPECT_FALSE(event.starts_with("error")) << event;
}

TEST_F(SandboxOnTheWire, LostAnswersAreSettled) {
  for (const std::string fault : {"error_after_work", "reset_after_work", "timeout_after_work"}) {
    timeout_ = fault == "timeout_after_work" ? Duration(std::chrono::milliseconds{200})
                                             : Duration(std::chrono::seconds{20});
    post("/sandbox/faults", R"({"fault":")" + fault + R"(","method":"POST","path":"/checkouts"})");
    const auto made = call("create_checkout", checkout(fault));
    ASSERT_FALSE(made) << fault;
    EXPECT_TRUE(made.error().outcome_unknown) << fault;
    timeout_ = std::chrono::seconds{20};
    EXPECT_EQ(call("find_checkout", checkout(fault))->text_at("outcome"), "not_happened") << fault;
  }
  post("/sandbox/faults", R"({"fault":"rate_limited","retry_after_s":3})");
  const auto limited = call("create_checkout", checkout("p9"));
  ASSERT_FALSE(limited);
  EXPECT_EQ(limited.error().retry_after, Duration(std::chrono::seconds(3)));
}

TEST_F(SandboxOnTheWire, ChaosArrivesCompletely) {
  const auto made = call("create_checkout", checkout("p1"));
  ASSERT_TRUE(made);
  post("/sandbox/checkouts/" + std::string(made->text_at("session_ref")) + "/chaos",
       R"({"webhook_delay_ms":10})");
  std::map<std::string, int> count;
  for (const auto& event : events(7)) ++count[event];
  EXPECT_EQ(count.size(), 4u) << "seven deliveries of four events";
  for (const auto& [event, times] : count) EXPECT_LE(times, 2) << event;
}

TEST_F(SandboxOnTheWire, StandsAloneWhileTheReceiverIsGone) {
  post("/sandbox/webhook",
       R"({"url":"http://127.0.0.1:)" + std::to_string(test::closed_port()) + "/x\"}");
  const auto made = call("create_checkout", checkout("p1"));
  ASSERT_TRUE(made);
  post("/sandbox/checkouts/" + std::string(made->text_at("session_ref")) + "/pay");
  post("/sandbox/webhook", R"({"url":")" + receiver_.url() + "/webhooks/dodo\"}");
  EXPECT_TRUE(events(1)[0].starts_with("payment.succeeded"));
}

TEST_F(SandboxOnTheWire, PortInUseIsSaid) {
  SandboxOptions options;
  options.port = sandbox_->port();
  Sandbox second(options);
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, "listen_failed");
}

}  // namespace
}  // namespace vozex::sandbox
