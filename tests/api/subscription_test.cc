// SPDX-License-Identifier: Apache-2.0
// What recurs, through the real program, on both databases: a subscription at Dodo from its trial
// over renewals, a failed one, dunning that suspends the licence, and recovery, to its end;
// approvals by several people; usage that counts once. Dodo is a server on loopback that answers
// about subscriptions; its webhooks are signed.
#include <gtest/gtest.h>

#include <mutex>

#include "engine/base/time.h"
#include "tests/api/town.h"
#include "tests/support/loopback_server.h"

namespace vozex::api_test {
namespace {

using test::LoopbackServer;
using test::WireReply;
using test::WireRequest;

std::string moment(std::chrono::hours from_now = std::chrono::hours(0)) {
  return format_timestamp(
      std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now() + from_now));
}

constexpr std::chrono::hours k_month{30 * 24};

// One subscription as Dodo knows it.
class Dodo {
 public:
  Dodo() : server_([this](const WireRequest& request) { return answer(request); }) {}
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

  WireReply answer(const WireRequest& request) {
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
  LoopbackServer server_;
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

INSTANTIATE_TEST_SUITE_P(Stores,
                         Recurring,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

TEST_P(Recurring, ATrialConvertsRenewsFailsIsSuspendedRecoversAndEnds) {
  subscribe();
  try_it();
  EXPECT_EQ(download(), 200);
  convert();

  tell_payment("pay_2");
  tell_subscription("renewed");
  tell_payment("pay_2");
  const json charges = subscription()["data"]["charges"];
  EXPECT_EQ(charges.size(), 2u) << charges.dump(2) << "each charge counts once";

  dodo_.say("on_hold");
  tell_payment("pay_3", "failed");
  tell_subscription("on_hold");
  ASSERT_TRUE(gets("subscription", "s1", "on_hold")) << subscription().dump(2);
  ASSERT_TRUE(gets("dunning", "s1/1", "suspended")) << town_->server_log();
  ASSERT_TRUE(gets("fulfillment_license_download", "i1", "suspended"));
  EXPECT_GE(download(), 400) << "what isn't paid for isn't served";

  dodo_.say("active");
  tell_payment("pay_4");
  tell_subscription("renewed");
  ASSERT_TRUE(gets("subscription", "s1", "active")) << subscription().dump(2);
  ASSERT_TRUE(gets("dunning", "s1/1", "recovered"));
  ASSERT_TRUE(gets("fulfillment_license_download", "i1", "active"));
  EXPECT_EQ(download(), 200);
  EXPECT_EQ(subscription()["data"]["charges"].size(), 3u);

  const Answer cancelled = town_->post(
      "/v1/instances/" + subscription()["id"].get<std::string>() + "/actions/cancel_now",
      {{"form", json::object()}, {"actor", {{"id", "ann"}, {"roles", {"customer"}}}}});
  ASSERT_EQ(cancelled.status, 200) << cancelled.body;
  ASSERT_TRUE(gets("subscription", "s1", "cancelled")) << subscription().dump(2);
  EXPECT_EQ(dodo_.subscription()["status"], "cancelled") << "the gateway charges no more";
  ASSERT_TRUE(gets("fulfillment_license_download", "i1", "cancelled"));
  EXPECT_GE(download(), 400);
}

TEST_P(Recurring, ARecoveryWhoseWebhookIsLostIsFoundBeforeTheServiceRests) {
  subscribe("1500ms");
  try_it();
  convert();
  dodo_.say("on_hold");
  tell_subscription("on_hold");
  ASSERT_TRUE(gets("subscription", "s1", "on_hold"));
  ASSERT_TRUE(eventually([&] { return dodo_.asked() >= 1; })) << "before the first notice";
  dodo_.say("active");
  ASSERT_TRUE(gets("dunning", "s1/1", "recovered")) << town_->server_log();
  ASSERT_TRUE(gets("subscription", "s1", "active")) << subscription().dump(2);
  EXPECT_EQ(town_->status_of("fulfillment_license_download", "i1"), "active");
}

TEST_P(Recurring, TheEndOfThePeriodIsAFlagThatIsTakenBack) {
  subscribe();
  try_it();
  convert();
  const auto ask_for = [&](const std::string& id, json order) {
    order["request_id"] = id;
    const Answer asked = town_->post("/v1/events",
                                     {{"id", id},
                                      {"source", "/shop"},
                                      {"type", "subscription_change.asked"},
                                      {"data", {{"subscription_id", "s1"}, {"order", order}}}});
    ASSERT_EQ(asked.status, 200) << asked.body;
  };
  const auto flag = [&] { return subscription()["data"]["cancels_at_end"] == true; };
  ask_for("r1", {{"action", "cancel"}, {"timing", "renewal"}});
  ASSERT_TRUE(eventually(flag)) << town_->server_log();
  EXPECT_EQ(dodo_.subscription()["cancel_at_next_billing_date"], true);
  EXPECT_EQ(town_->status_of("subscription", "s1"), "active");
  ask_for("r2", {{"action", "keep"}});
  ASSERT_TRUE(eventually([&] { return !flag(); })) << town_->server_log();
  EXPECT_EQ(dodo_.subscription()["cancel_at_next_billing_date"], false);
}

TEST_P(Recurring, AnApprovalWantsTwoDifferentPeopleAndNeverWhoAsks) {
  start("approval",
        {{"approval_id", "a1"},
         {"subject", "order o-1"},
         {"requester", "rita"},
         {"amount", {{"minor", 100}, {"currency", "USD"}}},
         {"levels",
          {{{"role", "board"}, {"from", {{"minor", 0}, {"currency", "USD"}}}, {"needed", 2}}}}});
  const auto approve = [&](const std::string& who) {
    const json tasks = town_->get("/v1/tasks?queue=approvals").value()["items"];
    EXPECT_EQ(tasks.size(), 1u);
    return town_
        ->post("/v1/tasks/" + tasks[0]["id"].get<std::string>() + "/complete",
               {{"action", "approve"},
                {"form", json::object()},
                {"actor", {{"id", who}, {"roles", {"board"}}}}})
        .status;
  };
  EXPECT_NE(approve("rita"), 200);
  EXPECT_EQ(approve("bea"), 200);
  EXPECT_NE(approve("bea"), 200);
  EXPECT_EQ(town_->status_of("approval", "a1"), "pending");
  EXPECT_EQ(approve("bob"), 200);
  EXPECT_EQ(town_->status_of("approval", "a1"), "approved");
}

TEST_P(Recurring, AnOrderOfACompanyIsPaidAfterItsPeopleAgreed) {
  const json level = {{"role", "boss"}, {"from", {{"minor", 1}, {"currency", "USD"}}}};
  const json order = {{"order_id", "o1"},
                      {"gateway", "dodo"},
                      {"customer", {{"email", "ann@example.com"}}},
                      {"approval", {{"requester", "rita"}, {"levels", {level}}}},
                      {"items",
                       {{{"product_id", "editor"},
                         {"title", "Text editor"},
                         {"driver", "license_download"},
                         {"price", {{"minor", 4900}, {"currency", "USD"}}},
                         {"config", {{"seats", 1}}}}}}};
  const Answer placed = town_->post("/v1/checkouts", order);
  ASSERT_EQ(placed.status, 201) << placed.body;
  EXPECT_EQ(placed.value()["status"], "awaiting_approval");
  EXPECT_EQ(placed.value().value("checkout_url", ""), "") << "nothing to pay on yet";
  const json tasks = town_->get("/v1/tasks?queue=approvals").value()["items"];
  ASSERT_EQ(tasks.size(), 1u);
  const Answer approved =
      town_->post("/v1/tasks/" + tasks[0]["id"].get<std::string>() + "/complete",
                  {{"action", "approve"},
                   {"form", json::object()},
                   {"actor", {{"id", "bo"}, {"roles", {"boss"}}}}});
  ASSERT_EQ(approved.status, 200) << approved.body;
  ASSERT_TRUE(town_->reaches("order", "o1", "paying")) << town_->server_log();
  const Answer again = town_->post("/v1/checkouts", order);
  EXPECT_EQ(again.value()["checkout_url"], "https://pay.example/cks_1") << again.body;
}

TEST_P(Recurring, UsageCountsOnceAndWhatCantBeKeptIsTheSendersAgain) {
  start("usage_billing",
        {{"account_id", "u1"},
         {"customer", {{"customer_id", "c1"}, {"email", "ann@example.com"}}},
         {"gateway", "dodo"},
         {"currency", "USD"},
         {"meters", {{{"name", "api"}, {"tiers", {{{"minor", 1}}}}}}}});
  const auto record =
      [&](const std::string& event, const std::string& usage, const std::string& meter) {
        return town_->post("/v1/events",
                           {{"id", event},
                            {"source", "/api"},
                            {"type", "usage.recorded"},
                            {"data",
                             {{"account_id", "u1"},
                              {"usage_id", usage},
                              {"meter", meter},
                              {"quantity", 5},
                              {"at", moment()}}}});
      };
  EXPECT_EQ(record("e1", "hour-1", "api").value()["outcome"], "transitioned");
  EXPECT_EQ(record("e2", "hour-1", "api").status, 200);
  EXPECT_EQ(record("e1", "hour-1", "api").value()["outcome"], "duplicate");
  EXPECT_EQ(town_->instance("usage_billing", "u1")["data"]["usage"].size(), 1u);
  const Answer unknown = record("e3", "hour-2", "fax");
  EXPECT_EQ(unknown.status, 409) << unknown.body;
  EXPECT_EQ(town_->instance("usage_billing", "u1")["data"]["usage"].size(), 1u);
}

}  // namespace
}  // namespace vozex::api_test
