// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/layering/source_text.h"

#include <gtest/gtest.h>

namespace vozex::layering {
namespace {

// What is left of one line of code, without the blanks at its ends and with runs of blanks as one.
std::string code_of(std::string_view text, std::size_t line = 1) {
  const SourceText source = scan(text);
  std::string out;
  for (const char c : source.code.at(line - 1)) {
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out.push_back(c);
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

TEST(SourceText, CommentsAreBlank) {
  EXPECT_EQ(code_of("a; // std::mutex"), "a;");
  EXPECT_EQ(code_of("a; /* std::mutex */ b;"), "a; b;");
  EXPECT_EQ(code_of("/* one\n two */ b;", 2), "b;");
  EXPECT_EQ(code_of("/* never closed"), "");
}

TEST(SourceText, LiteralsAreBlank) {
  EXPECT_EQ(code_of(R"(f("std::mutex // no comment"); g();)"), "f( ); g();");
  EXPECT_EQ(code_of(R"(f("escaped \" quote"); g();)"), "f( ); g();");
  EXPECT_EQ(code_of(R"(f('"'); g();)"), "f( ); g();");
  EXPECT_EQ(code_of(R"(f('\''); g();)"), "f( ); g();");
}

TEST(SourceText, RawLiteralsEndAtTheirDelimiter) {
  EXPECT_EQ(code_of("f(R\"x(std::mutex \" )\" )x\"); g();"), "f(R ); g();");
  EXPECT_EQ(code_of("f(R\"(one\ntwo)\"); g();", 2), "); g();");
  EXPECT_EQ(code_of("FOUR\"plain\"; g();"), "FOUR ; g();");
}

TEST(SourceText, DigitSeparatorsAreNotLiterals) {
  EXPECT_EQ(code_of("x = 1'000'000; std::mutex m;"), "x = 1'000'000; std::mutex m;");
  EXPECT_EQ(code_of("x = 0xff'ff; y"), "x = 0xff'ff; y");
}

TEST(SourceText, IncludesKeepTheirLineAndKind) {
  const SourceText source =
      scan("// first\n#include <map>\n\n  #  include \"engine/base/id.h\" // why\n");
  ASSERT_EQ(source.includes.size(), 2U);
  EXPECT_EQ(source.includes[0].line, 2U);
  EXPECT_EQ(source.includes[0].path, "map");
  EXPECT_FALSE(source.includes[0].quoted);
  EXPECT_EQ(source.includes[1].line, 4U);
  EXPECT_EQ(source.includes[1].path, "engine/base/id.h");
  EXPECT_TRUE(source.includes[1].quoted);
}

TEST(SourceText, AnIncludeInACommentOrLiteralIsNone) {
  EXPECT_TRUE(scan("// #include <map>\n/* \n#include <set>\n*/").includes.empty());
  EXPECT_TRUE(scan("x = R\"(\n#include <map>\n)\";").includes.empty());
  EXPECT_TRUE(scan("#include MACRO\n").includes.empty());
}

}  // namespace
}  // namespace vozex::layering
