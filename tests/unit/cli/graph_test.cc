// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "api/cli/child_process.h"
#include "tests/unit/cli/program.h"

namespace vozex::cli {
namespace {

using ::testing::HasSubstr;

constexpr const char* k_door = R"(vozex: 1
workflow: door
version: 1
key: input.name
input: {name: string}
initial: shut
states:
  shut: {after: {1h: open}}
  open: {type: final}
)";

class GraphCommand : public ProgramRun {
 protected:
  void SetUp() override { file("door.yaml", k_door); }
};

TEST_F(GraphCommand, WritesTextToStandardOutputOrAFile) {
  EXPECT_EQ(run("graph door.yaml"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("shut --> open : after 1h"));
  EXPECT_EQ(run("graph door.yaml --format dot --out door.dot"), 0);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("wrote door.dot: door, version 1"));
  EXPECT_THAT(text("door.dot"), HasSubstr("digraph \"door\""));
  EXPECT_EQ(run("graph door.yaml --format json"), 0);
  EXPECT_THAT(out_, HasSubstr("\"trigger\": \"after\""));
}

TEST_F(GraphCommand, SaysWhichPackageDrawsWhenItIsMissing) {
  EXPECT_EQ(run("graph door.yaml --format svg --dot no-such-program"), 7);
  EXPECT_THAT(err_, HasSubstr("program_missing"));
  EXPECT_THAT(err_, HasSubstr("apt-get install graphviz"));
}

TEST_F(GraphCommand, RefusesWhatIsNoDrawing) {
  EXPECT_EQ(run("graph door.yaml --format svg --dot false"), 7);
  EXPECT_THAT(err_, HasSubstr("program_failed"));
}

TEST_F(GraphCommand, DrawsWithGraphviz) {
  if (std::system("command -v dot >/dev/null") != 0) GTEST_SKIP() << "Graphviz is not installed";
  EXPECT_EQ(run("graph door.yaml --format svg"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("<svg class=\"vozex\" role=\"img\""));
  EXPECT_THAT(out_, HasSubstr("<title>shut to open: after 1h</title>"));
  EXPECT_THAT(out_, HasSubstr("class=\"node final completed\""));
}

TEST_F(GraphCommand, DrawsEachStateAndTransitionOfTheShippedOrder) {
  if (std::system("command -v dot >/dev/null") != 0) GTEST_SKIP() << "Graphviz is not installed";
  const std::string order = VOZEX_SOURCE_DIR "/workflows/commerce/order.yaml";
  ASSERT_EQ(run("graph " + order + " --format json"), 0) << err_;
  const auto graph = nlohmann::json::parse(out_);
  ASSERT_EQ(run("graph " + order + " --format svg"), 0) << err_;
  for (std::size_t i = 1; i < graph["nodes"].size(); ++i)
    EXPECT_THAT(out_, HasSubstr("<g id=\"n" + std::to_string(i) + "\" class=\"node "));
  for (std::size_t i = 0; i < graph["edges"].size(); ++i)
    EXPECT_THAT(out_, HasSubstr("<g id=\"e" + std::to_string(i) + "\" class=\"edge "));
}

TEST_F(GraphCommand, AsksWhichOfSeveral) {
  std::string other = k_door;
  other.replace(other.find("door"), 4, "gate");
  file("gate.yaml", other);
  EXPECT_EQ(run("graph ."), 2);
  EXPECT_THAT(err_, HasSubstr("--workflow"));
  EXPECT_EQ(run("graph . --workflow gate"), 0);
  EXPECT_THAT(out_, HasSubstr("gate, version 1"));
  EXPECT_EQ(run("graph nowhere.yaml"), 3);
  file("door.yaml", "vozex: 1\nworkflow: door\n");
  EXPECT_EQ(run("graph door.yaml"), 1);
  EXPECT_THAT(err_, HasSubstr("next: vozex validate door.yaml"));
}

TEST(ChildProcess, GivesInputAndTakesOutput) {
  const auto said = run_child({"cat"}, std::string(300'000, 'x'));
  ASSERT_TRUE(said) << said.error().message;
  EXPECT_EQ(said->exit_code, 0);
  EXPECT_EQ(said->out.size(), 300'000u);
  EXPECT_EQ(run_child({"sh", "-c", "echo no >&2; exit 3"}, "unread")->exit_code, 3);
}

TEST(ChildProcess, IsBoundedInTimeAndOutput) {
  EXPECT_EQ(run_child({"sleep", "600"}, "", {std::chrono::milliseconds(1)}).error().code,
            "program_timeout");
  EXPECT_EQ(run_child({"yes"}, "", {std::chrono::milliseconds(30'000), 1000}).error().code,
            "program_output_too_large");
  EXPECT_EQ(run_child({"no-such-program"}, "").error().code, "program_missing");
}

}  // namespace
}  // namespace vozex::cli
