// SPDX-License-Identifier: Apache-2.0
// An order of five hundred parts, three deep, on the real stores: replies, joins, failure upwards,
// cancellation downwards.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

const char* const k_convoy = R"(
vozex: 1
workflow: convoy
version: 1
key: input.name
input: {name: string, wagons: list<int>}
output: {names: list<string>}
data: {names: {type: list<string>, default: []}, code: optional<string>}
events:
  convoy.stop: {data: {name: string}, match: event.data.name}
warnings: {VZ0606: this is about children}
initial: loading
states:
  loading:
    on: {convoy.stop: stopped}
    invoke:
      id: wagons
      for_each: {n: input.wagons}
      limit: 200
      workflow: wagon
      input: {name: "${input.name + '/' + string(n)}", number: "${n}"}
      on_done: {target: arrived, set: {names: "${invoked.wagons.map(w, w.result.name)}"}}
      on_error: {target: broken, set: {code: "${invoked.wagons.filter(w, w.status == 'failed')[0].error.code}"}}
  arrived: {type: final, output: {names: "${data.names}"}}
  stopped: {type: final, outcome: cancelled}
  broken: {type: final, outcome: failed, error: {code: broken}}
)";

const char* const k_wagon = R"(
vozex: 1
workflow: wagon
version: 1
key: input.name
input: {name: string, number: int}
output: {name: string}
initial: packing
states:
  packing:
    invoke:
      id: crates
      for_each: {c: "[1, 2]"}
      join: invoked.crates.exists(c, c.status == 'done')
      workflow: crate
      input: {name: "${input.name + '/' + string(c)}", good: "${input.number != 13}"}
      on_done: sealed
      on_error: lost
  sealed:
    on_entry: [{reply: {name: "${input.name}"}}]
    after: {1s: gone}
  gone: {type: final, output: {name: "${input.name}"}}
  lost: {type: final, outcome: failed, error: {code: lost}}
)";

const char* const k_crate = R"(
vozex: 1
workflow: crate
version: 1
key: input.name
input: {name: string, good: bool}
output: {name: string}
initial: waiting
states:
  waiting: {after: {500ms: judged}}
  judged:
    always:
      - {when: input.good, target: packed}
      - {target: spoiled}
  packed: {type: final, output: {name: "${input.name}"}}
  spoiled: {type: final, outcome: failed, error: {code: spoiled}}
)";

// The first of its runners to arrive is enough; the others are called back.
const char* const k_race = R"(
vozex: 1
workflow: race
version: 1
key: input.name
input: {name: string, lanes: list<int>}
output: {won: string}
data: {won: {type: string, default: ""}}
states:
  running:
    invoke:
      id: runners
      for_each: {lane: input.lanes}
      join: any
      workflow: runner
      input: {name: "${input.name + '/' + string(lane)}"}
      on_done: {target: won, set: {won: "${invoked.runners.filter(r, r.status == 'done')[0].result.name}"}}
      on_error: lost
  won: {type: final, output: {won: "${data.won}"}}
  lost: {type: final, outcome: failed, error: {code: nobody_arrived}}
)";

// Two at a time; what became of each is written down as it arrives.
const char* const k_relay = R"(
vozex: 1
workflow: relay
version: 1
key: input.name
input: {name: string, lanes: list<int>}
output: {}
data: {arrived: {type: list<string>, default: []}}
states:
  running:
    invoke:
      id: runners
      for_each: {lane: input.lanes}
      limit: 2
      workflow: runner
      input: {name: "${input.name + '/' + string(lane)}"}
      on_each: {set: {arrived: "${data.arrived + [string(lane) + ' ' + invoked.runners[index].status]}"}}
      on_done: over
      on_error: fell
  over: {type: final, output: {}}
  fell: {type: final, outcome: failed, error: {code: fell}}
)";

const char* const k_runner = R"(
vozex: 1
workflow: runner
version: 1
key: input.name
input: {name: string}
output: {name: string}
events:
  runner.go: {data: {name: string, well: bool}, match: event.data.name}
states:
  running:
    on:
      runner.go:
        - {when: event.data.well, target: there}
        - {target: down}
  there: {type: final, output: {name: "${input.name}"}}
  down: {type: final, outcome: failed, error: {code: down}}
)";

class Families : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no PostgreSQL here";
    town_ = std::make_unique<Town>(GetParam());
    const Answer deployed = town_->post("/v1/workflows",
                                        {{"files",
                                          {{{"name", "convoy.yaml"}, {"text", k_convoy}},
                                           {{"name", "wagon.yaml"}, {"text", k_wagon}},
                                           {{"name", "crate.yaml"}, {"text", k_crate}},
                                           {{"name", "race.yaml"}, {"text", k_race}},
                                           {{"name", "relay.yaml"}, {"text", k_relay}},
                                           {{"name", "runner.yaml"}, {"text", k_runner}}}}});
    ASSERT_LT(deployed.status, 300) << deployed.body;
  }

  void start(const std::string& workflow, const json& input) {
    const Answer answer = town_->post("/v1/instances", {{"workflow", workflow}, {"input", input}});
    ASSERT_EQ(answer.status, 201) << answer.body;
  }
  void send_off(const std::string& name, const json& wagons) {
    start("convoy", {{"name", name}, {"wagons", wagons}});
  }
  void go(const std::string& runner, bool well) {
    const Answer sent = town_->post("/v1/events",
                                    {{"id", runner},
                                     {"source", "test"},
                                     {"type", "runner.go"},
                                     {"data", {{"name", runner}, {"well", well}}}});
    ASSERT_EQ(sent.status, 200) << sent.body;
  }
  std::vector<std::string> live_runners() {
    std::vector<std::string> keys;
    for (const json& one : town_->all("/v1/instances?workflow=runner&live=true"))
      keys.push_back(one["key"]);
    return keys;
  }
  bool nobody_is_left() {
    return eventually([&] { return town_->all("/v1/instances?live=true").empty(); },
                      std::chrono::seconds(60));
  }

  std::unique_ptr<Town> town_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         Families,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& kind) { return name_of(kind.param); });

TEST_P(Families, FiveHundredPartsThreeDeepJoinInTheirOrder) {
  json wagons = json::array();
  for (int i = 0; i < 500; ++i) wagons.push_back(1000 + i);
  send_off("big", wagons);
  ASSERT_TRUE(eventually([&] { return town_->state_of("convoy", "big") == "arrived"; },
                         std::chrono::seconds(120)))
      << town_->server_log();
  const json names = town_->instance("convoy", "big")["output"]["names"];
  ASSERT_EQ(names.size(), 500u);
  for (std::size_t i = 0; i < names.size(); ++i) {
    ASSERT_EQ(names[i], "big/" + std::to_string(1000 + i));
  }
  EXPECT_TRUE(nobody_is_left()) << "wagons that have replied end by themselves";
  // Each wagon has a timer of its own, and so has at least one of its two crates.
  EXPECT_GE(town_->metric("vozex_timer_lag_seconds_count"), 1000);
}

TEST_P(Families, FailureGoesUpAndCancelGoesDown) {
  send_off("broken", {1, 13, 2});
  send_off("stopped", {1, 2, 3});
  EXPECT_EQ(town_
                ->post("/v1/events",
                       {{"id", "stop"},
                        {"source", "test"},
                        {"type", "convoy.stop"},
                        {"data", {{"name", "stopped"}}}})
                .status,
            200);
  EXPECT_EQ(town_->state_of("convoy", "stopped"), "stopped");
  ASSERT_TRUE(eventually([&] { return town_->state_of("convoy", "broken") == "broken"; }));
  EXPECT_EQ(town_->instance("convoy", "broken")["data"]["code"], "lost");
  EXPECT_TRUE(nobody_is_left());
  EXPECT_EQ(town_->instance("wagon", "stopped/1")["life"], "cancelled");
  EXPECT_EQ(town_->instance("crate", "stopped/1/2")["life"], "cancelled");
  EXPECT_EQ(town_->instance("wagon", "broken/1")["life"], "completed");
}

TEST_P(Families, AnyOfThemIsEnoughAndTheOthersAreCancelled) {
  start("race", {{"name", "a"}, {"lanes", {1, 2, 3, 4}}});
  ASSERT_TRUE(eventually([&] { return live_runners().size() == 4; }));
  go("a/2", false);
  EXPECT_EQ(town_->state_of("race", "a"), "running") << "one that fails decides nothing";
  go("a/3", true);
  ASSERT_TRUE(town_->reaches("race", "a", "won"));
  EXPECT_EQ(town_->instance("race", "a")["output"]["won"], "a/3");
  EXPECT_TRUE(nobody_is_left());
  for (const auto& [runner, life] : {std::pair{"a/1", "cancelled"},
                                     {"a/2", "failed"},
                                     {"a/3", "completed"},
                                     {"a/4", "cancelled"}})
    EXPECT_EQ(town_->instance("runner", runner)["life"], life) << runner;

  start("race", {{"name", "b"}, {"lanes", {1, 2}}});
  for (const char* runner : {"b/1", "b/2"}) {
    ASSERT_TRUE(town_->reaches("runner", runner, "running"));
    go(runner, false);
  }
  EXPECT_TRUE(town_->reaches("race", "b", "lost")) << "none of them";
}

TEST_P(Families, NoMoreThanTheLimitLiveAtOnceAndEachEndIsSeen) {
  start("relay", {{"name", "r"}, {"lanes", {1, 2, 3, 4}}});
  const auto live = [&](std::vector<std::string> runners) {
    return eventually([&] {
      auto now = live_runners();
      std::sort(now.begin(), now.end());
      return now == runners;
    });
  };
  ASSERT_TRUE(live({"r/1", "r/2"}));
  go("r/2", true);
  ASSERT_TRUE(live({"r/1", "r/3"})) << "the next one, in order";
  go("r/3", false);
  ASSERT_TRUE(live({"r/1", "r/4"})) << "a failure cancels no sibling";
  go("r/4", true);
  ASSERT_TRUE(live({"r/1"}));
  EXPECT_EQ(town_->state_of("relay", "r"), "running") << "all of them have to settle";
  go("r/1", true);
  ASSERT_TRUE(town_->reaches("relay", "r", "fell"));
  EXPECT_EQ(town_->instance("relay", "r")["data"]["arrived"],
            json({"2 done", "3 failed", "4 done", "1 done"}));
}

}  // namespace
}  // namespace vozex::api_test
