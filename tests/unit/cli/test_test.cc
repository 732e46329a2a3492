// SPDX-License-Identifier: Apache-2.0
// `vozex test`: many scenarios on several threads, coverage, what a failing one shows.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/unit/cli/program.h"

namespace vozex::cli {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* k_door = R"(vozex: 1
workflow: door
version: 1
key: input.name
input: {name: string}
events:
  knock: {match: event.data.name, data: {name: string, loud: bool}}
states:
  shut:
    on:
      knock:
        - {when: event.data.loud, target: open}
        - {}
    after: {1d: locked}
  open: {type: final}
  locked: {type: final, outcome: failed, error: {code: locked}}
)";

std::string scenarios(int count, const std::string& expected) {
  std::string text = "workflow: door\ndefaults: {start: {name: front}}\nscenarios:\n";
  for (int i = 0; i < count; ++i) {
    text += "  - name: number " + std::to_string(i) +
            "\n    steps:\n      - event: {knock: {name: front, loud: true}, id: e1}\n"
            "      - expect: {state: " +
            expected + "}\n";
  }
  return text;
}

class TestCommand : public ProgramRun {
 protected:
  void SetUp() override { file("door.yaml", k_door); }
};

TEST_F(TestCommand, RunsAThousandAndSaysTheSameOnAnyNumberOfThreads) {
  file("door.test.yaml", scenarios(1000, "open"));
  EXPECT_EQ(run("test . -o json --coverage --jobs 1"), 0) << err_;
  const std::string alone = out_;
  EXPECT_THAT(err_, HasSubstr("1000 scenarios, 1000 passed"));
  EXPECT_EQ(run("test . -o json --coverage --jobs 8"), 0);
  EXPECT_EQ(out_, alone);
  file("door.test.yaml", scenarios(100, "shut"));
  EXPECT_EQ(run("test . --jobs 1"), 1);
  const std::string failing = out_;
  EXPECT_EQ(run("test . --jobs 7"), 1);
  EXPECT_EQ(out_, failing);
}

TEST_F(TestCommand, CoverageIsForPeopleProgramsAndGates) {
  file("door.test.yaml", scenarios(1, "open"));
  EXPECT_EQ(run("test . --coverage"), 0);
  EXPECT_THAT(out_, HasSubstr("door: 50.0 %, 2 of 3 states, 1 of 3 transitions"));
  EXPECT_THAT(out_, HasSubstr("line 14: shut: after 1d -> locked never fires"));
  EXPECT_EQ(run("test . --coverage -o json"), 0);
  const json all = json::parse(out_);
  EXPECT_EQ(all["scenarios"][0]["passed"], true);
  EXPECT_EQ(all["coverage"][0]["percent"], 50.0);
  EXPECT_EQ(all["coverage"][0]["states"]["missed"][0]["name"], "locked");
  EXPECT_EQ(run("test . --min-coverage 50"), 0);
  EXPECT_EQ(run("test . --min-coverage 50.1"), 1);
  EXPECT_THAT(err_, HasSubstr("the scenarios reach 50.0 % of door"));
  EXPECT_EQ(run("test . --min-coverage 101"), 2);
}

TEST_F(TestCommand, AFailingStepShowsWhatWasConsidered) {
  std::string text = scenarios(1, "open");
  text.replace(text.find("loud: true"), 10, "loud: false");
  file("door.test.yaml", text);
  EXPECT_EQ(run("test . --junit report.xml"), 1);
  EXPECT_EQ(out_,
            "./door.test.yaml:4:11: door: number 0\n"
            "./door.test.yaml:7:18: state\n"
            "  line:     - expect: {state: open}\n"
            "  expected: open\n"
            "  actual:   shut\n"
            "last step of door: knock in shut -> shut, ignored\n"
            "  shut: knock when event.data.loud: false (line 12)\n"
            "  shut: knock: taken (line 13)\n"
            "\n");
  EXPECT_THAT(ProgramRun::text("report.xml"), HasSubstr("expected open, actual shut"));
}

}  // namespace
}  // namespace vozex::cli
