// SPDX-License-Identifier: Apache-2.0
// An instance whose steps the store refuses blocks nobody: the others of its lane go on, also those
// whose events came in one batch with its own, and what is wrong with it is an incident. Planted
// with a trigger, on both stores.
#include <gtest/gtest.h>
#include <signal.h>

#include <iostream>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

constexpr int k_others = 30;

constexpr const char* k_pair = R"(
vozex: 1
workflow: pair
version: 1
key: input.name
input: {name: string}
data: {bells: {type: int, default: 0}}
events:
  pair.go: {data: {name: string}, match: event.data.name}
initial: first
states:
  first: {on: {pair.go: second}, after: {30d: over}}
  second: {on: {pair.go: {set: {bells: "${data.bells + 1}"}}}, after: {30d: over}}
  over: {type: final}
)";

class Poison : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(GetParam(), std::vector<std::string>{"--lanes", "1"});
    const Answer deployed =
        town_->post("/v1/workflows", {{"files", {{{"name", "pair.yaml"}, {"text", k_pair}}}}});
    ASSERT_EQ(deployed.status, 200) << deployed.body;
    for (int i = 0; i < k_others; ++i) start("p" + std::to_string(i));
    start("poison");
  }
  void TearDown() override {
    if (HasFailure() && town_ != nullptr) std::cout << town_->server_log();
  }
  void start(const std::string& name) {
    const Answer started =
        town_->post("/v1/instances", {{"workflow", "pair"}, {"input", {{"name", name}}}});
    ASSERT_EQ(started.status, 201) << started.body;
  }
  // It may not get into its second state.
  void plant() {
    if (GetParam() == Kind::sqlite) {
      for (const char* when : {"INSERT", "UPDATE"}) {
        town_->database().count(std::string("CREATE TRIGGER poison_") + when + " BEFORE " + when +
                                " ON instances WHEN NEW.key = 'poison' AND NEW.state = 'second' "
                                "BEGIN SELECT RAISE(ABORT, 'poison'); END");
      }
      return;
    }
    town_->database().count(
        "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.key = 'poison' AND NEW.state = 'second' THEN "
        "RAISE EXCEPTION 'poison' USING ERRCODE = '22000'; END IF; RETURN NEW; END $$; "
        "CREATE TRIGGER poison BEFORE INSERT OR UPDATE ON instances FOR EACH ROW "
        "EXECUTE FUNCTION poison(); SELECT 1");
  }
  void cure() {
    if (GetParam() == Kind::sqlite) {
      for (const char* when : {"INSERT", "UPDATE"})
        town_->database().count(std::string("DROP TRIGGER poison_") + when);
      return;
    }
    town_->database().count("DROP TRIGGER poison ON instances; SELECT 1");
  }
  json event(const std::string& name) {
    return {{"id", "e" + std::to_string(++sent_)},
            {"source", "test"},
            {"type", "pair.go"},
            {"data", {{"name", name}}}};
  }
  std::string state(const std::string& name) { return town_->state_of("pair", name); }

  std::unique_ptr<Town> town_;
  int sent_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         Poison,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& kind) { return name_of(kind.param); });

TEST_P(Poison, BlocksNobodyAndIsAnIncident) {
  plant();
  // One request, so that they are committed together.
  json batch = json::array();
  for (int i = 0; i < k_others; ++i) {
    if (i == k_others / 2) batch.push_back(event("poison"));
    batch.push_back(event("p" + std::to_string(i)));
  }
  int moved = 0;
  for (const json& answer : town_->post("/v1/events", batch).value()) {
    if (answer["outcome"] == "transitioned") {
      ++moved;
      continue;
    }
    EXPECT_EQ(answer["outcome"], "refused") << answer;
    EXPECT_EQ(answer["problem"]["code"], "store_constraint");
    EXPECT_FALSE(answer["problem"].contains("errors")) << "no SQL for the world: " << answer;
  }
  EXPECT_EQ(moved, k_others);
  for (int i = 0; i < k_others; ++i) EXPECT_EQ(state("p" + std::to_string(i)), "second") << i;
  const json held = town_->instance("pair", "poison");
  EXPECT_EQ(held["life"], "held") << held;
  EXPECT_EQ(held["state"], "first") << "as it was";
  ASSERT_EQ(held["incidents"].size(), 1u) << held;
  EXPECT_EQ(held["incidents"][0]["code"], "commit_refused");

  // More of the same, and a new start: nothing changes for anybody.
  for (int i = 0; i < 5; ++i) {
    town_->post("/v1/events", event("poison"));
    EXPECT_EQ(town_->post("/v1/events", event("p0")).status, 200);
  }
  town_->server().kill(SIGKILL);
  town_->server().wait();
  town_->start_server();
  ASSERT_TRUE(town_->wait_until_ready());
  EXPECT_EQ(town_->post("/v1/events", event("p0")).status, 200);
  EXPECT_EQ(town_->instance("pair", "p0")["data"]["bells"], 6);
  EXPECT_EQ(town_->instance("pair", "poison")["incidents"], held["incidents"]);

  cure();
  const std::string id = held["id"];
  const Answer resumed =
      town_->post("/v1/instances/" + id + "/resume", {{"reason", "the trigger is gone"}});
  EXPECT_EQ(resumed.status, 200) << resumed.body;
  EXPECT_EQ(state("poison"), "second");
  EXPECT_EQ(town_->instance("pair", "poison")["data"]["bells"], 4)
      << "what came meanwhile waited; what was refused did not";
}

}  // namespace
}  // namespace vozex::api_test
