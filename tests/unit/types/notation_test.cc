// SPDX-License-Identifier: Apache-2.0
#include "engine/types/notation.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace vozex::types {
namespace {

const std::vector<std::string> k_names = {"refund_request", "line", "shop.address"};

TypeRef named(std::string_view name) {
  if (name == "line")
    return object_of({{"id", simple_type(TypeKind::string), {}, false, ""}}, "line");
  if (name == "shop.address") return object_of({}, "shop.address");
  return nullptr;
}

std::string canonical(std::string_view text) {
  const auto type = parse_type(text, named, k_names);
  return type ? to_string(**type) : "refused: " + type.error().message;
}

TEST(Notation, EveryTypeOfTheLanguage) {
  for (const char* text : {"string",
                           "int",
                           "double",
                           "bool",
                           "timestamp",
                           "duration",
                           "json",
                           "money",
                           "secret",
                           "list<string>",
                           "map<list<int>>",
                           "enum(a|b)",
                           "optional<money>",
                           "line",
                           "list<shop.address>",
                           "list<enum(a|b)>",
                           "enum(in progress|done)"}) {
    EXPECT_EQ(canonical(text), text);
  }
}

TEST(Notation, SpacesDoNotMatter) {
  EXPECT_EQ(canonical("  map < optional< int > >  "), "map<optional<int>>");
  EXPECT_EQ(canonical("enum( a | b )"), "enum(a|b)");
}

struct Mistake {
  const char* text;
  const char* message;
  const char* suggestion;
  std::size_t offset;
  std::size_t length;
};

TEST(Notation, MistakesHaveAPlaceAndASuggestion) {
  const Mistake k_mistakes[] = {
      {"", "expected a type", "", 0, 0},
      {"strin", "unknown type strin", "string", 0, 5},
      {"list<lin>", "unknown type lin", "line", 5, 3},
      {"refund_reqest", "unknown type refund_reqest", "refund_request", 0, 13},
      {"integer", "unknown type integer", "int", 0, 7},
      {"String", "unknown type String", "string", 0, 6},
      {"xyzzy", "unknown type xyzzy", "", 0, 5},
      {"list", "expected list<...>: say what it holds", "list<string>", 0, 4},
      {"list<", "expected a type", "", 5, 0},
      {"list<int", "expected '>' to close list<", "", 8, 1},
      {"list<int, int>", "list takes one type", "", 8, 1},
      {"map<string, int>",
       "the keys of a map are always strings: name only the type of its values",
       "map<...>",
       0,
       3},
      {"optional<optional<int>>",
       "optional<optional<...>> says no more than optional<...>",
       "optional<int>",
       0,
       23},
      {"int?", "a type that may be absent is written optional<int>", "optional<int>", 3, 1},
      {"int[]", "a list is written list<int>", "list<int>", 3, 2},
      {"int<3>", "the type int takes no arguments", "", 3, 3},
      {"int int", "expected the type to end here", "", 4, 3},
      {"enum", "expected enum(a|b): say its options", "enum(a|b)", 0, 4},
      {"enum(a|b", "expected ')' to close enum(", "", 8, 1},
      {"enum()", "expected an option of enum(...) here", "", 5, 1},
      {"enum(a||b)", "expected an option of enum(...) here", "", 7, 1},
      {"enum(a| b |b)", "the option b stands twice", "", 11, 1},
      {"enum(a, b)", "an option of an enum holds no ','; options are parted by '|'", "", 6, 1},
      {"<int>", "expected a type, got '<'", "", 0, 1},
  };
  for (const Mistake& mistake : k_mistakes) {
    SCOPED_TRACE(mistake.text);
    const auto type = parse_type(mistake.text, named, k_names);
    ASSERT_FALSE(type);
    EXPECT_EQ(type.error().message, mistake.message);
    EXPECT_EQ(type.error().suggestion, mistake.suggestion);
    EXPECT_EQ(type.error().offset, mistake.offset);
    EXPECT_EQ(type.error().length, mistake.length);
  }
}

TEST(Notation, NestingIsBounded) {
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += "list<";
  EXPECT_EQ(canonical(deep), "refused: types are nested too deeply");
}

TEST(Notation, WorksWithoutNamedTypes) {
  EXPECT_FALSE(parse_type("line", nullptr));
  EXPECT_TRUE(parse_type("int", nullptr));
}

RC_GTEST_PROP(NotationProperty, AnyTextIsReadOrRefusedButNeverHurts, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::element('l',
                                                                      'i',
                                                                      's',
                                                                      't',
                                                                      '<',
                                                                      '>',
                                                                      '(',
                                                                      ')',
                                                                      '|',
                                                                      ',',
                                                                      ' ',
                                                                      'e',
                                                                      'n',
                                                                      'u',
                                                                      'm',
                                                                      '?',
                                                                      '\0',
                                                                      '\xff'));
  const auto type = parse_type(text, named, k_names);
  if (!type) RC_ASSERT(type.error().offset <= text.size());
}

}  // namespace
}  // namespace vozex::types
