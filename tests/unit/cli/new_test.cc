// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/unit/cli/program.h"

namespace vozex::cli {
namespace {

using ::testing::HasSubstr;

class NewCommand : public ProgramRun {};

TEST_F(NewCommand, WritesAWorkflowAndScenariosThatPass) {
  EXPECT_EQ(run("new expense_report --kind approval --deadline 5d --role managers"), 0) << err_;
  EXPECT_EQ(out_, "./expense_report.yaml\n./expense_report.test.yaml\n");
  EXPECT_THAT(err_, HasSubstr("next: vozex test ./expense_report.test.yaml"));
  EXPECT_EQ(run("validate . --strict"), 0) << out_;
  EXPECT_EQ(run("test . --min-coverage 60"), 0) << out_ << err_;
  EXPECT_THAT(text("expense_report.yaml"), HasSubstr("roles: [managers]"));
}

TEST_F(NewCommand, AsksNothingWhereNobodyCanAnswer) {
  EXPECT_EQ(run("new door --folder flows/doors --deadline none --no-input"), 0) << err_;
  EXPECT_THAT(text("flows/doors/door.yaml"), HasSubstr("workflow: door"));
}

TEST_F(NewCommand, OverwritesNothingUnlessTold) {
  EXPECT_EQ(run("new door"), 0);
  file("door.yaml", "mine");
  EXPECT_EQ(run("new door"), 5);
  EXPECT_EQ(text("door.yaml"), "mine");
  EXPECT_EQ(run("new door --force"), 0);
  EXPECT_THAT(text("door.yaml"), HasSubstr("workflow: door"));
  EXPECT_EQ(run("new 'A door'"), 2);
  EXPECT_THAT(err_, HasSubstr("bad_name"));
  EXPECT_EQ(run("new door --kind novel"), 2);
}

}  // namespace
}  // namespace vozex::cli
