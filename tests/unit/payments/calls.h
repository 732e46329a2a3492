// SPDX-License-Identifier: Apache-2.0
//
// Calls: the adapter `payments` with one gateway, and a server on loopback that answers as the test
// says: one reply per "METHOD path" (query left out), or a list of them, the last one for good.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <mutex>

#include "adapters/payments/payments_adapter.h"
#include "engine/types/json.h"
#include "tests/support/loopback_server.h"
#include "tests/unit/payments/fakes.h"

namespace vozex::payments {

class GatewayCalls : public ::testing::Test {
 protected:
  using WireReply = test::WireReply;
  using WireRequest = test::WireRequest;

  GatewayCalls() : server_([this](const WireRequest& request) { return answer(request); }) {}

  // `settings`: the gateway's part of the configuration, without its braces and base_url.
  void open(const std::string& gateway, const std::string& settings) {
    gateway_ = gateway;
    const auto config = types::parse_json(R"({")" + gateway + R"(":{"base_url":")" + server_.url() +
                                          R"(",)" + settings + "}}");
    ASSERT_TRUE(config);
    auto gateways = make_gateways(*config, {http_, secrets_, clock_});
    ASSERT_TRUE(gateways) << gateways.error().message;
    adapter_ = std::make_unique<PaymentsAdapter>(*std::move(gateways), clock_);
  }

  WireReply answer(const WireRequest& request) {
    const std::lock_guard lock(mutex_);
    seen_.push_back(request);
    auto& replies =
        replies_[request.method + " " + request.target.substr(0, request.target.find('?'))];
    if (replies.empty()) return WireReply::answer(404, "{}");
    auto reply = replies.front();
    if (replies.size() > 1) replies.pop_front();
    return reply;
  }

  void on(const std::string& what, int status, const std::string& body) {
    const std::lock_guard lock(mutex_);
    replies_[what] = {WireReply::answer(status, body)};
  }
  void then(const std::string& what, int status, const std::string& body) {
    const std::lock_guard lock(mutex_);
    replies_[what].push_back(WireReply::answer(status, body));
  }
  void cut(const std::string& what) {
    const std::lock_guard lock(mutex_);
    replies_[what] = {WireReply::cut()};
  }

  // The result as JSON, or "error <code>".
  std::string call(const std::string& operation, const std::string& members) {
    ports::CallRequest request;
    request.operation = operation;
    const auto input = types::parse_json(R"({"gateway":")" + gateway_ + R"(",)" + members + "}");
    EXPECT_TRUE(input) << members;
    request.input = input.value_or(types::Value());
    request.idempotency_key = "call-1";
    request.timeout = std::chrono::seconds{20};
    const auto reply = adapter_->call(request);
    if (!reply) error_ = reply.error();
    return reply ? types::to_json(*reply) : "error " + reply.error().code;
  }

  // The last request of this method and path.
  WireRequest sent(const std::string& what) const {
    for (auto it = seen_.rbegin(); it != seen_.rend(); ++it) {
      if (it->method + " " + it->target.substr(0, it->target.find('?')) == what) return *it;
    }
    ADD_FAILURE() << "never sent: " << what;
    return {};
  }
  int count(const std::string& what) const {
    int found = 0;
    for (const auto& request : seen_)
      found += request.method + " " + request.target.substr(0, request.target.find('?')) == what;
    return found;
  }

  StillClock clock_{*parse_timestamp("2026-05-04T06:00:00Z")};
  MapSecrets secrets_{{{"env:ID", "client"}, {"env:KEY", "sk_test_1"}, {"env:HOOK", "s"}}};
  http::HttpClient http_;
  std::mutex mutex_;
  std::string gateway_;
  std::map<std::string, std::deque<WireReply>> replies_;
  std::vector<WireRequest> seen_;
  test::LoopbackServer server_;
  ports::CallError error_;  // of the last call that failed
  std::unique_ptr<PaymentsAdapter> adapter_;
};

}  // namespace vozex::payments
