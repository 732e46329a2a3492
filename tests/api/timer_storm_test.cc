// SPDX-License-Identifier: Apache-2.0
// Thousands of timers that are due at one instant, and somebody who wants an answer meanwhile.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/api/timed_town.h"

namespace vozex::api_test {
namespace {

// All of them ring at noon.
constexpr const char* k_alarm = R"(
vozex: 1
workflow: alarm
version: 1
key: input.name
input: {name: string, at: timestamp}
events:
  alarm.set: {data: {name: string, at: timestamp}}
start: {on: {alarm.set: {input: {name: "${event.data.name}", at: "${event.data.at}"}}}}
initial: waiting
states:
  waiting: {after: {"${input.at}": rung}}
  rung: {type: final}
)";

constexpr const char* k_door = R"(
vozex: 1
workflow: door
version: 1
key: input.name
input: {name: string}
data: {knocks: {type: int, default: 0}}
events:
  door.knock: {data: {name: string}, match: event.data.name}
initial: closed
states:
  closed: {on: {door.knock: {set: {knocks: "${data.knocks + 1}"}}}, after: {P1Y: over}}
  over: {type: final}
)";

constexpr int k_alarms = 6000;
constexpr const char* k_noon = "2026-01-01T12:00:00Z";

class TimerStorm : public TimedTown {
 protected:
  static json event(const std::string& type, const std::string& id, json data) {
    return {{"id", id}, {"source", "test"}, {"type", type}, {"data", std::move(data)}};
  }
  void set_alarms() {
    constexpr int k_at_once = 100;
    for (int first = 0; first < k_alarms; first += k_at_once) {
      json batch = json::array();
      for (int i = first; i < first + k_at_once; ++i) {
        const std::string name = "a" + std::to_string(i);
        batch.push_back(event("alarm.set", name, {{"name", name}, {"at", k_noon}}));
      }
      ASSERT_EQ(town_->post("/v1/events", batch).status, 200);
    }
    ASSERT_EQ(town_->database().count("SELECT count(*) FROM instances WHERE workflow = 'alarm'"),
              k_alarms);
  }
  double fired() const { return town_->metric("vozex_timers_fired_total"); }
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         TimerStorm,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& kind) { return name_of(kind.param); });

TEST_P(TimerStorm, EventsAreAnsweredBeforeAllOfItHasFired) {
  ASSERT_NO_FATAL_FAILURE(open({.begins = "2026-01-01T10:00:00Z",
                                .files = {{"alarm.yaml", k_alarm}, {"door.yaml", k_door}}}));
  start("door", {{"name", "d"}});
  ASSERT_NO_FATAL_FAILURE(set_alarms());
  ASSERT_EQ(fired(), 0);
  jump_to(k_noon);
  int knocks = 0;
  int meanwhile = 0;  // asked when some had fired, answered when others had not
  while (fired() < k_alarms && knocks < 100'000) {
    const bool rages = fired() > 0;
    const std::string id = "k" + std::to_string(knocks++);
    const Answer answer = town_->post("/v1/events", event("door.knock", id, {{"name", "d"}}));
    ASSERT_EQ(answer.status, 200) << answer.body;
    if (rages && fired() < k_alarms) ++meanwhile;
  }
  std::cout << meanwhile << " of " << knocks << " events were answered meanwhile\n";
  EXPECT_GT(meanwhile, 0) << "of " << knocks;
  EXPECT_EQ(fired(), k_alarms) << "each once";
  EXPECT_EQ(town_->instance("door", "d")["data"]["knocks"], knocks);
  EXPECT_EQ(town_->database().count("SELECT count(*) FROM finished WHERE workflow = 'alarm'"),
            k_alarms);
}

}  // namespace
}  // namespace vozex::api_test
