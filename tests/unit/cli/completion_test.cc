// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/unit/cli/program.h"

namespace vozex::cli {
namespace {

using ::testing::HasSubstr;

class Completion : public ProgramRun {
 protected:
  // What bash offers for the words, the last of which is being typed.
  std::string offered(const std::string& words, int at) {
    file("ask.bash",
         "source .script\nCOMP_WORDS=(" + words + ")\nCOMP_CWORD=" + std::to_string(at) +
             "\ncompopt() { :; }\n_vozex\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n");
    const std::string command =
        "cd " + folder_ + " && " VOZEX_BINARY " completion bash >.script && bash ask.bash >.out";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return text(".out");
  }
};

TEST_F(Completion, BashKnowsCommandsOptionsAndChoices) {
  EXPECT_EQ(offered("vozex vali", 1), "validate\n");
  EXPECT_EQ(offered("vozex instance w", 2), "why\n");
  EXPECT_EQ(offered("vozex validate --form", 2), "--format\n");
  EXPECT_EQ(offered("vozex validate --format sa", 3), "sarif\n");
  EXPECT_EQ(offered("vozex completion z", 2), "zsh\n");
}

TEST_F(Completion, BashOffersFilesWhereACommandTakesThem) {
  file("door.yaml", "x");
  EXPECT_EQ(offered("vozex validate doo", 2), "door.yaml\n");
}

TEST_F(Completion, EachShellGetsAScriptOfItsOwn) {
  EXPECT_EQ(run("completion zsh"), 0);
  EXPECT_THAT(out_, HasSubstr("#compdef vozex"));
  EXPECT_THAT(out_, HasSubstr("compadd -- text json sarif github"));
  EXPECT_EQ(run("completion fish"), 0);
  EXPECT_THAT(out_, HasSubstr("-n '__vozex_at \"vozex instance\"' -a why"));
  EXPECT_EQ(run("completion tcsh"), 2);
}

}  // namespace
}  // namespace vozex::cli
