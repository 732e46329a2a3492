// SPDX-License-Identifier: Apache-2.0
// Timers and schedules of the real program over days and months, over both changes of the clocks,
// and over restarts: the server and its database live in a time that the test sets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/timed_town.h"

namespace vozex::api_test {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

// What it does at fixed times, and each half hour.
constexpr const char* k_watch = R"(
vozex: 1
workflow: watch
version: 1
key: input.name
input: {name: string}
data: {daily: {type: int, default: 0}, halves: {type: int, default: 0}}
initial: on_duty
states:
  on_duty:
    every:
      - {cron: "30 2 * * *", timezone: Europe/Berlin, set: {daily: "${data.daily + 1}"}}
      - {cron: "*/30 * * * *", timezone: Europe/Berlin, set: {halves: "${data.halves + 1}"}}
    after: {P1Y: over}
  over: {type: final}
)";

constexpr const char* k_report = R"(
vozex: 1
workflow: report
version: 1
key: input.moment
input: {moment: string}
start:
  schedule: {cron: "30 2 * * *", timezone: Europe/Berlin, input: {moment: "${string(now)}"}}
initial: collecting
states:
  collecting: {after: {P1Y: over}}
  over: {type: final}
)";

// Waits for a duration, an instant, or a month of the calendar.
constexpr const char* k_term = R"(
vozex: 1
workflow: term
version: 1
key: input.name
input: {name: string, rest: optional<duration>, until: optional<timestamp>}
data: {hours: {type: int, default: 0}}
initial: waiting
states:
  waiting:
    every: [{1h: {set: {hours: "${data.hours + 1}"}}}]
    after:
      "${input.rest}": rested
      "${input.until}": reached
      P1M: month_over
  rested: {type: final}
  reached: {type: final}
  month_over: {type: final}
)";

constexpr const char* k_visit = R"(
vozex: 1
workflow: visit
version: 1
key: input.name
input: {name: string}
data: {bells: {type: int, default: 0}}
events:
  visit.ring: {data: {name: string}, match: event.data.name}
initial: open
states:
  open: {on: {visit.ring: {set: {bells: "${data.bells + 1}"}}}, after: {P1Y: over}}
  over: {type: final}
)";

class Calendar : public TimedTown {
 protected:
  using TimedTown::open;
  void open(const std::string& moment, const std::string& config = "") {
    open({.begins = moment,
          .files = {{"watch.yaml", k_watch},
                    {"report.yaml", k_report},
                    {"term.yaml", k_term},
                    {"visit.yaml", k_visit}},
          .config = config});
  }
  bool counts(const std::string& workflow, const std::string& field, int wanted) {
    return eventually([&] { return town_->instance(workflow, "w")["data"][field] == wanted; });
  }
  std::vector<std::string> timers(const std::string& workflow) {
    std::vector<std::string> due;
    const json instance = town_->instance(workflow, "w");
    for (const json& timer : instance["timers"]) due.push_back(timer["due"]);
    std::sort(due.begin(), due.end());
    if (!due.empty()) due.pop_back();  // the end of it all
    return due;
  }
  std::vector<std::string> reports(std::size_t wanted) {
    std::vector<std::string> moments;
    static_cast<void>(eventually([&] {
      moments.clear();
      for (const json& one : town_->all("/v1/instances?workflow=report"))
        moments.push_back(one["key"]);
      return moments.size() >= wanted;
    }));
    return moments;
  }
  std::string ring(const std::string& name, const std::string& id) {
    const Answer answer = town_->post(
        "/v1/events",
        {{"id", id}, {"source", "test"}, {"type", "visit.ring"}, {"data", {{"name", name}}}});
    return answer.value().value("outcome", answer.body);
  }
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         Calendar,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& kind) { return name_of(kind.param); });

// Berlin goes from 2:00 to 3:00 on 29 March 2026, at 01:00Z.
TEST_P(Calendar, ATimeThatSpringSkipsIsMadeUpForAtTheFirstInstantAfterTheGap) {
  ASSERT_NO_FATAL_FAILURE(open("2026-03-28T23:10:00Z"));
  start("watch", {{"name", "w"}});
  EXPECT_THAT(timers("watch"), ElementsAre("2026-03-28T23:30:00Z", "2026-03-29T01:00:00Z"));
  ASSERT_NO_FATAL_FAILURE(pass_to("2026-03-29T00:50:00Z"));
  EXPECT_TRUE(counts("watch", "halves", 1)) << "one for the time at rest";
  jump_to("2026-03-29T00:59:59Z");
  EXPECT_TRUE(counts("watch", "daily", 1));
  EXPECT_TRUE(counts("watch", "halves", 2));
  EXPECT_THAT(timers("watch"), ElementsAre("2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"));
  EXPECT_THAT(reports(1), ElementsAre("2026-03-29T01:00:00Z"));
  ASSERT_NO_FATAL_FAILURE(pass_to("2026-03-30T00:29:59Z", SIGKILL));
  EXPECT_TRUE(counts("watch", "daily", 2));
  EXPECT_THAT(reports(2), UnorderedElementsAre("2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"));
}

// ... and from 3:00 back to 2:00 on 25 October, at 01:00Z: it is 2:30 at 00:30Z and at 01:30Z.
TEST_P(Calendar, ATimeThatAutumnBringsTwiceCountsOnceAndHalfHoursGoOn) {
  ASSERT_NO_FATAL_FAILURE(open("2026-10-24T23:10:00Z"));
  start("watch", {{"name", "w"}});
  ASSERT_NO_FATAL_FAILURE(pass_to("2026-10-25T00:20:00Z"));
  EXPECT_TRUE(counts("watch", "halves", 1)) << "one for the time at rest";
  jump_to("2026-10-25T00:29:59Z");
  EXPECT_TRUE(counts("watch", "daily", 1));
  EXPECT_TRUE(counts("watch", "halves", 2));
  EXPECT_THAT(reports(1), ElementsAre("2026-10-25T00:30:00Z"));
  ASSERT_NO_FATAL_FAILURE(pass_to("2026-10-25T01:20:00Z", SIGKILL));
  EXPECT_TRUE(counts("watch", "halves", 3));
  jump_to("2026-10-25T01:29:59Z");
  EXPECT_TRUE(counts("watch", "halves", 4)) << "it is half past two again";
  EXPECT_EQ(town_->instance("watch", "w")["data"]["daily"], 1);
  EXPECT_THAT(timers("watch"), ElementsAre("2026-10-25T02:00:00Z", "2026-10-26T01:30:00Z"));
  ASSERT_NO_FATAL_FAILURE(pass_to("2026-10-26T01:29:59Z"));
  EXPECT_TRUE(counts("watch", "daily", 2));
  EXPECT_THAT(reports(2), UnorderedElementsAre("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"));
}

TEST_P(Calendar, DurationsInstantsAndMonthsAreWaitedForOverKilledServers) {
  ASSERT_NO_FATAL_FAILURE(open("2026-01-31T12:00:00Z"));
  start("term", {{"name", "w"}});
  start("term", {{"name", "rest"}, {"rest", "36h"}});
  start("term", {{"name", "until"}, {"until", "2026-02-10T00:00:00Z"}});
  const std::string month = town_->instance("term", "w")["timers"][0]["due"];
  EXPECT_TRUE(month.starts_with("2026-02-28T12:0")) << month;
  const auto states = [&] {
    std::vector<std::string> all;
    for (const char* name : {"rest", "until", "w"}) all.push_back(town_->state_of("term", name));
    return all;
  };
  ASSERT_NO_FATAL_FAILURE(pass_to("2026-02-02T00:20:00Z", SIGKILL));
  EXPECT_TRUE(town_->reaches("term", "rest", "rested"));
  EXPECT_TRUE(counts("term", "hours", 1)) << "once for a day and a half";
  EXPECT_THAT(timers("term"), ElementsAre(::testing::StartsWith("2026-02-02T01:0")));
  ASSERT_NO_FATAL_FAILURE(pass_to("2026-02-09T23:59:59Z", SIGKILL));
  EXPECT_TRUE(town_->reaches("term", "until", "reached"));
  EXPECT_THAT(states(), ElementsAre("rested", "reached", "waiting"));
  ASSERT_NO_FATAL_FAILURE(pass_to("2026-02-28T12:20:00Z", SIGKILL));
  EXPECT_TRUE(town_->reaches("term", "w", "month_over"));
}

TEST_P(Calendar, AnEarlyEventIsKeptForSevenDays) {
  ASSERT_NO_FATAL_FAILURE(open("2026-01-01T00:00:00Z"));
  EXPECT_EQ(ring("in_time", "e1"), "waiting");
  EXPECT_EQ(ring("late", "e2"), "waiting");
  ASSERT_NO_FATAL_FAILURE(pass_to("2026-01-07T23:30:00Z"));
  start("visit", {{"name", "in_time"}});
  EXPECT_TRUE(
      eventually([&] { return town_->instance("visit", "in_time")["data"]["bells"] == 1; }));
  ASSERT_NO_FATAL_FAILURE(pass_to("2026-01-08T00:30:00Z"));
  EXPECT_TRUE(eventually([&] { return town_->metric("vozex_events_parked") == 0; }));
  start("visit", {{"name", "late"}});
  EXPECT_EQ(ring("late", "e2"), "duplicate") << "it was told what became of it";
  EXPECT_EQ(ring("late", "e3"), "transitioned");
  EXPECT_EQ(town_->instance("visit", "late")["data"]["bells"], 1) << "e3 alone";
}

TEST_P(Calendar, AnEarlyEventIsKeptForAsLongAsIsConfigured) {
  ASSERT_NO_FATAL_FAILURE(open("2026-01-01T00:00:00Z", "max_parked_time: 1h\n"));
  EXPECT_EQ(ring("in_time", "e1"), "waiting");
  EXPECT_EQ(ring("late", "e2"), "waiting");
  ASSERT_NO_FATAL_FAILURE(pass_to("2026-01-01T00:50:00Z"));
  start("visit", {{"name", "in_time"}});
  EXPECT_TRUE(
      eventually([&] { return town_->instance("visit", "in_time")["data"]["bells"] == 1; }));
  EXPECT_EQ(town_->metric("vozex_events_parked"), 1) << "the other one";
  ASSERT_NO_FATAL_FAILURE(pass_to("2026-01-01T01:10:00Z"));
  EXPECT_TRUE(eventually([&] { return town_->metric("vozex_events_parked") == 0; }));
  start("visit", {{"name", "late"}});
  EXPECT_EQ(ring("late", "e2"), "duplicate") << "it was told what became of it";
  EXPECT_EQ(town_->instance("visit", "late")["data"]["bells"], 0);
}

// Somebody sets the clock of one machine while its server runs. The database's clock decides.
TEST_P(Calendar, AClockThatIsSetWhileItRunsMovesNoTimer) {
  if (GetParam() == Kind::sqlite) GTEST_SKIP() << "there the clock is the database's";
  if (!is_available(Kind::postgres)) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
  time_ = std::make_unique<ShiftedTime>();
  town_ = std::make_unique<Town>(
      Kind::postgres,
      std::vector<std::string>{"--session-lease", "1500ms", "--session-beat", "300ms"});
  ASSERT_EQ(
      town_->post("/v1/workflows", {{"files", {{{"name", "term.yaml"}, {"text", k_term}}}}}).status,
      200);
  start("term", {{"name", "w"}, {"rest", "1h"}});
  for (const int days : {1, -1}) {
    time_->set_ahead(std::chrono::days(days));
    const std::string name = "quick" + std::to_string(days);
    start("term", {{"name", name}, {"rest", "300ms"}});
    EXPECT_TRUE(town_->reaches("term", name, "rested"));
  }
  EXPECT_EQ(town_->state_of("term", "w"), "waiting");
  EXPECT_EQ(town_->database().count("SELECT count(*) FROM history WHERE abs(extract(epoch FROM "
                                    "at - now())) > 3600"),
            0);
}

}  // namespace
}  // namespace vozex::api_test
