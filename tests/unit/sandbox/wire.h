// SPDX-License-Identifier: Apache-2.0
//
// The sandbox on the wire, the payments adapter configured for all its gateways, and a receiver of
// its webhooks. Two programs of one protocol, no shared code. Thread rule: one thread.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "adapters/payments/payments_adapter.h"
#include "api/sandbox/sandbox.h"
#include "engine/types/json.h"
#include "tests/support/loopback_server.h"
#include "tests/unit/payments/fakes.h"

namespace vozex::sandbox {

using nlohmann::json;

class OnTheWire : public ::testing::Test {
 protected:
  OnTheWire() : receiver_([this](const test::WireRequest& request) { return receive(request); }) {
    SandboxOptions options;
    options.port = 0;
    options.api_key = "sk_test_sandbox";
    options.webhook_url = receiver_.url() + "/webhooks/dodo";
    options.products = {{"pdt_1", {1500, 1, 0}}};
    options.paypal_ca_file = ca_file_;
    secrets_ = std::make_unique<payments::MapSecrets>(
        std::map<std::string, std::string, std::less<>>{{"env:KEY", options.api_key},
                                                        {"env:OTHER", "sk_test_other"},
                                                        {"env:HOOK", options.webhook_secret}});
    sandbox_ = std::make_unique<Sandbox>(options);
    EXPECT_TRUE(sandbox_->start());
    adapter_ = adapter_with(settings());
  }

  // What a product team configures for each gateway of the sandbox.
  json settings() const {
    return {{"dodo",
             {{"base_url", sandbox_->url()},
              {"api_key", "env:KEY"},
              {"webhook_secrets", {"env:HOOK"}},
              {"product_ref", "any"}}},
            {"paypal",
             {{"base_url", sandbox_->url() + "/paypal"},
              {"client_id", "env:KEY"},
              {"client_secret", "env:KEY"},
              {"webhook_ids", {"WH-SANDBOX"}},
              {"certificate_origin", sandbox_->url() + "/paypal"},
              {"ca_file", ca_file_},
              {"return_url", "https://shop.example/"}}},
            {"stripe",
             {{"base_url", sandbox_->url() + "/stripe"},
              {"api_key", "env:KEY"},
              {"webhook_secrets", {"env:HOOK"}},
              {"return_url", "https://shop.example/"}}}};
  }

  std::unique_ptr<payments::PaymentsAdapter> adapter_with(const json& settings) {
    auto gateways =
        payments::make_gateways(*types::parse_json(settings.dump()), {http_, *secrets_, clock_});
    EXPECT_TRUE(gateways) << gateways.error().message;
    return std::make_unique<payments::PaymentsAdapter>(*std::move(gateways), clock_);
  }

  test::WireReply receive(const test::WireRequest& request) {
    {
      const std::lock_guard lock(mutex_);
      if (refuse_ > 0) {
        --refuse_;
        return test::WireReply::answer(503, "");
      }
    }
    http::Headers headers;
    for (const auto& [name, value] : request.headers) headers.push_back({name, value});
    const auto gateway = request.target.substr(request.target.rfind('/') + 1);
    auto event = adapter_->receive(gateway, headers, request.body);
    const std::lock_guard lock(mutex_);
    lines_.push_back(event ? event->type + " " + event->id : "error " + event.error().code);
    if (event) events_.push_back(*event);
    arrived_.notify_all();
    return test::WireReply::answer(event ? 204 : 400, "");
  }

  // Blocks until so many webhooks have come: "type id" of each.
  std::vector<std::string> events(std::size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return lines_.size() >= count; });
    return lines_;
  }

  // Blocks until an event of this type has come; its data.
  json heard(const std::string& type) {
    std::unique_lock lock(mutex_);
    const payments::WebhookEvent* found = nullptr;
    arrived_.wait(lock, [&] {
      for (const auto& event : events_) {
        if (event.type == type) found = &event;
      }
      return found != nullptr;
    });
    return json::parse(types::to_json(found->data));
  }

  ports::CallReply call(const std::string& operation, const std::string& input) {
    ports::CallRequest request;
    request.operation = operation;
    request.input = *types::parse_json(input);
    request.timeout = timeout_;
    request.idempotency_key = "attempt-" + std::to_string(++calls_);
    return adapter_->call(request);
  }
  // A call that must succeed; its answer.
  json done(const std::string& operation, const json& input) {
    const auto reply = call(operation, input.dump());
    EXPECT_TRUE(reply) << operation << " " << input << ": " << reply.error().message;
    return reply ? json::parse(types::to_json(*reply)) : json::object();
  }
  // The code of a call that must fail.
  std::string refused(const std::string& operation, const json& input) {
    const auto reply = call(operation, input.dump());
    return reply ? "no error" : reply.error().code;
  }

  json ask(const std::string& method, const std::string& path, const std::string& body = "") {
    http::HttpRequest request;
    request.method = method;
    request.url = sandbox_->url() + path;
    request.body = body;
    request.origin_is_configured = true;
    const auto answer = http_.send(request);
    EXPECT_TRUE(answer);
    return answer ? json::parse(answer->body, nullptr, false) : json();
  }
  json post(const std::string& path, const std::string& body = "") {
    return ask("POST", path, body);
  }

  static std::string checkout(const std::string& payment_id, const std::string& gateway = "dodo") {
    return R"({"gateway":")" + gateway + R"(","order_id":"o1","payment_id":")" + payment_id +
           R"(","amount":{"minor":4900,"currency":"USD"}})";
  }

  ~OnTheWire() override { std::filesystem::remove(ca_file_); }

  const std::string ca_file_ =
      ::testing::TempDir() + "sandbox-ca-" + std::to_string(::getpid()) + ".pem";
  // Webhooks are judged by real time; within their tolerance it may stand still.
  payments::StillClock clock_{
      std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now())};
  http::HttpClient http_;
  std::unique_ptr<payments::MapSecrets> secrets_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable arrived_;
  std::vector<std::string> lines_;
  std::vector<payments::WebhookEvent> events_;
  int refuse_ = 0;
  int calls_ = 0;
  Duration timeout_ = std::chrono::seconds{20};
  std::unique_ptr<payments::PaymentsAdapter> adapter_;
  test::LoopbackServer receiver_;
  std::unique_ptr<Sandbox> sandbox_;
};

}  // namespace vozex::sandbox
