// SPDX-License-Identifier: Apache-2.0
// Workflows that never come to rest, at a real server: each becomes an incident that ops see, and
// others are served meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;

constexpr const char* k_spin = R"(
vozex: 1
workflow: spin
version: 1
key: input.name
input: {name: string, pause: duration}
initial: a
states:
  a: {after: {"${input.pause}": b}}
  b: {after: {"${input.pause}": a}}
)";

constexpr const char* k_doll = R"(
vozex: 1
workflow: doll
version: 1
input: {inside: list<int>}
output: {}
initial: open
states:
  open:
    invoke:
      for_each: {n: input.inside}
      workflow: doll
      input: {inside: "${input.inside}"}
      on_done: closed
  closed: {type: final, output: {}}
)";

constexpr const char* k_calm = R"(
vozex: 1
workflow: calm
version: 1
key: input.name
input: {name: string}
states:
  here: {after: {1d: over}}
  over: {type: final}
)";

class FloodTest : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no " << name_of(GetParam());
    town_ = std::make_unique<Town>(GetParam());
    const Answer deployed = town_->post("/v1/workflows",
                                        {{"files",
                                          {{{"name", "spin.yaml"}, {"text", k_spin}},
                                           {{"name", "doll.yaml"}, {"text", k_doll}},
                                           {{"name", "calm.yaml"}, {"text", k_calm}}}}});
    ASSERT_EQ(deployed.status, 200) << deployed.body;
  }
  Answer start(const std::string& workflow, const json& input) {
    return town_->post("/v1/instances", {{"workflow", workflow}, {"input", input}});
  }
  // Incidents by code, once there are so many.
  std::map<std::string, int> incidents(std::size_t wanted) {
    std::map<std::string, int> codes;
    eventually([&] {
      codes.clear();
      const auto all = town_->all("/v1/instances?incident=true");
      if (all.size() < wanted) return false;
      for (const json& one : all) {
        const std::string id = one["id"];
        const json whole = town_->get("/v1/instances/" + id).value();
        for (const json& incident : whole.at("incidents"))
          ++codes[incident["code"].get<std::string>()];
      }
      return true;
    });
    return codes;
  }

  std::unique_ptr<Town> town_;
};

TEST_P(FloodTest, TimersWithoutTimeAreHeldAndOthersAreServed) {
  for (const std::string pause : {"0s", "1ms"})
    ASSERT_EQ(start("spin", {{"name", pause}, {"pause", pause}}).status, 201);
  EXPECT_EQ(start("calm", {{"name", "first"}}).status, 201);
  EXPECT_EQ(incidents(2), (std::map<std::string, int>{{"too_many_turns", 2}}));
  EXPECT_EQ(start("calm", {{"name", "second"}}).status, 201);
  for (const std::string pause : {"0s", "1ms"}) {
    EXPECT_EQ(town_->instance("spin", pause)["life"], "held");
    EXPECT_THAT(town_->instance("spin", pause)["incidents"][0]["message"].get<std::string>(),
                HasSubstr("1000 in a row"));
  }
}

TEST_P(FloodTest, AWorkflowThatStartsItselfEndsAndIsCancelledAsAWhole) {
  const Answer started = start("doll", {{"inside", {1, 2}}});
  ASSERT_EQ(started.status, 201) << started.body;
  // 2 of generation 1, ..., 128 of generation 7; their children, the eighth, don't come to be.
  EXPECT_EQ(incidents(128), (std::map<std::string, int>{{"children_too_deep", 128}}));
  EXPECT_EQ(town_->all("/v1/instances?workflow=doll").size(), 255u);
  const std::string root = started.value()["deliveries"][0]["instance"];
  const Answer cancelled = town_->post("/v1/instances/" + root + "/cancel", {{"reason", "a loop"}});
  ASSERT_EQ(cancelled.status, 200) << cancelled.body;
  EXPECT_TRUE(
      eventually([&] { return town_->all("/v1/instances?workflow=doll&live=true").empty(); }));
}

INSTANTIATE_TEST_SUITE_P(Stores,
                         FloodTest,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& param) { return name_of(param.param); });

}  // namespace
}  // namespace vozex::api_test
