// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "api/cli/markdown.h"
#include "tests/unit/cli/program.h"

namespace vozex::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Explain : public ProgramRun {};

TEST_F(Explain, PrintsThePageOfACodeInPlainText) {
  EXPECT_EQ(run("explain VZ0201"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("VZ0201: a target that names no state\n===="));
  EXPECT_THAT(out_, HasSubstr("\nHow to fix it\n-------------\n"));
  EXPECT_THAT(out_, HasSubstr("\n      after: {1h: inner}\n"));
  EXPECT_THAT(out_, Not(HasSubstr("```")));
  EXPECT_THAT(out_, Not(HasSubstr("\x1b")));
}

TEST_F(Explain, UnderstandsTheNumberAlone) {
  EXPECT_EQ(run("explain 201"), 0);
  EXPECT_THAT(out_, HasSubstr("VZ0201"));
  EXPECT_EQ(run("explain vz0201 -o json"), 0);
  EXPECT_THAT(out_, HasSubstr("\"meaning\": \"a target that names no state\""));
}

TEST_F(Explain, OfAnUnknownCodeNamesTheNearest) {
  EXPECT_EQ(run("explain VZ0299"), 3);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("there is no code \"VZ0299\""));
  EXPECT_THAT(err_, HasSubstr("VZ0209"));
  EXPECT_EQ(run("explain cron"), 3);
  EXPECT_THAT(err_, HasSubstr("VZ0507"));
  EXPECT_EQ(run("explain"), 2);
}

TEST_F(Explain, KnowsTheProblemsOfTheServer) {
  EXPECT_EQ(run("explain key_taken"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("key_taken\n===="));
  EXPECT_THAT(out_, HasSubstr("HTTP 409."));
  EXPECT_EQ(run("explain key_taken -o json"), 0);
  EXPECT_THAT(out_,
              HasSubstr("\"meaning\": \"There is an instance of this workflow with this key, or"));
  EXPECT_EQ(run("explain key_takn"), 3);
  EXPECT_THAT(err_, HasSubstr("next: vozex explain key_taken"));
}

TEST_F(Explain, ListsAllCodes) {
  EXPECT_EQ(run("explain --list"), 0);
  EXPECT_THAT(out_, HasSubstr("\nVZ0001 "));
  EXPECT_THAT(out_, HasSubstr(" the file is not valid YAML\n"));
  EXPECT_THAT(out_, HasSubstr("\nkey_taken "));
  EXPECT_THAT(err_, HasSubstr("next: vozex explain CODE"));
}

TEST(Markdown, BreaksParagraphsAndKeepsCodeTogether) {
  EXPECT_EQ(render_markdown("one two `three four` five\nsix\n", {14, false}),
            "one two\n`three four`\nfive six\n");
}

TEST(Markdown, IndentsListsUnderTheirText) {
  EXPECT_EQ(render_markdown("- one two three\n- four\n\n1. [a page](x.md) is there\n", {12, false}),
            "- one two\n  three\n- four\n\n1. a page\n   (x.md) is\n   there\n");
}

TEST(Markdown, ColoursHeadingsAndCodeOnlyWhenAsked) {
  EXPECT_EQ(render_markdown("# Head\n\nuse `x`\n", {80, true}),
            "\x1b[1mHead\x1b[0m\n\nuse \x1b[36mx\x1b[0m\n");
  EXPECT_EQ(render_markdown("# Head\n\nuse `x`\n", {80, false}), "Head\n====\n\nuse `x`\n");
}

}  // namespace
}  // namespace vozex::cli
