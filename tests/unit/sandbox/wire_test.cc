// SPDX-License-Identifier: Apache-2.0
//
// The Dodo-compatible gateway on the wire, and what is the same for all of them.
#include <gtest/gtest.h>

#include "tests/unit/sandbox/wire.h"

namespace vozex::sandbox {
namespace {

using SandboxOnTheWire = OnTheWire;

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
