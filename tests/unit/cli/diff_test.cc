// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/unit/cli/program.h"

namespace vozex::cli {
namespace {

using ::testing::HasSubstr;

std::string door(const std::string& version, const std::string& state, const std::string& time) {
  return "vozex: 1\nworkflow: door\nversion: " + version +
         "\nkey: input.name\ninput: {name: string}\nstates:\n  " + state + ": {after: {" + time +
         ": open}}\n  open: {type: final}\n";
}

class DiffCommand : public ProgramRun {};

TEST_F(DiffCommand, ExitsWithOneForBreakingDifferencesOnly) {
  file("old/door.yaml", door("1", "shut", "1h"));
  file("new/door.yaml", door("2", "shut", "2h"));
  EXPECT_EQ(run("diff old/door.yaml new/door.yaml"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("shut: after 1h: now after 2h"));
  EXPECT_THAT(err_, HasSubstr("differences in 1 workflow, 0 breaking"));
  file("new/door.yaml", door("2", "closed", "1h"));
  EXPECT_EQ(run("diff old new --format json"), 1);
  EXPECT_THAT(out_,
              HasSubstr("\"migrate\": \"migrate:\\n  from: 1\\n  states:\\n    shut: closed\\n\""));
  EXPECT_EQ(run("diff old old"), 0);
  EXPECT_EQ(out_, "");
}

TEST_F(DiffCommand, ComparesFoldersAndRefusesMistakes) {
  file("old/door.yaml", door("1", "shut", "1h"));
  std::filesystem::create_directories(folder_ + "/new");
  EXPECT_EQ(run("diff old new"), 1);
  EXPECT_THAT(out_, HasSubstr("nobody can start it any more"));
  EXPECT_EQ(run("diff new old"), 0);
  EXPECT_EQ(run("diff old nowhere.yaml"), 3);
  file("new/door.yaml", "vozex: 1\nworkflow: door\n");
  EXPECT_EQ(run("diff old new"), 1);
  EXPECT_THAT(err_, HasSubstr("nothing was compared"));
}

}  // namespace
}  // namespace vozex::cli
