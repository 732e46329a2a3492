// SPDX-License-Identifier: Apache-2.0
//
// `every: {cron}` on a virtual clock, over changes of the clocks on the wall.
#include <gtest/gtest.h>

#include "tests/unit/step/machine_builder.h"
#include "tests/unit/step/walk.h"

namespace vozex::testing {
namespace {

using namespace std::chrono_literals;

Timestamp at(const char* text) { return parse_timestamp(text).value(); }

// Entered at `from` by the event `go`; counts its firings.
Walk entered(const std::string& cron, const std::string& zone, const char* from) {
  MachineBuilder b;
  b.data("n", "0").state("idle").state("a").on("idle", "go", {.to = {"a"}});
  b.cron("a", cron, zone, {.actions = {set("n", "data.n + 1")}});
  Walk walk(b.build());
  walk.now = at(from);
  walk.event("go");
  return walk;
}

std::int64_t fired(const Walk& walk) { return walk.snapshot.data.find("n")->as_integer(); }

std::string next(const Walk& walk) { return format_timestamp(walk.snapshot.timers.at(0).due); }

TEST(CronTimers, RunWhileTheirStateIsActive) {
  Walk walk = entered("0 9 * * mon-fri", "Europe/Berlin", "2026-01-02T12:00:00Z");
  EXPECT_EQ(next(walk), "2026-01-05T08:00:00Z");
  walk.advance(72h);
  EXPECT_EQ(fired(walk), 1);
  EXPECT_EQ(walk.out.explanation.considered.at(0).event, "every 0 9 * * mon-fri");
  EXPECT_EQ(next(walk), "2026-01-06T08:00:00Z");
}

TEST(CronTimers, CatchUpOnceAfterDowntime) {
  Walk walk = entered("0 * * * *", "UTC", "2026-01-02T12:30:00Z");
  const auto due = next_timer(walk.machine, walk.snapshot);
  walk.now = at("2026-01-05T07:40:00Z");
  walk.cause(*due, "timer");
  EXPECT_EQ(fired(walk), 1);
  EXPECT_EQ(next(walk), "2026-01-05T08:00:00Z");
}

TEST(CronTimers, OneRunForEachDayInBerlin) {
  Walk spring = entered("30 2 * * *", "Europe/Berlin", "2026-03-27T12:00:00Z");
  spring.advance(5 * 24h);
  EXPECT_EQ(fired(spring), 5);
  Walk autumn = entered("30 2 * * *", "Europe/Berlin", "2026-10-22T12:00:00Z");
  autumn.advance(5 * 24h);
  EXPECT_EQ(fired(autumn), 5);
}

TEST(CronTimers, OneRunForEachDayInNewYork) {
  Walk spring = entered("15 2 * * *", "America/New_York", "2026-03-06T12:00:00Z");
  spring.advance(48h);
  EXPECT_EQ(next(spring), "2026-03-09T06:15:00Z") << "on 8 March it fired at 03:00, 07:00Z";
  EXPECT_EQ(fired(spring), 2);
  Walk autumn = entered("15 1 * * *", "America/New_York", "2026-10-31T12:00:00Z");
  autumn.advance(48h);
  EXPECT_EQ(fired(autumn), 2);
}

TEST(CronTimers, OneRunForEachDayOnLordHowe) {
  Walk spring = entered("15 2 * * *", "Australia/Lord_Howe", "2026-10-02T00:00:00Z");
  spring.advance(5 * 24h);
  EXPECT_EQ(fired(spring), 5);
  Walk autumn = entered("45 1 * * *", "Australia/Lord_Howe", "2026-04-03T00:00:00Z");
  autumn.advance(5 * 24h);
  EXPECT_EQ(fired(autumn), 5);
}

TEST(CronTimers, EveryHalfHourIsRealTimeOverBothEdges) {
  Walk spring = entered("*/30 * * * *", "Europe/Berlin", "2026-03-28T23:15:00Z");
  spring.advance(4h);
  EXPECT_EQ(fired(spring), 8);
  Walk autumn = entered("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:15:00Z");
  autumn.advance(4h);
  EXPECT_EQ(fired(autumn), 8);
}

TEST(CronTimers, OneThatCantBeReadIsAnError) {
  MachineBuilder b;
  b.state("a").cron("a", "0 0 30 2 *", "UTC", {.actions = {log("x")}});
  b.state("b").on("a", "error.execution", {.to = {"b"}});
  EXPECT_EQ(Walk(b.build()).state(), "b");
}

}  // namespace
}  // namespace vozex::testing
