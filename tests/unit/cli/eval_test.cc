// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/unit/cli/program.h"

namespace vozex::cli {
namespace {

using ::testing::HasSubstr;

class Eval : public ProgramRun {};

TEST_F(Eval, AnswersAPerson) {
  EXPECT_EQ(run("eval 'a + 1' --vars '{\"a\": 1}'"), 0) << err_;
  EXPECT_EQ(out_, "2\n");
  EXPECT_EQ(run("eval \"timestamp('2026-01-01T00:00:00Z')\" --types"), 0);
  EXPECT_EQ(out_, "\"2026-01-01T00:00:00Z\"\ntimestamp\n");
  EXPECT_EQ(run("eval '1u' -o jsonl --lossless --types"), 0);
  EXPECT_EQ(out_, "{\"type\":\"uint\",\"value\":{\"$uint\":\"1\"}}\n");
}

TEST_F(Eval, ShowsThePlaceOfAMistake) {
  EXPECT_EQ(run("eval 'a + nope' --vars '{\"a\": 1}'"), 1);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("expression:1:5: error[VZ0310]"));
  EXPECT_THAT(err_, HasSubstr("next: vozex explain VZ0310"));
  EXPECT_EQ(run("eval '1 / a' --vars '{\"a\": 0}'"), 1);
  EXPECT_THAT(err_, HasSubstr("error[divide_by_zero]"));
  EXPECT_EQ(run("eval a --vars '{'"), 2);
}

TEST_F(Eval, AnswersEachLineAndGoesOn) {
  file("in.jsonl",
       "{\"expr\": \"a * 2\", \"vars\": {\"a\": 21}}\n"
       "not json\n"
       "\n"
       "{\"expr\": \"1 / 0\", \"id\": 7}\r\n"
       "{\"expr\": \"x.y\"}\n" +
           std::string((1u << 20) + 1, 'x') + "\n{\"expr\": \"'last'\"}");
  EXPECT_EQ(run("eval", "in.jsonl"), 0) << err_;
  std::istringstream lines(out_);
  std::vector<std::string> answers;
  for (std::string line; std::getline(lines, line);) answers.push_back(line);
  ASSERT_EQ(answers.size(), 6u) << out_;
  EXPECT_EQ(answers[0], "{\"value\":42}");
  EXPECT_THAT(answers[1], HasSubstr("\"code\":\"malformed_json\""));
  EXPECT_THAT(answers[2], HasSubstr("divide_by_zero"));
  EXPECT_THAT(answers[2], HasSubstr("\"id\":7"));
  EXPECT_THAT(answers[3], HasSubstr("\"code\":\"VZ0310\",\"column\":1"));
  EXPECT_THAT(answers[4], HasSubstr("\"code\":\"line_too_long\""));
  EXPECT_EQ(answers[5], "{\"value\":\"last\"}");
  EXPECT_EQ(err_, "");
}

}  // namespace
}  // namespace vozex::cli
