// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/timers/schedules.h"

#include <gtest/gtest.h>

#include "tests/unit/runtime/rig.h"
#include "tests/unit/runtime/sources.h"

namespace vozex::runtime {
namespace {

using machine::Disposition;
using types::Value;
using namespace std::chrono_literals;

Timestamp at(const char* text) { return parse_timestamp(text).value(); }

std::string report(int version, const std::string& schedule) {
  return "vozex: 1\nworkflow: report\nversion: " + std::to_string(version) +
         "\nkey: input.day\ninput: {day: string}\nconfig: {region: {type: string, default: eu}}\n" +
         "start:\n  schedule: " + schedule +
         "\nstates:\n  open: {after: {1h: done}}\n  done: {type: final}\n";
}

constexpr const char* k_daily =
    R"({cron: "0 3 * * *", timezone: Europe/Berlin, input: {day: "${string(now)}"}})";

Definitions deployed(const std::vector<std::pair<std::string, const char*>>& files) {
  std::vector<machine::MachineRef> machines;
  Definitions::Deployments deployments;
  for (const auto& [text, since] : files) {
    machines.push_back(compiled({text}).at(0));
    deployments[{"report", machines.back()->version}] = at(since);
  }
  return Definitions(std::move(machines), Value(), std::move(deployments));
}

// "id -> day" of what is due.
std::vector<std::string> due(Schedules& schedules,
                             const Definitions& definitions,
                             const char* now) {
  std::vector<std::string> unusable;
  std::vector<std::string> found;
  for (const ScheduledStart& start : schedules.due(definitions, at(now), unusable)) {
    EXPECT_EQ(start.order.source, "schedule:report");
    EXPECT_EQ(start.order.tenant, "default");
    found.push_back(start.order.id + " -> " + std::string(start.order.input.text_at("day")));
  }
  for (const std::string& text : unusable) found.push_back("unusable: " + text);
  return found;
}

using Found = std::vector<std::string>;

TEST(Schedules, EachMomentIsDueOnce) {
  const Definitions definitions = deployed({{report(1, k_daily), "2026-01-01T12:00:00Z"}});
  Schedules schedules;
  EXPECT_EQ(due(schedules, definitions, "2026-01-01T12:00:10Z"), Found{});
  EXPECT_EQ(due(schedules, definitions, "2026-01-02T01:59:59Z"), Found{});
  EXPECT_EQ(due(schedules, definitions, "2026-01-02T02:00:00Z"),
            Found{"2026-01-02T02:00:00Z -> 2026-01-02T02:00:00Z"});
  EXPECT_EQ(due(schedules, definitions, "2026-01-02T02:00:05Z"), Found{});
}

TEST(Schedules, TheNextLookIsAtTheNextMoment) {
  const Definitions definitions = deployed({{report(1, k_daily), "2026-01-01T12:00:00Z"}});
  Schedules schedules;
  due(schedules, definitions, "2026-01-02T01:59:58Z");
  EXPECT_EQ(schedules.next(at("2026-01-02T01:59:58Z")), at("2026-01-02T02:00:00Z"));
  EXPECT_EQ(schedules.next(at("2026-01-02T01:00:00Z")), at("2026-01-02T01:00:05Z"));
}

TEST(Schedules, DowntimeIsMadeUpForByTheLastMoment) {
  const Definitions definitions = deployed({{report(1, k_daily), "2026-01-01T12:00:00Z"}});
  Schedules restarted;
  EXPECT_EQ(due(restarted, definitions, "2026-01-09T17:00:00Z"),
            Found{"2026-01-09T02:00:00Z -> 2026-01-09T02:00:00Z"});
  Schedules slept;
  due(slept, definitions, "2026-01-01T12:00:10Z");
  EXPECT_EQ(due(slept, definitions, "2026-01-09T17:00:00Z"),
            Found{"2026-01-09T02:00:00Z -> 2026-01-09T02:00:00Z"});
  Schedules much_later;
  const Definitions yearly =
      deployed({{report(1, R"({cron: "0 0 1 1 *", input: {day: "${string(now)}"}})"),
                 "2020-01-01T00:00:01Z"}});
  EXPECT_EQ(due(much_later, yearly, "2026-06-01T00:00:00Z"), Found{}) << "too long ago";
}

TEST(Schedules, NothingBeforeTheDeploymentIsDue) {
  const Definitions definitions = deployed({{report(1, k_daily), "2026-01-02T02:00:01Z"}});
  Schedules schedules;
  EXPECT_EQ(due(schedules, definitions, "2026-01-02T02:00:02Z"), Found{});
}

TEST(Schedules, TheNewestVersionCounts) {
  const std::string monthly = R"({cron: "0 5 * * *", input: {day: "v2 ${string(now)}"}})";
  Schedules schedules;
  due(schedules, deployed({{report(1, k_daily), "2026-01-01T12:00:00Z"}}), "2026-01-01T12:00:10Z");
  const Definitions both = deployed(
      {{report(1, k_daily), "2026-01-01T12:00:00Z"}, {report(2, monthly), "2026-01-01T20:00:00Z"}});
  EXPECT_EQ(due(schedules, both, "2026-01-02T04:59:00Z"), Found{});
  EXPECT_EQ(due(schedules, both, "2026-01-02T05:00:00Z"),
            Found{"2026-01-02T05:00:00Z -> v2 2026-01-02T05:00:00Z"});
}

TEST(Schedules, SeveralAtOneMomentAreToldApart) {
  const Definitions definitions =
      deployed({{report(1,
                        R"([{cron: "0 * * * *", input: {day: "a ${string(now)}"}},
                   {cron: "30 2 * * *", input: {day: "b ${string(now)}"}},
                   {cron: "0 2 * * *", input: {day: "c ${string(now)}"}}])"),
                 "2026-01-01T12:00:00Z"}});
  Schedules schedules;
  EXPECT_EQ(due(schedules, definitions, "2026-01-02T02:10:00Z"),
            (Found{"2026-01-02T02:00:00Z -> a 2026-01-02T02:00:00Z",
                   "2026-01-02T02:00:00Z#2 -> c 2026-01-02T02:00:00Z"}));
}

TEST(Schedules, AMomentWhoseInputFailsIsPassedOver) {
  const Definitions definitions = deployed(
      {{report(1, R"({cron: "0 3 * * *", input: {day: "${string(1 / (now.getHours() - 3))}"}})"),
        "2026-01-01T12:00:00Z"}});
  Schedules schedules;
  const Found found = due(schedules, definitions, "2026-01-02T03:00:00Z");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].starts_with("unusable: the schedule \"0 3 * * *\" of report")) << found[0];
  EXPECT_EQ(due(schedules, definitions, "2026-01-02T03:00:01Z"), Found{});
}

TEST(Schedules, AStartThatWasNotStoredIsTriedAgain) {
  const Definitions definitions = deployed({{report(1, k_daily), "2026-01-01T12:00:00Z"}});
  Schedules schedules;
  std::vector<std::string> unusable;
  const Timestamp moment = at("2026-01-02T02:00:00Z");
  auto starts = schedules.due(definitions, moment, unusable);
  ASSERT_EQ(starts.size(), 1u);
  schedules.failed(std::move(starts[0]), moment);
  EXPECT_EQ(due(schedules, definitions, "2026-01-02T02:00:04Z"), Found{});
  EXPECT_EQ(due(schedules, definitions, "2026-01-02T02:00:05Z").size(), 1u);
  EXPECT_EQ(due(schedules, definitions, "2026-01-02T02:00:20Z"), Found{});
}

TEST(Schedules, AMinutelyOneIsNotWalkedForAMonth) {
  machine::StartSchedule minutely;
  minutely.cron = "* * * * *";
  minutely.timezone = "Europe/Berlin";
  EXPECT_EQ(last_due(minutely, at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:30Z")),
            at("2026-02-01T00:00:00Z"));
  EXPECT_EQ(last_due(minutely, at("2026-02-01T00:00:00Z"), at("2026-02-01T00:00:30Z")),
            std::nullopt);
}

// Two processes ask for themselves, on one store.
TEST(Schedules, OneInstanceInTheWholeInstallation) {
  Rig rig({report(1, R"({cron: "0 3 * * *", input: {day: "${string(now)}"}})")}, 2);
  std::vector<std::string> unusable;
  std::vector<Disposition> told;
  for (int process = 0; process < 2; ++process) {
    Schedules schedules;
    for (const ScheduledStart& start : schedules.due(*rig.definitions, rig.now, unusable)) {
      Item item = rig.start(start.order.workflow, start.order.input);
      item.mark = mark_of(start.order.tenant, start.order.source, start.order.id);
      const auto answer = rig.ask(std::move(item));
      ASSERT_TRUE(answer) << answer.error().message;
      told.push_back(answer->disposition);
    }
  }
  EXPECT_EQ(told, (std::vector<Disposition>{Disposition::created, Disposition::duplicate}));
}

}  // namespace
}  // namespace vozex::runtime
