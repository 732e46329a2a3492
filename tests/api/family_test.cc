// SPDX-License-Identifier: Apache-2.0
// An order of five hundred parts, three deep, on the real stores: replies, joins, failure upwards,
// cancellation downwards.
#include <gtest/gtest.h>

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

class Families : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no PostgreSQL here";
    town_ = std::make_unique<Town>(GetParam());
    const Answer deployed = town_->post("/v1/workflows",
                                        {{"files",
                                          {{{"name", "convoy.yaml"}, {"text", k_convoy}},
                                           {{"name", "wagon.yaml"}, {"text", k_wagon}},
                                           {{"name", "crate.yaml"}, {"text", k_crate}}}}});
    ASSERT_LT(deployed.status, 300) << deployed.body;
  }

  void start(const std::string& name, const json& wagons) {
    const Answer answer = town_->post(
        "/v1/instances", {{"workflow", "convoy"}, {"input", {{"name", name}, {"wagons", wagons}}}});
    ASSERT_EQ(answer.status, 201) << answer.body;
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
  start("big", wagons);
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
  start("broken", {1, 13, 2});
  start("stopped", {1, 2, 3});
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

}  // namespace
}  // namespace vozex::api_test
