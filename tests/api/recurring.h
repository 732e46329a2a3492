// SPDX-License-Identifier: Apache-2.0
//
// Recurring: a town whose Dodo is a server on loopback that answers about one subscription,
// `sub_1`; its webhooks are signed. Thread rule: one thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "tests/api/town.h"
#include "tests/support/loopback_server.h"

namespace vozex::api_test {

inline std::string moment(std::chrono::hours from_now = std::chrono::hours(0)) {
  return format_timestamp(
      std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now() + from_now));
}

inline constexpr std::chrono::hours k_month{30 * 24};

// One subscription as Dodo knows it.
class Dodo {
 public:
  Dodo() : server_([this](const test::WireRequest& request) { return answer(request); }) {}
  std::string url() const { return server_.url(); }

  void say(const std::string& status, const std::string& next = moment(k_month)) {
    const std::lock_guard lock(mutex_);
    status_ = status;
    next_ = next;
  }
  json subscription() {
    const std::lock_guard lock(mutex_);
    return object();
  }
  int asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  json object() const {
    return {{"payload_type", "Subscription"},
            {"subscription_id", "sub_1"},
            {"status", status_},
            {"product_id", "pdt_pro"},
            {"quantity", 1},
            {"recurring_pre_tax_amount", 1900},
            {"currency", "USD"},
            {"next_billing_date", next_},
            {"cancel_at_next_billing_date", cancels_},
            {"metadata", {{"subscription_id", "s1"}, {"payment_id", "s1"}}}};
  }

  test::WireReply answer(const test::WireRequest& request) {
    using test::WireReply;
    const std::lock_guard lock(mutex_);
    if (request.method == "POST" && request.target == "/checkouts") {
      return WireReply::answer(
          200, R"({"session_id":"cks_1","checkout_url":"https://pay.example/cks_1"})");
    }
    if (request.target != "/subscriptions/sub_1") return WireReply::answer(404, "{}");
    if (request.method == "PATCH") {
      const json change = json::parse(request.body);
      status_ = change.value("status", status_);
      cancels_ = change.value("cancel_at_next_billing_date", cancels_);
    } else {
      ++asked_;
    }
    return WireReply::answer(200, object().dump());
  }

  std::mutex mutex_;  // guards what follows
  std::string status_ = "active";
  std::string next_ = moment(k_month);
  bool cancels_ = false;
  int asked_ = 0;
  test::LoopbackServer server_;
};

class Recurring : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(GetParam(), std::vector<std::string>{"--dodo-url", dodo_.url()});
  }

  void start(const std::string& workflow, const json& input) {
    const Answer started = town_->post("/v1/instances", {{"workflow", workflow}, {"input", input}});
    ASSERT_EQ(started.status, 201) << started.body << town_->server_log();
  }

  // A trial; when a payment fails, the service is suspended after 300 ms, or `suspend_after`.
  void subscribe(const std::string& suspend_after = "300ms") {
    start("subscription",
          {{"subscription_id", "s1"},
           {"customer", {{"customer_id", "c1"}, {"email", "ann@example.com"}}},
           {"gateway", "dodo"},
           {"plan",
            {{"product_ref", "pdt_pro"},
             {"title", "Pro"},
             {"price", {{"minor", 1900}, {"currency", "USD"}}}}},
           {"trial_days", 14},
           {"items",
            {{{"order_item_id", "i1"},
              {"product_id", "editor"},
              {"title", "Text editor"},
              {"driver", "license_download"},
              {"price", {{"minor", 1900}, {"currency", "USD"}}},
              {"config", {{"seats", 1}}}}}},
           {"dunning",
            {{{"at", "0s"}, {"notice", "A payment failed"}},
             {{"at", suspend_after}, {"suspend", true}},
             {{"at", "10d"}, {"end", "cancel"}}}}});
    ASSERT_TRUE(eventually([&] { return state() == "pending"; })) << town_->server_log();
    EXPECT_EQ(subscription()["data"]["checkout_url"], "https://pay.example/cks_1");
  }

  json subscription() { return town_->instance("subscription", "s1"); }
  std::string state() { return town_->state_of("subscription", "s1"); }
  bool gets(const std::string& workflow, const std::string& key, const std::string& status) {
    return eventually([&] { return town_->status_of(workflow, key) == status; });
  }

  Answer tell(const std::string& type, const json& data) {
    const std::string id = "msg_" + std::to_string(++told_);
    return town_->webhook(
        id, {{"business_id", "bus_1"}, {"type", type}, {"timestamp", moment()}, {"data", data}});
  }
  void tell_subscription(const std::string& word) {
    const Answer answer = tell("subscription." + word, dodo_.subscription());
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  void tell_payment(const std::string& ref, const std::string& status = "succeeded") {
    const Answer answer = tell("payment." + status,
                               {{"payload_type", "Payment"},
                                {"payment_id", ref},
                                {"status", status},
                                {"total_amount", 1900},
                                {"currency", "USD"},
                                {"subscription_id", "sub_1"},
                                {"error_code", status == "failed" ? "INSUFFICIENT_FUNDS" : ""},
                                {"metadata", {{"payment_id", "s1"}}}});
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  // About the charge pay_1.
  void tell_dispute(const std::string& word, const std::string& dispute = "dp_1") {
    const Answer answer = tell("dispute." + word,
                               {{"payload_type", "Dispute"},
                                {"dispute_id", dispute},
                                {"payment_id", "pay_1"},
                                {"amount", "1900"},
                                {"currency", "USD"},
                                {"dispute_stage", "dispute"},
                                {"dispute_status", "dispute_" + word},
                                {"created_at", moment()}});
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  // The trial began, and its end is in two weeks.
  void try_it() {
    dodo_.say("active", moment(std::chrono::hours(14 * 24)));
    tell_subscription("active");
    ASSERT_TRUE(gets("subscription", "s1", "trialing")) << town_->server_log();
    ASSERT_TRUE(gets("fulfillment_license_download", "i1", "active")) << town_->server_log();
  }
  void convert() {
    dodo_.say("active");
    tell_payment("pay_1");
    tell_subscription("renewed");
    ASSERT_TRUE(gets("subscription", "s1", "active")) << subscription().dump(2);
  }
  // A fresh page of what the customer bought.
  int download() {
    const json data = town_->instance("fulfillment_license_download", "i1")["data"];
    return ask("GET", data["download_url"]).status;
  }

  Dodo dodo_;
  std::unique_ptr<Town> town_;
  int told_ = 0;
};

}  // namespace vozex::api_test
