// SPDX-License-Identifier: Apache-2.0
// A subscription at Dodo through the real program, on both databases: from its trial over renewals,
// a failed one, dunning that suspends the licence, and recovery, to its end.
#include "tests/api/recurring.h"

namespace vozex::api_test {
namespace {

class Subscription : public Recurring {};

INSTANTIATE_TEST_SUITE_P(Stores,
                         Subscription,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

TEST_P(Subscription, ATrialConvertsRenewsFailsIsSuspendedRecoversAndEnds) {
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

TEST_P(Subscription, ARecoveryWhoseWebhookIsLostIsFoundBeforeTheServiceRests) {
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

TEST_P(Subscription, TheEndOfThePeriodIsAFlagThatIsTakenBack) {
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

TEST_P(Subscription, ADisputedChargeRestsTheServiceAndALostOneEndsIt) {
  subscribe();
  try_it();
  convert();
  tell_dispute("opened");
  ASSERT_TRUE(gets("fulfillment_license_download", "i1", "suspended")) << town_->server_log();
  EXPECT_EQ(download(), 403);
  tell_dispute("won");
  ASSERT_TRUE(gets("fulfillment_license_download", "i1", "active")) << town_->server_log();
  EXPECT_EQ(download(), 200);

  tell_dispute("opened", "dp_2");
  ASSERT_TRUE(gets("fulfillment_license_download", "i1", "suspended"));
  tell_dispute("lost", "dp_2");
  ASSERT_TRUE(gets("subscription", "s1", "cancelled")) << subscription().dump(2);
  EXPECT_EQ(dodo_.subscription()["status"], "cancelled") << "the gateway charges no more";
  ASSERT_TRUE(gets("fulfillment_license_download", "i1", "cancelled"));
  EXPECT_EQ(download(), 410);
}

}  // namespace
}  // namespace vozex::api_test
