// SPDX-License-Identifier: Apache-2.0
// Calls of the real program to a partner on loopback, on both stores: limits, circuit breakers,
// time-outs and deadlines, Retry-After, errors that end and errors that don't, questions about lost
// answers, and what becomes of a call whose state was left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/errands.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Calls : public Errands {};
INSTANTIATE_TEST_SUITE_P(Stores,
                         Calls,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& kind) { return name_of(kind.param); });

TEST_P(Calls, AnAdapterIsShownBeforeItsFirstCall) {
  EXPECT_EQ(breaker(), 0);
  EXPECT_EQ(town_->metric("vozex_adapter_concurrency{adapter=\"partner\"}"), k_at_once);
  EXPECT_EQ(town_->get("/readyz").value()["adapters"]["partner"], "closed");
  EXPECT_EQ(partner_.asked(""), 0);
}

TEST_P(Calls, NoMoreThanItsAdaptersLimitAreUnderWay) {
  constexpr int k_errands = 12;
  partner_.hold("");
  for (int i = 0; i < k_errands; ++i) start("e" + std::to_string(i));
  EXPECT_TRUE(eventually([&] {
    return town_->metric("vozex_adapter_calls_in_flight{adapter=\"partner\"}") == k_at_once &&
           partner_.asked("") == k_at_once;
  }));
  EXPECT_EQ(calls("waiting") + calls("leased"), std::size_t{k_errands});
  partner_.let("");
  for (int i = 0; i < k_errands; ++i) EXPECT_TRUE(reaches("e" + std::to_string(i), "done"));
  EXPECT_EQ(partner_.most_at_once(), k_at_once);
}

TEST_P(Calls, TenSilencesOpenTheBreakerAndOneTrialClosesIt) {
  start("friend");
  ASSERT_TRUE(reaches("friend", "done"));
  EXPECT_EQ(breaker(), 0);
  start("tired");
  ASSERT_TRUE(eventually([&] { return breaker() == 2; }));
  EXPECT_EQ(town_->get("/readyz").value()["adapters"]["partner"], "open");
  EXPECT_EQ(partner_.asked("POST send/tired"), 10);
  // Another one that wants to go out has to wait, too.
  start("other");
  partner_.hold("POST send/tired");
  partner_.hold("POST send/other");
  ASSERT_TRUE(eventually(
      [&] { return partner_.asked("POST send/tired") + partner_.asked("POST send/other") == 11; }));
  EXPECT_EQ(breaker(), 1) << "one trial, half open";
  EXPECT_EQ(town_->get("/readyz").value()["adapters"]["partner"], "half_open");
  partner_.let("POST send/tired");
  partner_.let("POST send/other");
  EXPECT_TRUE(reaches("tired", "done"));
  EXPECT_TRUE(reaches("other", "done"));
  EXPECT_EQ(breaker(), 0);
  EXPECT_EQ(partner_.asked("POST send/other"), 1);
  EXPECT_EQ(partner_.asked("POST send/tired"), 11);
  EXPECT_EQ(partner_.keys("POST send/tired").size(), 1u) << "one call, whatever it takes";
}

TEST_P(Calls, WhereTheOtherSideSaysWhenItIsAskedThen) {
  start("later");
  ASSERT_TRUE(reaches("later", "done"));
  EXPECT_EQ(partner_.asked("POST send/later"), 2);
  EXPECT_GE(partner_.pause("POST send/later"), std::chrono::seconds(2)) << "its own: 20 ms";
}

TEST_P(Calls, AFinalErrorIsNotTriedAgain) {
  start("gone");
  ASSERT_TRUE(reaches("gone", "failed"));
  EXPECT_EQ(town_->instance("errand", "gone")["data"]["code"], "closed");
  EXPECT_EQ(partner_.asked("POST send/gone"), 1);
}

TEST_P(Calls, AnAttemptHasItsTimeAndAllOfThemHaveADeadline) {
  partner_.hold("POST send/slow");
  start("slow", "hurry");
  ASSERT_TRUE(is_asked("POST send/slow", 2)) << "the first was given up";
  ASSERT_TRUE(reaches("slow", "failed"));
  EXPECT_EQ(town_->instance("errand", "slow")["data"]["code"], "outcome_unknown")
      << "who knows what it did";
  EXPECT_EQ(partner_.keys("POST send/slow").size(), 1u);
  partner_.let("POST send/slow");
  // One that is answered within its deadline.
  partner_.hold("POST send/slower");
  start("slower", "hurry");
  ASSERT_TRUE(is_asked("POST send/slower", 2));
  partner_.let("POST send/slower");
  EXPECT_TRUE(reaches("slower", "done"));
  // One that never had its turn.
  partner_.hold("");
  for (const char* to : {"a", "b", "c"}) start(to);
  ASSERT_TRUE(is_asked("POST send/c"));
  start("never", "hurry");
  EXPECT_TRUE(reaches("never", "failed"));
  EXPECT_EQ(town_->instance("errand", "never")["data"]["code"], "timeout");
  EXPECT_EQ(partner_.asked("POST send/never"), 0);
}

TEST_P(Calls, WhatMayNotBeRepeatedIsAskedAbout) {
  start("lost", "order");
  ASSERT_TRUE(reaches("lost", "done"));
  EXPECT_EQ(town_->instance("errand", "lost")["data"]["ref"], "found") << "as the question told";
  EXPECT_EQ(partner_.asked("POST order/lost"), 1);
  EXPECT_EQ(partner_.asked("GET find/lost"), 1);
  start("unlucky", "order");
  ASSERT_TRUE(reaches("unlucky", "done"));
  EXPECT_EQ(partner_.asked("POST order/unlucky"), 2) << "it is certain that nothing was done";
  EXPECT_EQ(partner_.asked("GET find/unlucky"), 1);
}

TEST_P(Calls, WhatMayNotBeRepeatedIsNotThoughTheServerIsKilled) {
  partner_.hold("POST order/cut");
  start("cut", "order");
  ASSERT_TRUE(is_asked("POST order/cut"));
  ASSERT_NO_FATAL_FAILURE(restart_killed());
  ASSERT_TRUE(reaches("cut", "done"));
  EXPECT_EQ(partner_.asked("POST order/cut"), 1);
  EXPECT_EQ(partner_.asked("GET find/cut"), 1);
}

// Nobody can say whether it was done: a person decides.
TEST_P(Calls, WhatCanNotBeAskedAboutIsADeadLetterAndNeverRepeatedByItself) {
  start("lost", "pay");
  ASSERT_TRUE(eventually([&] { return calls("dead") == 1; }));
  const json incidents = town_->get("/v1/incidents").value()["items"];
  ASSERT_EQ(incidents.size(), 1u) << incidents;
  EXPECT_EQ(incidents[0]["code"], "outcome_unknown");
  EXPECT_EQ(partner_.asked("POST pay/lost"), 1);
  ASSERT_NO_FATAL_FAILURE(restart_killed());
  EXPECT_EQ(calls("dead"), 1u) << "as it was";
  start("friend");  // something else goes out
  EXPECT_TRUE(reaches("friend", "done"));
  EXPECT_EQ(partner_.asked("POST pay/lost"), 1);
}

TEST_P(Calls, AResultThatComesAfterItsStateWasLeftIsRecordedAndChangesNothing) {
  partner_.hold("GET look/late");
  start("late", "look");
  ASSERT_TRUE(is_asked("GET look/late"));
  drop("late");
  const json before = town_->instance("errand", "late");
  EXPECT_THAT(history("late"), Not(HasSubstr("stale")));
  partner_.let("GET look/late");
  EXPECT_TRUE(eventually([&] { return history("late").find("stale") != std::string::npos; }))
      << history("late");
  const json after = town_->instance("errand", "late");
  for (const char* part : {"state", "data", "timers", "incidents"})
    EXPECT_EQ(after[part], before[part]) << part;
}

// Something was done that nobody wants any more, and nothing says how to undo it.
TEST_P(Calls, ASuccessAfterItsStateWasLeftThatCanNotBeUndoneIsAnIncident) {
  partner_.hold("POST send/late");
  start("late");
  ASSERT_TRUE(is_asked("POST send/late"));
  drop("late");
  EXPECT_EQ(town_->instance("errand", "late")["incident"], false);
  partner_.let("POST send/late");
  EXPECT_TRUE(eventually([&] { return town_->instance("errand", "late")["incident"] == true; }));
  EXPECT_EQ(town_->state_of("errand", "late"), "dropped");
}

TEST_P(Calls, OnesThatWereNotSentAreWithdrawnWithTheirState) {
  partner_.hold("");
  for (const char* to : {"a", "b", "c"}) start(to);
  ASSERT_TRUE(eventually([&] { return partner_.asked("") == k_at_once; }));
  const auto open = [&] { return calls("leased") + calls("waiting"); };
  start("d");
  EXPECT_EQ(open(), k_at_once + 1u);
  drop("d");
  EXPECT_TRUE(eventually([&] { return open() == k_at_once; }));
  start("e");
  partner_.let("");
  EXPECT_TRUE(reaches("e", "done")) << "it came after d";
  EXPECT_EQ(partner_.asked("POST send/d"), 0);
}

}  // namespace
}  // namespace vozex::api_test
