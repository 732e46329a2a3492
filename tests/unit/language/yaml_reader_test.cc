// SPDX-License-Identifier: Apache-2.0
#include "engine/language/yaml_reader.h"

#include <gtest/gtest.h>

#include "engine/base/diagnostic.h"

namespace vozex::language {
namespace {

struct Read {
  SourceText source;
  std::vector<Diagnostic> said;
  std::optional<Node> root;
};

Read read(const std::string& text) {
  Read result{SourceText("t.yaml", text), {}, std::nullopt};
  result.root = read_yaml(result.source, result.said);
  return result;
}

// The text that a place covers.
std::string covered(const SourceText& source, const Span& span) {
  std::string line(source.line(span.line));
  std::string text;
  std::uint32_t column = 0;
  for (const char c : line) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++column;
    if (column >= span.column && column < span.column + span.length) text += c;
  }
  return text;
}

TEST(YamlReader, KeysAndValuesHaveTheirPlaces) {
  const Read result = read("a: one\nb:\n  c: {d: 'two', e: [3]}\n");
  ASSERT_TRUE(result.root);
  const Node& c = *result.root->find("b")->find("c");
  EXPECT_EQ(result.root->keys[1].span, (Span{2, 1, 1}));
  EXPECT_EQ(c.span, (Span{3, 6, 1}));
  EXPECT_EQ(c.find("d")->span, (Span{3, 10, 5}));
  EXPECT_EQ(c.find("d")->style, ScalarStyle::single_quoted);
  EXPECT_EQ(c.find("e")->items[0].span, (Span{3, 21, 1}));
  EXPECT_TRUE(c.flow);
}

TEST(YamlReader, ColumnsCountCodePoints) {
  const Read result = read("{größe: \"äöü\", ß: x}\n");
  ASSERT_TRUE(result.root);
  EXPECT_EQ(result.root->keys[0].span, (Span{1, 2, 5}));
  EXPECT_EQ(result.root->items[0].span, (Span{1, 9, 5}));
  EXPECT_EQ(result.root->items[1].span, (Span{1, 19, 1}));
}

TEST(YamlReader, AByteOrderMarkAndCarriageReturnsDontShiftPlaces) {
  const Read marked = read(
      "\xEF\xBB\xBF"
      "a: x\r\nb: y\r\n");
  ASSERT_TRUE(marked.root);
  EXPECT_EQ(marked.root->find("b")->span, (Span{2, 4, 1}));
  EXPECT_EQ(marked.root->find("b")->text, "y");
}

TEST(YamlReader, BooleansAndNumbersStayText) {
  const Read result = read("{a: yes, b: 010, c: 1.10, on: true, d: null, e: ~, f: }\n");
  ASSERT_TRUE(result.root);
  EXPECT_EQ(result.root->find("a")->text, "yes");
  EXPECT_EQ(result.root->find("b")->text, "010");
  EXPECT_EQ(result.root->find("c")->text, "1.10");
  EXPECT_EQ(result.root->find("on")->text, "true");
  EXPECT_TRUE(result.root->find("d")->is_null());
  EXPECT_TRUE(result.root->find("e")->is_null());
  EXPECT_TRUE(result.root->find("f")->is_null());
}

struct Place {
  std::string text;     // the file; the scalar is the value of `a`
  std::string wanted;   // a part of the decoded scalar
  std::string covered;  // what is written there
};

TEST(YamlReader, PartsOfScalarsAreFoundInTheFile) {
  const Place places[] = {
      {"a: one two three\n", "two", "two"},
      {"a: 'it''s two here'\n", "two", "two"},
      {"a: \"\\u00e4\\t two\\n here\"\n", "two", "two"},
      {"a: \"äöü two\"\n", "two", "two"},
      {"a: |\n  first\n  and two here\n", "two", "two"},
      {"a: |-\n    äöü\n\n    two\n", "two", "two"},
      {"a: \"\\x41\\U0001F600 two\"\n", "two", "two"},
      {"a: 'it''s'\n", "'", "''"},
  };
  for (const Place& place : places) {
    const Read result = read(place.text);
    ASSERT_TRUE(result.root) << place.text;
    const Node& scalar = *result.root->find("a");
    const std::size_t offset = scalar.text.find(place.wanted);
    ASSERT_NE(offset, std::string::npos) << place.text;
    const Span span = locate(result.source, scalar, offset, place.wanted.size());
    EXPECT_EQ(covered(result.source, span), place.covered) << place.text;
  }
}

TEST(YamlReader, ScalarsOverSeveralLinesPointToTheirStart) {
  const Read result = read("a: >-\n  one\n  two\nb: one\n  two\n");
  ASSERT_TRUE(result.root);
  EXPECT_EQ(locate(result.source, *result.root->find("a"), 4, 3).line, 1U);
  EXPECT_EQ(locate(result.source, *result.root->find("b"), 4, 3).line, 4U);
}

TEST(YamlReader, ABrokenValueIsKnownAndTheRestIsRead) {
  const Read result = read("a: {x: ${b}, y: 2}\nc: 'd' in e\nf: 3\n");
  ASSERT_TRUE(result.root);
  EXPECT_EQ(result.said.size(), 2U);
  EXPECT_TRUE(result.root->find("a")->find("x")->broken);
  EXPECT_EQ(result.root->find("a")->find("y")->text, "2");
  EXPECT_TRUE(result.root->find("c")->broken);
  EXPECT_EQ(result.root->find("f")->text, "3");
}

TEST(YamlReader, OrdinaryCommentsAreNoAccident) {
  const Read result =
      read("a: don't   # a comment\nb: \"x # y\"  # another\nc: [1, 2]  #\nd: f(a) # see (1\n");
  EXPECT_TRUE(result.said.empty()) << render(result.said.front(), result.source.text());
}

TEST(YamlReader, CommasInsideQuotedCallsAreNoAccident) {
  const Read result = read("{a: \"f(x, y)\", b: (one), c: 'g(', d: ')', e: so sad :( , f: 1}\n");
  EXPECT_TRUE(result.said.empty()) << render(result.said.front(), result.source.text());
}

}  // namespace
}  // namespace vozex::language
