// SPDX-License-Identifier: Apache-2.0
// Keys, titles and reasons come from other people: on a terminal they are text and nothing else.
#include "api/cli/output.h"

#include <gtest/gtest.h>

#include "engine/base/result.h"

namespace vozex::cli {
namespace {

using types::Value;

TEST(Output, OthersTextMovesNothingOnATerminal) {
  EXPECT_EQ(visible("plain, ä, 日本, \\ and \""), "plain, ä, 日本, \\ and \"");
  EXPECT_EQ(visible("a\nb\tc\r"), "a\\nb\\tc\\r");
  EXPECT_EQ(visible(std::string_view("\x1b[2J\0\x7f", 6)), "\\u001b[2J\\u0000\\u007f");
  EXPECT_EQ(visible("\u009b31m \u0085"), "\\u009b31m \\u0085");
  EXPECT_EQ(visible("\u202egnp.exe\u2069"), "\\u202egnp.exe\\u2069");
  EXPECT_EQ(visible("\u00a0\u2030\u2070"), "\u00a0\u2030\u2070");
  EXPECT_EQ(visible("\xe2\x80"), "\xe2\x80");
}

TEST(Output, ATableHasOneLineForEachRow) {
  const Value row = Value::map({{Value::string("key"), Value::string("o-1\n\x1b[1Afake")}});
  testing::internal::CaptureStdout();
  print_list(Value::list({row}), Format::table, {"key"});
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "KEY\no-1\\n\\u001b[1Afake\n");
}

TEST(Output, AnErrorKeepsItsLinesAndNothingElse) {
  testing::internal::CaptureStderr();
  say_error({ErrorClass::invalid, "bad", "first\nse\x1b[0mcond", {{"/a", "x\x07"}}});
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "error[bad]: first\nse\\u001b[0mcond\n  /a: x\\u0007\n");
}

}  // namespace
}  // namespace vozex::cli
