// SPDX-License-Identifier: Apache-2.0
//
// Every gateway of the sandbox against the adapter that will talk to it: the same stories, told in
// each one's words.
#include <gtest/gtest.h>

#include "tests/unit/sandbox/wire.h"

namespace vozex::sandbox {
namespace {

class EachGateway : public OnTheWire, public ::testing::WithParamInterface<const char*> {
 protected:
  std::string gateway() const { return GetParam(); }

  // The session of a new checkout of 4900.
  std::string opened(const std::string& payment_id) {
    return done("create_checkout", json::parse(checkout(payment_id, gateway())))
        .value("session_ref", "");
  }
  json buyer(const std::string& session,
             const std::string& does,
             const json& body = json::object()) {
    return post("/sandbox/checkouts/" + session + "/" + does, body.dump());
  }
  json state(const std::string& session) {
    return done("get", {{"gateway", gateway()}, {"session_ref", session}});
  }
  // Takes the money, where the gateway leaves that to us.
  json taken(const std::string& session) {
    if (gateway() != "paypal") return state(session);
    return done("capture",
                {{"gateway", gateway()}, {"payment_id", "p1"}, {"session_ref", session}});
  }
  // A payment of 4900: the gateway's reference.
  std::string paid(const std::string& payment_id = "p1") {
    const auto session = opened(payment_id);
    buyer(session, "pay");
    const auto ref = taken(session).value("gateway_ref", "");
    EXPECT_NE(ref, "");
    heard("payment.succeeded");
    return ref;
  }
  json refund(const std::string& ref, int minor, const std::string& request_id) const {
    return {{"gateway", gateway()},
            {"gateway_ref", ref},
            {"request_id", request_id},
            {"amount", {{"minor", minor}, {"currency", "USD"}}}};
  }
  void fault(json rule) {
    rule["gateway"] = gateway();
    EXPECT_TRUE(post("/sandbox/faults", rule.dump()).contains("faults")) << rule;
  }
};

INSTANTIATE_TEST_SUITE_P(Sandbox,
                         EachGateway,
                         ::testing::Values("dodo", "paypal", "stripe"),
                         [](const auto& one) { return std::string(one.param); });

TEST_P(EachGateway, SuccessIsToldAndFound) {
  const auto session = opened("p1");
  buyer(session, "pay");
  const auto now = taken(session);
  EXPECT_EQ(now["status"], "captured");
  EXPECT_EQ(now["captured_total"], 4900);
  const auto told = heard("payment.succeeded");
  EXPECT_EQ(told["payment_id"], "p1");
  EXPECT_EQ(told["captured_total"], 4900);
  EXPECT_EQ(told["gateway_ref"], now["gateway_ref"]);
  EXPECT_EQ(state(session)["status"], "captured");
}

TEST_P(EachGateway, DelayedMoneyComesOrNot) {
  const auto session = opened("p1");
  const auto refs = [&] {
    return ask("GET", "/sandbox/payments?gateway=" + gateway())["payments"];
  };
  buyer(session, "pay", {{"delayed", true}});
  EXPECT_EQ(taken(session)["status"], "pending");
  EXPECT_EQ(heard("payment.processing")["payment_id"], "p1");
  post("/sandbox/payments/" + refs()[0]["payment_id"].get<std::string>() + "/settle");
  EXPECT_EQ(heard("payment.succeeded")["captured_total"], 4900);
  const auto other = opened("p2");
  buyer(other, "pay", {{"delayed", true}});
  taken(other);
  post("/sandbox/payments/" + refs()[1]["payment_id"].get<std::string>() + "/settle",
       R"({"ok":false})");
  EXPECT_EQ(heard("payment.failed")["payment_id"], "p2");
}

TEST_P(EachGateway, PartialAndFullRefunds) {
  const auto ref = paid();
  EXPECT_EQ(done("refund", refund(ref, 900, "r1"))["refunded_total"], 900);
  EXPECT_EQ(heard("refund.changed")["refunded_total"], 900);
  EXPECT_EQ(refused("refund", refund(ref, 4001, "r2")), "amount_too_high");
  EXPECT_EQ(done("refund", refund(ref, 4000, "r3"))["refunded_total"], 4900);
  EXPECT_EQ(refused("refund", refund(ref, 1, "r4")), "already_refunded");
  EXPECT_EQ(done("find_refund", refund(ref, 4000, "r3"))["outcome"], "happened");
  EXPECT_EQ(done("find_refund", refund(ref, 4000, "r9"))["outcome"], "not_happened");
  const auto ledger = ask("GET", "/sandbox/payments?gateway=" + gateway())["payments"][0];
  EXPECT_EQ(ledger["captured"], 4900);
  EXPECT_EQ(ledger["refunded"], 4900);
}

TEST_P(EachGateway, ARefundThatFailsLaterRestoresTheAmount) {
  const auto ref = paid();
  fault({{"fault", "pending_refund"}});
  const auto made = done("refund", refund(ref, 900, "r1"));
  EXPECT_EQ(made["status"], "pending");
  post("/sandbox/refunds/" + made["refund_ref"].get<std::string>() + "/settle", R"({"ok":false})");
  EXPECT_EQ(done("get", {{"gateway", gateway()}, {"gateway_ref", ref}})["refunded_total"], 0);
}

TEST_P(EachGateway, ADisputeIsOpenedAndWonOrLost) {
  const auto ref = paid();
  const std::string path = "/sandbox/payments/" + ref + "/dispute";
  post(path);
  EXPECT_EQ(heard("dispute.changed")["state"], "opened");
  EXPECT_EQ(heard("dispute.changed")["gateway_ref"], ref);
  EXPECT_EQ(refused("refund", refund(ref, 900, "r1")), "disputed");
  EXPECT_EQ(post(path, R"({"state":"won"})")["state"], "won");
  EXPECT_EQ(done("get", {{"gateway", gateway()}, {"gateway_ref", ref}})["disputed"], false);
  post(path, R"({"state":"opened","amount":900})");
  EXPECT_EQ(post(path, R"({"state":"lost"})")["state"], "lost");
  EXPECT_EQ(post(path, R"({"state":"won"})")["code"], "WRONG_STATE") << "what is over is over";
  EXPECT_EQ(ask("GET", "/sandbox/payments?gateway=" + gateway())["payments"][0]["disputes"].size(),
            2u);
}

TEST_P(EachGateway, WrongMoneyIsSeen) {
  fault({{"fault", "wrong_amount"}, {"by", -100}});
  const auto session = opened("p1");
  buyer(session, "pay");
  EXPECT_EQ(taken(session)["captured_total"], 4800);
  EXPECT_EQ(heard("payment.succeeded")["captured_total"], 4800);
}

TEST_P(EachGateway, AGatewayThatIsDownComesBack) {
  fault({{"fault", "down"}});
  const auto reply = call("create_checkout", checkout("p1", gateway()));
  ASSERT_FALSE(reply);
  EXPECT_EQ(refused("get", {{"gateway", gateway()}, {"gateway_ref", "x"}}), "unavailable");
  ask("DELETE", "/sandbox/faults");
  EXPECT_EQ(done("find_checkout", json::parse(checkout("p1", gateway())))["outcome"],
            "not_happened");
  EXPECT_NE(opened("p1"), "");
}

TEST_P(EachGateway, AnErrorAfterTheWorkOfARefundIsSettledByReading) {
  const auto ref = paid();
  fault({{"fault", "error_after_work"}, {"method", "POST"}});
  const auto reply = call("refund", refund(ref, 900, "r1").dump());
  ASSERT_FALSE(reply);
  EXPECT_TRUE(reply.error().outcome_unknown);
  EXPECT_EQ(done("find_refund", refund(ref, 900, "r1"))["outcome"], "happened");
  EXPECT_EQ(ask("GET", "/sandbox/payments?gateway=" + gateway())["payments"][0]["refunded"], 900);
}

TEST_P(EachGateway, WebhooksComeLateTwiceOrNeverAsTold) {
  fault({{"fault", "lost_webhook"}, {"times", 100}, {"metadata", {{"payment_id", "p1"}}}});
  const auto lost = opened("p1");
  buyer(lost, "pay");
  taken(lost);
  fault({{"fault", "held_webhook"}, {"times", 100}});
  const auto held = opened("p2");
  buyer(held, "pay", {{"copies", 2}});
  taken(held);
  const auto deliveries = [&](const std::string& filter) {
    return ask("GET", "/sandbox/deliveries?" + filter)["deliveries"];
  };
  EXPECT_GE(deliveries("state=lost").size(), 1u);
  const auto waiting = deliveries("state=held");
  EXPECT_EQ(waiting.size() % 2, 0u) << "each comes twice";
  EXPECT_EQ(waiting[0]["webhook_id"], waiting[1]["webhook_id"]);
  EXPECT_EQ(post("/sandbox/deliveries/release", R"({"reversed":true})")["released"],
            waiting.size());
  EXPECT_EQ(heard("payment.succeeded")["payment_id"], "p2");
  events(waiting.size());
  const auto seq = waiting[0]["seq"].dump();
  EXPECT_TRUE(post("/sandbox/deliveries/" + seq + "/resend").contains("seq"));
  for (const auto& line : events(waiting.size() + 1))
    EXPECT_FALSE(line.starts_with("error")) << line;
}

TEST_P(EachGateway, ATestConnectionSaysWhatIsWrongAndShowsNoSecret) {
  EXPECT_TRUE(adapter_->check(gateway())->ok);
  const auto with = [&](const char* value, const std::string& url) {
    auto changed = settings();
    for (const char* name : {"api_key", "client_secret"}) {
      if (changed[gateway()].contains(name)) changed[gateway()][name] = value;
    }
    if (!url.empty()) changed[gateway()]["base_url"] = url;
    const auto told = *adapter_with(changed)->check(gateway());
    EXPECT_FALSE(told.ok);
    EXPECT_NE(told.hint, "");
    EXPECT_EQ((told.message + told.hint).find("sk_test"), std::string::npos) << told.message;
    return told.code;
  };
  EXPECT_EQ(with("env:OTHER", ""), "wrong_key");
  EXPECT_EQ(with("env:NOWHERE", ""), "no_secret");
  EXPECT_EQ(with("env:KEY", "http://127.0.0.1:" + std::to_string(test::closed_port())),
            "unreachable");
  EXPECT_EQ(adapter_->check("bitcoin").error().code, "unknown_gateway");
  if (gateway() == "stripe") {
    auto live = settings();
    live["stripe"]["environment"] = "live";
    EXPECT_EQ(adapter_with(live)->check("stripe")->code, "wrong_environment");
  }
}

TEST_P(EachGateway, WhatIsAskedAndToldIsCounted) {
  fault({{"fault", "rate_limited"}, {"method", "POST"}});
  call("create_checkout", checkout("p0", gateway()));
  paid("p1");
  const std::string door = receiver_.url() + "/webhooks/" + gateway();
  http::HttpRequest forged;
  forged.method = "POST";
  forged.url = door;
  forged.body = "{}";
  forged.origin_is_configured = true;
  ASSERT_TRUE(http_.send(forged));
  const auto counts = adapter_->telemetry().counts().at(gateway());
  EXPECT_EQ(counts.calls.at({"create_checkout", "ok"}), 1u);
  EXPECT_EQ(counts.calls.at({"create_checkout", "rate_limited"}), 1u);
  EXPECT_GE(counts.webhooks.at("payment.succeeded"), 1u);
  EXPECT_EQ(counts.refused.at("webhook_header_missing"), 1u);
  std::uint64_t lags = 0;
  for (const auto count : counts.webhook_lag.counts) lags += count;
  std::uint64_t heard = 0;
  for (const auto& [type, count] : counts.webhooks) heard += count;
  EXPECT_EQ(lags, heard);
}

}  // namespace
}  // namespace vozex::sandbox
