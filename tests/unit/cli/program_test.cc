// SPDX-License-Identifier: Apache-2.0
// The real program on the command line: what goes to standard output, what to standard error, and
// the exit codes that scripts rely on. With a server behind it: tests/api/command_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/program.h"

namespace vozex::cli {
namespace {

using ::testing::HasSubstr;

class Program : public ProgramRun {};

constexpr const char* k_good = R"(vozex: 1
workflow: door
version: 1
key: input.name
input: {name: string}
events:
  knock: {match: event.data.name, data: {name: string}}
initial: shut
states:
  shut: {on: {knock: open}}
  open: {type: final}
)";

constexpr const char* k_scenarios = R"(workflow: door
scenarios:
  - name: opens when somebody knocks
    start: {name: front}
    steps:
      - expect: {state: shut}
      - event: {knock: {name: front}, id: e1}
      - expect: {state: open}
)";

TEST_F(Program, ValidateFindsNothingInAGoodFile) {
  file("door.yaml", k_good);
  EXPECT_EQ(run("validate door.yaml"), 0) << out_ << err_;
  EXPECT_EQ(out_, "");
  EXPECT_EQ(err_, "1 file: no errors\n");
}

TEST_F(Program, ValidateSaysAllMistakesWithTheirPlaces) {
  std::string bad = k_good;
  bad.replace(bad.find("initial: shut"), 13, "initial: shot");
  bad += "colour: red\n";
  file("flows/door.yaml", bad);
  EXPECT_EQ(run("validate flows"), 1);
  EXPECT_THAT(out_, HasSubstr("flows/door.yaml:8:10: error[VZ"));
  EXPECT_THAT(out_, HasSubstr("colour"));
  EXPECT_THAT(out_, HasSubstr("hint: "));
  EXPECT_THAT(err_, HasSubstr("1 file: 2 errors"));
  EXPECT_EQ(run("validate flows --format github"), 1);
  EXPECT_THAT(out_, HasSubstr("::error file=flows/door.yaml,line=8,col=10"));
  EXPECT_EQ(run("validate flows --format json"), 1);
  EXPECT_THAT(out_, HasSubstr("\"errors\": 2"));
}

TEST_F(Program, ValidateOfNothingIsNotFound) {
  EXPECT_EQ(run("validate nowhere.yaml"), 3);
  EXPECT_THAT(err_, HasSubstr("file_unreadable"));
  EXPECT_EQ(run("validate ."), 3);
}

TEST_F(Program, TestRunsTheScenariosBesideAWorkflow) {
  file("door.yaml", k_good);
  file("door.test.yaml", k_scenarios);
  EXPECT_EQ(run("test . --junit report.xml --coverage"), 0) << out_ << err_;
  EXPECT_THAT(err_, HasSubstr("1 scenario, 1 passed"));
  EXPECT_THAT(out_, HasSubstr("door: "));
  EXPECT_THAT(text("report.xml"), HasSubstr("<testsuite"));
  EXPECT_EQ(run("test door.test.yaml -o json"), 0);
  EXPECT_THAT(out_, HasSubstr("\"passed\": true"));
}

TEST_F(Program, TestSaysWhatWasExpectedAndWhatCame) {
  file("door.yaml", k_good);
  std::string wrong = k_scenarios;
  wrong.replace(wrong.find("{state: open}"), 13, "{state: shut}");
  file("door.test.yaml", wrong);
  EXPECT_EQ(run("test ."), 1);
  EXPECT_THAT(out_, HasSubstr("opens when somebody knocks"));
  EXPECT_THAT(out_, HasSubstr("shut"));
  EXPECT_THAT(err_, HasSubstr("1 failed"));
}

TEST_F(Program, CommandsWithoutAServerSayHowToGetOne) {
  EXPECT_EQ(run("instance ls"), 2);
  EXPECT_THAT(err_, HasSubstr("vozex dev"));
  EXPECT_EQ(run("instance ls --url http://127.0.0.1:1 --key k"), 7);
  EXPECT_THAT(err_, HasSubstr("unreachable"));
}

TEST_F(Program, ACommandThatIsNoneIsNamedWithTheOneThatWasMeant) {
  EXPECT_EQ(run("valdate door.yaml"), 2);
  EXPECT_THAT(err_, HasSubstr("no command \"valdate\", did you mean `vozex validate`?"));
  EXPECT_EQ(run("zzzzzzzz"), 2);
  EXPECT_THAT(err_, HasSubstr("no command \"zzzzzzzz\"."));
  EXPECT_THAT(err_, HasSubstr("vozex --help"));
}

TEST_F(Program, WrongUsageIsTwoAndHelpLeadsWithExamples) {
  EXPECT_EQ(run("instance"), 2);
  EXPECT_EQ(run("no-such-command"), 2);
  EXPECT_EQ(run("event send x --data '{'"), 2);
  EXPECT_EQ(run("--help"), 0);
  EXPECT_THAT(out_, HasSubstr("vozex dev"));
  EXPECT_EQ(run("version"), 0);
  EXPECT_EQ(run("--version"), 0);
  EXPECT_THAT(out_, HasSubstr("vozex 0."));
}

TEST_F(Program, ServeListensOnPortsThatThereAre) {
  file("key", "a-key-that-is-long-enough");
  for (const char* address :
       {"127.0.0.1:65536", "127.0.0.1:99999", "127.0.0.1:-1", "127.0.0.1:", ":80", "80"}) {
    EXPECT_EQ(run(std::string("serve --api-key a=file:key --listen ") + address), 1) << address;
    EXPECT_THAT(err_, HasSubstr("invalid_address")) << address;
  }
}

TEST_F(Program, ServeSaysWhatIsWrongWithItsConfiguration) {
  file("vozex.yaml", "listen: 127.0.0.1:0\ncolour: red\nlanes: many\n");
  EXPECT_EQ(run("serve --config vozex.yaml"), 2);
  EXPECT_THAT(err_, HasSubstr("config_invalid"));
  EXPECT_THAT(err_, HasSubstr("/colour"));
  EXPECT_THAT(err_, HasSubstr("/lanes"));
  for (const char* time : {"999ms", "31d", "-1h"}) {
    file("vozex.yaml", std::string("max_parked_time: ") + time + "\n");
    EXPECT_EQ(run("serve --config vozex.yaml"), 2);
    EXPECT_THAT(err_, HasSubstr("/max_parked_time: expected 1s to 30d, got ")) << time;
  }
  file("vozex.yaml", "listen: 127.0.0.1:0\nlisten: 127.0.0.1:1\n");
  EXPECT_EQ(run("serve --config vozex.yaml"), 2);
  EXPECT_THAT(err_, HasSubstr("vozex.yaml:2"));
  EXPECT_EQ(run("serve --config nowhere.yaml"), 2);
  EXPECT_THAT(err_, HasSubstr("config_unreadable"));
  EXPECT_NE(run("serve --api-key shop=env:NOT_SET_AT_ALL"), 0);
  EXPECT_THAT(err_, HasSubstr("NOT_SET_AT_ALL"));
}

}  // namespace
}  // namespace vozex::cli
