// SPDX-License-Identifier: Apache-2.0
#include "engine/types/json.h"

#include <bit>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/types/generators.h"

namespace vozex::types {
namespace {

Value read(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value) << text << ": " << (value ? "" : value.error().message);
  return value.value_or(Value::string("did not parse"));
}

std::string refusal(std::string_view text, const JsonLimits& limits = {}) {
  auto value = parse_json(text, limits);
  if (value) return "accepted: " + to_json(*value);
  EXPECT_EQ(value.error().code, "malformed_json");
  EXPECT_EQ(value.error().kind, ErrorClass::invalid);
  return value.error().message;
}

TEST(Json, ScalarsHaveTheirKinds) {
  EXPECT_EQ(read("null").kind(), Kind::null);
  EXPECT_EQ(read("true").kind(), Kind::boolean);
  EXPECT_EQ(read("-7").kind(), Kind::integer);
  EXPECT_EQ(read("7.0").kind(), Kind::real);
  EXPECT_EQ(read("7e0").kind(), Kind::real);
  EXPECT_EQ(read("\"a\"").kind(), Kind::string);
  EXPECT_EQ(read(" [ ] ").kind(), Kind::list);
  EXPECT_EQ(read("{}").kind(), Kind::map);
}

TEST(Json, IntegersBeyondInt64BecomeDoubles) {
  EXPECT_EQ(read("9223372036854775807").as_integer(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(read("-9223372036854775808").as_integer(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(read("9223372036854775808").as_real(), 9223372036854775808.0);
  EXPECT_EQ(read("18446744073709551615").as_real(), 18446744073709551615.0);
  EXPECT_EQ(read("-9223372036854775809").as_real(), -9223372036854775809.0);
  EXPECT_EQ(read("100000000000000000000").as_real(), 1e20);
}

TEST(Json, MembersAreSortedByCodePoint) {
  EXPECT_EQ(to_json(read(R"({"b":1,"a":{"z":[],"é":2,"B":3},"":0})")),
            R"({"":0,"a":{"B":3,"z":[],"é":2},"b":1})");
  // Byte order of UTF-8 is code point order, which UTF-16 order is not.
  EXPECT_EQ(to_json(read(R"({"\ud83d\ude00":1,"\uffee":2})")), "{\"\uffee\":2,\"\U0001F600\":1}");
}

TEST(Json, DoublesAreShortestAndStayDoubles) {
  const auto text = [](double number) { return to_json(Value::real(number)); };
  EXPECT_EQ(text(1), "1.0");
  EXPECT_EQ(text(-0.0), "-0.0");
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(1e300), "1e+300");
  EXPECT_EQ(text(5e-324), "5e-324");
  EXPECT_EQ(text(123456789012345680.0), "123456789012345680.0");
  EXPECT_EQ(text(std::nan("")), "\"NaN\"");
  EXPECT_EQ(text(std::numeric_limits<double>::infinity()), "\"Infinity\"");
  EXPECT_EQ(text(-std::numeric_limits<double>::infinity()), "\"-Infinity\"");
}

TEST(Json, KindsThatJsonLacksBecomeText) {
  EXPECT_EQ(to_json(Value::uint(std::numeric_limits<std::uint64_t>::max())),
            "18446744073709551615");
  EXPECT_EQ(to_json(Value::bytes(std::string("\0\xff!", 3))), "\"AP8h\"");
  EXPECT_EQ(to_json(Value::timestamp(SecondsNanos{0, 0})), "\"1970-01-01T00:00:00Z\"");
  EXPECT_EQ(to_json(Value::timestamp(SecondsNanos{-1, 999'999'999})),
            "\"1969-12-31T23:59:59.999999999Z\"");
  EXPECT_EQ(to_json(Value::duration(SecondsNanos{3600, 0})), "\"3600s\"");
  EXPECT_EQ(to_json(Value::duration(SecondsNanos{-1, -500'000'000})), "\"-1.5s\"");
  EXPECT_EQ(to_json(Value::duration(SecondsNanos{std::numeric_limits<std::int64_t>::min(), 0})),
            "\"-9223372036854775808s\"");
  EXPECT_EQ(to_json(Value::optional_none()), "null");
  EXPECT_EQ(to_json(Value::optional_of(Value::integer(1))), "1");
  EXPECT_EQ(to_json(Value::type("int")), "\"int\"");
}

TEST(Json, KeysThatJsonLacksBecomeTextAndNeverRepeat) {
  const auto mixed = Value::map({{Value::integer(10), Value::integer(1)},
                                 {Value::integer(9), Value::integer(2)},
                                 {Value::boolean(true), Value::integer(3)},
                                 {Value::string("9"), Value::integer(4)}});
  EXPECT_EQ(to_json(mixed), R"({"10":1,"9":4,"true":3})");
  EXPECT_TRUE(parse_json(to_json(mixed)));
}

TEST(Json, StringsAreEscapedByRfc8259) {
  EXPECT_EQ(to_json(Value::string("\"\\/\b\f\n\r\t\x01\x1f\x7f ü\u2028")),
            "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f ü\u2028\"");
  EXPECT_EQ(to_json(Value::string(std::string("a\0b", 3))), "\"a\\u0000b\"");
}

TEST(Json, PrettyIsForPeople) {
  EXPECT_EQ(to_pretty_json(read(R"({"a":[1,{"b":null}],"c":{},"d":[]})")),
            "{\n"
            "  \"a\": [\n"
            "    1,\n"
            "    {\n"
            "      \"b\": null\n"
            "    }\n"
            "  ],\n"
            "  \"c\": {},\n"
            "  \"d\": []\n"
            "}");
}

struct Refusal {
  const char* text;
  const char* message;
};

TEST(Json, MalformedTextSaysWhereAndWhy) {
  const Refusal k_refusals[] = {
      {"",
       "malformed JSON at line 1, column 1: syntax error while parsing value - unexpected end "
       "of input; expected '[', '{', or a literal"},
      {"{\"a\": tru}",
       "malformed JSON at line 1, column 10: syntax error while parsing value - "
       "invalid literal"},
      {"[1,\n 2,\n \"\xc3\xa9\", x]",
       "malformed JSON at line 3, column 7: syntax error while parsing value - invalid literal"},
      {"[1 2]",
       "malformed JSON at line 1, column 4: syntax error while parsing array - unexpected "
       "number literal; expected ']'"},
      {"1 2",
       "malformed JSON at line 1, column 3: syntax error while parsing value - unexpected "
       "number literal; expected end of input"},
      {"[1e999]", "malformed JSON at line 1, column 6: this number is too large for a double"},
      {"{\"a\":1,\n\"b\":2,\"a\":3}",
       "malformed JSON at line 2, column 9: the member \"a\" stands twice in one object"},
      {"{\"a\":1,\"\\u0061\":3}",
       "malformed JSON at line 1, column 15: the member \"a\" stands twice in one object"},
      {"\"\xc3(\"",
       "malformed JSON at line 1, column 3: syntax error while parsing value - invalid "
       "string: ill-formed UTF-8 byte"},
      {"\"\\ud800\"",
       "malformed JSON at line 1, column 8: syntax error while parsing value - "
       "invalid string: surrogate U+D800..U+DBFF must be followed by "
       "U+DC00..U+DFFF"},
      {"NaN",
       "malformed JSON at line 1, column 1: syntax error while parsing value - invalid "
       "literal"},
      {"[1,]",
       "malformed JSON at line 1, column 4: syntax error while parsing value - unexpected "
       "']'; expected '[', '{', or a literal"},
  };
  for (const Refusal& refused : k_refusals) EXPECT_EQ(refusal(refused.text), refused.message);
}

TEST(Json, AMessageNeverRepeatsWhatWasRead) {
  EXPECT_EQ(refusal("{\"token\": \"hunter2\\x\"}").find("hunter2"), std::string::npos);
}

// What a quick reader may take that is not JSON, or refuse that is.
TEST(Json, OnlyRfc8259IsTaken) {
  const std::string_view k_taken[] = {R"("\ud83d\ude00")",
                                      R"("\\ud83d")",
                                      "\xef\xbb\xbf{}",
                                      "[1e-999]",
                                      "-0",
                                      "\"\x7f\"",
                                      "\t[\r\n1 ]"};
  for (const std::string_view text : k_taken) {
    EXPECT_TRUE(nlohmann::json::accept(text)) << text;
    EXPECT_TRUE(parse_json(text)) << text;
  }
  const std::string_view k_refused[] = {R"("\udc00")",
                                        R"("\uDC00")",
                                        R"("\ud83dx")",
                                        R"({"a":"\\\udfff"})",
                                        std::string_view("\"a\0b\"", 5),
                                        "\"\xed\xa0\x80\"",
                                        "\"\xc0\xaf\"",
                                        "\"\x1f\"",
                                        "[1,2,]",
                                        "01",
                                        "1.",
                                        ".5",
                                        "+1",
                                        "Infinity",
                                        "// 1\n1",
                                        "\x0c 1"};
  for (const std::string_view text : k_refused) {
    EXPECT_FALSE(nlohmann::json::accept(text)) << text;
    EXPECT_FALSE(parse_json(text)) << text;
  }
}

TEST(Json, LimitsHoldBeforeDamage) {
  EXPECT_EQ(refusal("[1,2]", {.max_bytes = 4, .max_depth = 64}),
            "malformed JSON at line 1, column 1: the text has 5 bytes, at most 4 are allowed");
  EXPECT_EQ(refusal("[[[0]]]", {.max_bytes = 100, .max_depth = 2}),
            "malformed JSON at line 1, column 3: nested deeper than 2 levels");
  EXPECT_EQ(refusal("[{\"a\":[0]}]", {.max_bytes = 100, .max_depth = 2}),
            "malformed JSON at line 1, column 7: nested deeper than 2 levels");
  EXPECT_TRUE(parse_json("[[0],[0]]", {.max_bytes = 100, .max_depth = 2}));
  EXPECT_EQ(refusal(std::string(1'000'000, '[')),
            "malformed JSON at line 1, column 65: nested deeper than 64 levels");
}

TEST(Json, LargeObjectsAreReadInReasonableTime) {
  std::string text = "{";
  for (int i = 200'000; i > 0; --i) text += "\"" + std::to_string(i) + "\":0,";
  text += "\"x\":0}";
  EXPECT_EQ(read(text).as_map().size(), 200'001u);
}

RC_GTEST_PROP(JsonProperty, WhatWasWrittenReadsBack, ()) {
  const Value value = *json_value(4);
  const std::string text = to_json(value);
  const auto again = parse_json(text);
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == value);
  RC_ASSERT(to_json(*again) == text);
}

TEST(Json, ANulByteIsNotTheEnd) {
  EXPECT_EQ(refusal(std::string_view("[1]\0[2]", 7)),
            "malformed JSON at line 1, column 4: a NUL byte, which JSON has nowhere: in a string "
            "write \\u0000");
  EXPECT_NE(refusal(std::string_view("1\0", 2)).find("a NUL byte"), std::string::npos);
}

// A text of JSON with a few bytes changed is mostly none: another parser says which.
RC_GTEST_PROP(JsonProperty, AcceptsWhatAnotherParserAccepts, ()) {
  std::string text = to_json(*json_value(3));
  const int changes = *rc::gen::inRange(0, 4);
  for (int i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] = *rc::gen::oneOf(rc::gen::arbitrary<char>(),
                               rc::gen::elementOf(std::string("\\\"u[]{},:0-9.eE+ \0", 20)));
  }
  bool repeated = false;
  std::vector<std::set<std::string>> names;
  const auto look = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) names.emplace_back();
    if (event == Event::object_end) names.pop_back();
    if (event == Event::key)
      repeated = repeated || !names.back().insert(parsed.get<std::string>()).second;
    return true;
  };
  const auto other = nlohmann::json::parse(text, look, false);
  RC_ASSERT(parse_json(text).has_value() ==
            (!other.is_discarded() && !repeated && text.find('\0') == std::string::npos));
}

RC_GTEST_PROP(JsonProperty, PrettyTextReadsBack, ()) {
  const Value value = *json_value(4);
  const auto again = parse_json(to_pretty_json(value));
  RC_ASSERT(again.has_value());
  RC_ASSERT(to_json(*again) == to_json(value));
}

RC_GTEST_PROP(JsonProperty, EveryFiniteDoubleReadsBackBitForBit, ()) {
  const auto bits = *rc::gen::arbitrary<std::uint64_t>();
  const auto number = std::bit_cast<double>(bits);
  RC_PRE(std::isfinite(number));
  const auto again = parse_json(to_json(Value::real(number)));
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->kind() == Kind::real);
  RC_ASSERT(std::bit_cast<std::uint64_t>(again->as_real()) == bits);
}

RC_GTEST_PROP(JsonProperty, AnyBytesAreReadOrRefusedButNeverHurt, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::element('{',
                                                                      '}',
                                                                      '[',
                                                                      ']',
                                                                      '"',
                                                                      ':',
                                                                      ',',
                                                                      '1',
                                                                      '-',
                                                                      'e',
                                                                      '.',
                                                                      '\\',
                                                                      'u',
                                                                      'n',
                                                                      '\xc3',
                                                                      '\n',
                                                                      '\0',
                                                                      ' '));
  const auto value = parse_json(text);
  if (value) RC_ASSERT(parse_json(to_json(*value)).has_value());
}

TEST(Json, HostileTextIsAnErrorInBoundedTime) {
  EXPECT_FALSE(parse_json(std::string(1'000'000, '[')));
  std::string braces;
  for (int i = 0; i < 100'000; ++i) braces += "{\"a\":";
  EXPECT_FALSE(parse_json(braces));
  EXPECT_FALSE(parse_json(std::string("[1") + std::string(3'000'000, '0') + "e"));
  const auto huge = parse_json("[" + std::string(100'000, '9') + "]");
  EXPECT_TRUE(!huge || huge->as_list()[0].kind() == Kind::real);
  std::string twice = "{\"k\":1";
  for (int i = 0; i < 100'000; ++i) twice += ",\"k" + std::to_string(i) + "\":1";
  EXPECT_TRUE(parse_json(twice + "}"));
  EXPECT_FALSE(parse_json(twice + ",\"k\":1}"));
  EXPECT_FALSE(parse_json(std::string("\"\xff\"")));
  EXPECT_FALSE(parse_json("\"\\ud800\""));
}

}  // namespace
}  // namespace vozex::types
