// SPDX-License-Identifier: Apache-2.0
// `vozex fmt`: what it writes, what it only shows, what it refuses. The layout itself:
// tests/unit/language/format_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/cli/text_diff.h"
#include "tests/unit/cli/program.h"

namespace vozex::cli {
namespace {

using ::testing::HasSubstr;

class FmtCommand : public ProgramRun {};

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

constexpr const char* k_messy =
    "vozex:  1\nworkflow: door   # the front one\nstates:\n    a: { }\n";
constexpr const char* k_tidy = "vozex: 1\nworkflow: door   # the front one\nstates:\n  a: {}\n";

TEST_F(FmtCommand, RewritesFilesAndSaysHowMany) {
  file("flows/door.yaml", k_messy);
  file("flows/good.yaml", k_good);
  file("flows/door.test.yaml", "workflow:   door\nscenarios: [ ]\n");
  EXPECT_EQ(run("fmt flows"), 0) << err_;
  EXPECT_EQ(text("flows/door.yaml"), k_tidy);
  EXPECT_EQ(text("flows/door.test.yaml"), "workflow: door\nscenarios: []\n");
  EXPECT_EQ(err_, "3 files: 2 formatted\n");
  EXPECT_EQ(run("fmt flows --check"), 0);
  EXPECT_EQ(out_, "");
}

TEST_F(FmtCommand, OfOneFileLeavesItsNeighboursAlone) {
  file("door.yaml", k_messy);
  file("other.yaml", k_messy);
  EXPECT_EQ(run("fmt door.yaml"), 0) << err_;
  EXPECT_EQ(text("other.yaml"), k_messy);
}

TEST_F(FmtCommand, KeepsTheModeAndTheLink) {
  file("real/door.yaml", k_messy);
  const std::filesystem::path real = folder_ + "/real/door.yaml";
  const auto mode = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write |
                    std::filesystem::perms::group_read;
  std::filesystem::permissions(real, mode);
  std::filesystem::create_symlink(real, folder_ + "/door.yaml");
  EXPECT_EQ(run("fmt door.yaml"), 0) << err_;
  EXPECT_TRUE(std::filesystem::is_symlink(folder_ + "/door.yaml"));
  EXPECT_EQ(std::filesystem::status(real).permissions(), mode);
  EXPECT_EQ(text("real/door.yaml"), k_tidy);
  const auto files = std::filesystem::directory_iterator(folder_ + "/real");
  EXPECT_EQ(std::distance(begin(files), end(files)), 1) << "nothing is left behind";
}

TEST_F(FmtCommand, CheckAndDiffWriteNothing) {
  file("door.yaml", k_messy);
  EXPECT_EQ(run("fmt door.yaml --check"), 1);
  EXPECT_EQ(out_, "door.yaml\n");
  EXPECT_EQ(run("fmt door.yaml --diff"), 1);
  EXPECT_THAT(out_, HasSubstr("@@ -1,4 +1,4 @@\n-vozex:  1\n+vozex: 1\n workflow: door"));
  EXPECT_EQ(text("door.yaml"), k_messy);
}

TEST_F(FmtCommand, ReadsStandardInput) {
  file("door.yaml", k_messy);
  EXPECT_EQ(run("fmt -", "door.yaml"), 0) << err_;
  EXPECT_EQ(out_, k_tidy);
  EXPECT_EQ(run("fmt - --check", "door.yaml"), 1);
  EXPECT_EQ(out_, "");
}

TEST_F(FmtCommand, RefusesWhatIsNoYamlAndLeavesIt) {
  const std::string broken = "vozex: 1\nworkflow: [door\n";
  file("broken.yaml", broken);
  EXPECT_EQ(run("fmt broken.yaml"), 1);
  EXPECT_THAT(err_, HasSubstr("broken.yaml:"));
  EXPECT_THAT(err_, HasSubstr("1 refused"));
  EXPECT_EQ(text("broken.yaml"), broken);
  EXPECT_EQ(run("fmt nowhere.yaml"), 3);
}

TEST_F(FmtCommand, TheShippedWorkflowsAreFormatted) {
  EXPECT_EQ(run("fmt --check " VOZEX_SOURCE_DIR "/workflows"), 0) << out_ << err_;
}

TEST(TextDiff, ShowsHunksWithTheirContext) {
  std::string before;
  for (int i = 1; i <= 20; ++i) before += std::to_string(i) + "\n";
  std::string after = before;
  after.replace(after.find("\n3\n"), 3, "\nthree\n");
  after += "21";
  EXPECT_EQ(unified_diff("f", before, before), "");
  EXPECT_EQ(
      unified_diff("f", before, after),
      "--- f\n+++ f\n@@ -1,6 +1,6 @@\n 1\n 2\n-3\n+three\n 4\n 5\n 6\n@@ -18,3 +18,4 @@\n 18\n "
      "19\n 20\n+21\n\\ No newline at end of file\n");
  EXPECT_EQ(unified_diff("f", "", "a\n"), "--- f\n+++ f\n@@ -0,0 +1,1 @@\n+a\n");
}

}  // namespace
}  // namespace vozex::cli
