// SPDX-License-Identifier: Apache-2.0
#include "engine/base/text.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace vozex {
namespace {

TEST(Utf8, ValidSequences) {
  for (const char* text : {"",
                           "a",
                           "\x7f",
                           "\u0080",
                           "\u07ff",
                           "\u0800",
                           "\ud7ff",
                           "\ue000",
                           "\uffff",
                           "\U00010000",
                           "\U0010ffff",
                           "añ€😀"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  }
  EXPECT_TRUE(is_valid_utf8(std::string("a\0b", 3)));
}

TEST(Utf8, MalformedSequences) {
  for (const char* text : {"\x80",
                           "\xbf",
                           "\xc0\x80",
                           "\xc1\xbf",
                           "\xc2",
                           "\xc2\x41",
                           "\xe0\x80\x80",
                           "\xe0\x9f\xbf",
                           "\xe2\x82",
                           "\xed\xa0\x80",
                           "\xed\xbf\xbf",
                           "\xf0\x80\x80\x80",
                           "\xf0\x8f\xbf\xbf",
                           "\xf4\x90\x80\x80",
                           "\xf5\x80\x80\x80",
                           "\xff",
                           "\xfe",
                           "\xf0\x9f\x98"}) {
    EXPECT_FALSE(is_valid_utf8(text));
  }
}

TEST(Utf8, CodePointsAreCounted) {
  EXPECT_EQ(code_points(""), 0u);
  EXPECT_EQ(code_points("añ€😀"), 4u);
  EXPECT_EQ(code_points("a\xff\xffz"), 4u);
  EXPECT_EQ(code_points("\xe2\x82"), 2u);
}

struct Distance {
  const char* a;
  const char* b;
  std::size_t edits;
};

TEST(EditDistance, CountsEdits) {
  const Distance k_cases[] = {{"", "", 0},
                              {"abc", "abc", 0},
                              {"abc", "abd", 1},
                              {"abc", "ab", 1},
                              {"abc", "acb", 1},
                              {"ca", "abc", 3},
                              {"kitten", "sitting", 3},
                              {"", "abc", 3},
                              {"paypal", "paypla", 1}};
  for (const Distance& c : k_cases) {
    EXPECT_EQ(edit_distance(c.a, c.b, 10), c.edits) << c.a << " " << c.b;
    EXPECT_EQ(edit_distance(c.b, c.a, 10), c.edits) << c.b << " " << c.a;
  }
}

TEST(EditDistance, StopsAtItsBound) {
  EXPECT_EQ(edit_distance("kitten", "sitting", 2), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting", 3), 3u);
  EXPECT_EQ(edit_distance("a", std::string(1000, 'a'), 3), 4u);
}

TEST(EditDistance, CountsCodePointsNotBytes) { EXPECT_EQ(edit_distance("grün", "grun", 3), 1u); }

TEST(Nearest, FindsWhatWasMeant) {
  const std::vector<std::string> k_words = {"stripe", "paypal", "dodo", "on", "to"};
  EXPECT_EQ(nearest("strip", k_words), "stripe");
  EXPECT_EQ(nearest("paypla", k_words), "paypal");
  EXPECT_EQ(nearest("dodo", k_words), "dodo");
  EXPECT_EQ(nearest("xyzzy", k_words), std::nullopt);
  EXPECT_EQ(nearest("", k_words), std::nullopt);
  EXPECT_EQ(nearest("stripe", {}), std::nullopt);
}

TEST(Nearest, TiesGoToTheFirst) {
  EXPECT_EQ(nearest("abd", {"abc", "abe"}), "abc");
  EXPECT_EQ(nearest("abd", {"abe", "abc"}), "abe");
}

TEST(Nearest, AWordOfOtherLettersIsNoneOfThem) {
  EXPECT_EQ(nearest("x", {"a", "b"}), std::nullopt);
  EXPECT_EQ(nearest("ab", {"cb"}), "cb");
}

TEST(JoinOr, ReadsLikeASentence) {
  EXPECT_EQ(join_or({}), "");
  EXPECT_EQ(join_or({"a"}), "a");
  EXPECT_EQ(join_or({"a", "b"}), "a or b");
  EXPECT_EQ(join_or({"a", "b", "c"}), "a, b or c");
}

RC_GTEST_PROP(EditDistanceProperty,
              IsAMetricWithinItsBound,
              (const std::string& a, const std::string& b)) {
  const std::size_t whole = edit_distance(a, b, 1000);
  RC_ASSERT(edit_distance(b, a, 1000) == whole);
  RC_ASSERT((whole == 0) == (a == b) || !is_valid_utf8(a) || !is_valid_utf8(b));
  RC_ASSERT(edit_distance(a, b, 2) == std::min<std::size_t>(whole, 3));
}

}  // namespace
}  // namespace vozex
