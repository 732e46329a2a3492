// SPDX-License-Identifier: Apache-2.0
#include "engine/types/validate.h"

#include <cmath>
#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/types/constraints.h"
#include "engine/types/json.h"
#include "engine/types/notation.h"
#include "tests/unit/types/generators.h"

namespace vozex::types {
namespace {

TypeRef type(std::string_view notation) { return parse_type(notation, nullptr).value(); }

Field field(std::string name, TypeRef of) {
  return {std::move(name), std::move(of), {}, false, ""};
}

Field with_default(std::string name, TypeRef of, Value value) {
  return {std::move(name), std::move(of), std::move(value), true, ""};
}

TypeRef constrained(std::string_view notation, Constraints constraints) {
  Type result = *type(notation);
  result.constraints = std::move(constraints);
  return std::make_shared<Type>(std::move(result));
}

// The normalised payload as JSON, or the faults.
std::string checked(const Value& value, const Type& wanted, Unknown unknown = Unknown::drop) {
  const auto result = validate(value, wanted, unknown);
  return result ? to_json(*result) : describe(result.error());
}
std::string checked(std::string_view json, const TypeRef& wanted, Unknown unknown = Unknown::drop) {
  return checked(parse_json(json).value(), *wanted, unknown);
}

struct Case {
  const char* type;
  const char* json;
  const char* result;
};

TEST(Validate, Scalars) {
  const Case k_cases[] = {
      {"json", R"({"a":[1]})", R"({"a":[1]})"},
      {"bool", "true", "true"},
      {"bool", "1", "expected bool, got int 1"},
      {"int", "12", "12"},
      {"int", "12.0", "12"},
      {"int", "12.5", "expected int, got double 12.5"},
      {"int", "\"12\"", "expected int, got string \"12\""},
      {"int", "1e18", "1000000000000000000"},
      {"int", "9223372036854775808", "expected int, got double 9223372036854775808.0"},
      {"int", "-9223372036854775808.0", "-9223372036854775808"},
      {"int", "null", "expected int, got null"},
      {"double", "1", "1.0"},
      {"double", "1.5", "1.5"},
      {"double", "\"NaN\"", "\"NaN\""},
      {"double", "\"1.5\"", "expected double, got string \"1.5\""},
      {"string", "\"x\"", "\"x\""},
      {"string", "[1]", "expected string, got a list"},
      {"secret", "\"x\"", "\"x\""},
      {"secret", "12345", "expected secret, got int"},
      {"timestamp", "\"2026-11-20T12:00:00.5+02:00\"", "\"2026-11-20T10:00:00.500000Z\""},
      {"timestamp", "\"2026-11-20T12:00:00.123456789Z\"", "\"2026-11-20T12:00:00.123456789Z\""},
      {"timestamp",
       "\"2026-02-29T12:00:00Z\"",
       "expected timestamp like \"2026-11-20T10:00:00Z\", got string \"2026-02-29T12:00:00Z\""},
      {"timestamp",
       "1700000000",
       "expected timestamp like \"2026-11-20T10:00:00Z\", got int 1700000000"},
      {"duration", "\"1h30m\"", "\"5400s\""},
      {"duration", "\"PT0.25S\"", "\"0.25s\""},
      {"duration", "\"-0.000000001s\"", "\"-0.000000001s\""},
      {"duration",
       "\"soon\"",
       "expected duration like \"1h30m\" or \"PT90M\", got string \"soon\""},
      {"enum(dodo|paypal|stripe)", "\"dodo\"", "\"dodo\""},
      {"enum(dodo|paypal|stripe)",
       "\"strip\"",
       "expected dodo, paypal or stripe, got string \"strip\"; did you mean stripe?"},
      {"enum(a|b)", "\"zzzzzz\"", "expected a or b, got string \"zzzzzz\""},
      {"enum(a|b)", "1", "expected enum(a|b), got int 1"},
  };
  for (const Case& c : k_cases) EXPECT_EQ(checked(c.json, type(c.type)), c.result) << c.type;
}

TEST(Validate, MoneyIsStrict) {
  const Case k_cases[] = {
      {"money", R"({"minor":4900,"currency":"EUR"})", R"({"currency":"EUR","minor":4900})"},
      {"money", R"({"minor":4900.0,"currency":"EUR"})", R"({"currency":"EUR","minor":4900})"},
      {"money",
       R"({"minor":49.5,"currency":"eur"})",
       "/minor: expected int, got double 49.5; /currency: expected an ISO 4217 code of three "
       "capital "
       "letters, got string \"eur\""},
      {"money",
       "{}",
       "/minor: this member of money is required (int, in minor units); /currency: this member of "
       "money is required (ISO 4217 code)"},
      {"money",
       R"({"minor":1,"currency":"EUR","scale":3})",
       "/scale: money has no member of this name; it is {minor, currency}"},
      {"money", "49", "expected money like {\"minor\": 4900, \"currency\": \"EUR\"}, got int 49"},
  };
  for (const Case& c : k_cases) EXPECT_EQ(checked(c.json, type(c.type)), c.result);
}

TEST(Validate, BytesComeAsBase64) {
  const TypeRef bytes = simple_type(TypeKind::bytes);
  EXPECT_EQ(validate(Value::string("AP8h"), *bytes)->as_string(), std::string("\0\xff!", 3));
  EXPECT_EQ(checked("\"AP8\"", bytes), "expected bytes as base64, got string \"AP8\"");
}

TEST(Validate, ContainersGoMemberByMember) {
  const Case k_cases[] = {
      {"list<int>", "[1,2.0]", "[1,2]"},
      {"list<int>",
       "[1,\"2\",[]]",
       "/1: expected int, got string \"2\"; /2: expected int, got a list"},
      {"map<double>", R"({"a":1,"b":2.5})", R"({"a":1.0,"b":2.5})"},
      {"map<int>",
       R"({"a/b":"x","~":true})",
       "/a~1b: expected int, got string \"x\"; /~0: expected int, got bool true"},
      {"list<optional<int>>", "[null,1]", "[null,1]"},
      {"list<int>", "{}", "expected list<int>, got an object"},
  };
  for (const Case& c : k_cases) EXPECT_EQ(checked(c.json, type(c.type)), c.result) << c.type;
}

TEST(Validate, KeysOfOtherKindsComeBackFromText) {
  const TypeRef wanted = map_of(simple_type(TypeKind::integer), simple_type(TypeKind::string));
  const auto result = validate(parse_json(R"({"10":"a","9":"b"})").value(), *wanted);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->as_map().front().key.kind(), Kind::integer);
  EXPECT_EQ(result->find(Value::integer(10))->as_string(), "a");
  EXPECT_EQ(checked(R"({"x":"a"})", wanted), "/x: expected int, got string \"x\"");
}

TypeRef order_type() {
  return object_of({field("id", type("string")),
                    field("note", type("optional<string>")),
                    with_default("count", type("int"), Value::integer(1)),
                    field("lines", list_of(object_of({field("sku", type("string"))}, "line")))},
                   "order");
}

TEST(Validate, ObjectsAreNormalised) {
  EXPECT_EQ(checked(R"({"id":"o1","lines":[]})", order_type()),
            R"({"count":1,"id":"o1","lines":[]})");
  EXPECT_EQ(checked(R"({"id":"o1","lines":[{"sku":"s","x":1}],"note":null,"extra":{},"count":3.0})",
                    order_type()),
            R"({"count":3,"id":"o1","lines":[{"sku":"s"}]})");
  EXPECT_EQ(checked(R"({"id":"o1","lines":[],"note":"n","count":2})", order_type()),
            R"({"count":2,"id":"o1","lines":[],"note":"n"})");
}

TEST(Validate, ObjectsSayEverythingThatIsWrong) {
  EXPECT_EQ(checked(R"({"idd":"o1","lines":[{}, 5],"count":null})", order_type()),
            "/count: expected int, got null; "
            "/lines/0/sku: this field is required (string); "
            "/lines/1: expected line (an object), got int 5; "
            "/id: this field is required (string); did you mean it by \"idd\"?");
}

TEST(Validate, InAnAuthorsFileUnknownFieldsAreFaults) {
  EXPECT_EQ(
      checked(
          R"({"id":"o1","lines":[{"sku":"s","skus":1}],"linse":2})", order_type(), Unknown::refuse),
      "/lines/0/skus: unknown field; did you mean sku?; "
      "/linse: unknown field; did you mean lines?");
}

TEST(Validate, ADefaultThatIsAnExpressionIsLeftToTheMachine) {
  const Field computed{"total", type("int"), std::nullopt, true, ""};
  EXPECT_EQ(checked("{}", object_of({computed})), "{}");
}

TEST(Validate, OptionalValuesAreUnwrapped) {
  const Value given = Value::object({{"id", Value::optional_of(Value::string("o1"))},
                                     {"note", Value::optional_none()},
                                     {"lines", Value::list({})}});
  EXPECT_EQ(checked(given, *order_type()), R"({"count":1,"id":"o1","lines":[]})");
  EXPECT_EQ(validate(Value::optional_none(), *type("optional<int>"))->kind(), Kind::null);
}

TEST(Validate, WhatFitsAsItStandsIsNotCopied) {
  const Value given = parse_json(R"({"id":"o1","lines":[{"sku":"s"}],"count":2})").value();
  EXPECT_EQ(&validate(given, *order_type())->as_map(), &given.as_map());
}

TEST(Validate, Bounds) {
  const TypeRef percent = constrained("int", {.min = 0, .max = 100});
  EXPECT_EQ(checked("100", percent), "100");
  EXPECT_EQ(checked("101", percent), "expected at most 100, got 101");
  EXPECT_EQ(checked("-1", percent), "expected at least 0, got -1");
  EXPECT_EQ(checked("0.25", constrained("double", {.min = 0.5})),
            "expected at least 0.5, got 0.25");
  EXPECT_EQ(checked("\"NaN\"", constrained("double", {.min = 0.5})),
            "expected at least 0.5, got \"NaN\"");
  EXPECT_EQ(checked(R"({"minor":-1,"currency":"EUR"})", constrained("money", {.min = 0})),
            "/minor: expected at least 0, got -1");
  // Exact where a double is not.
  EXPECT_EQ(checked("9007199254740993", constrained("int", {.max = 9007199254740992.0})),
            "expected at most 9007199254740992, got 9007199254740993");
}

TEST(Validate, Lengths) {
  const TypeRef two = constrained("string", {.min_length = 2, .max_length = 2});
  EXPECT_EQ(checked("\"üé\"", two), "\"üé\"");
  EXPECT_EQ(checked("\"ü\"", two), "expected at least 2 characters, got 1");
  EXPECT_EQ(checked("\"abc\"", two), "expected at most 2 characters, got 3");
  EXPECT_EQ(checked("[]", constrained("list<int>", {.min_length = 1})),
            "expected at least 1 elements, got 0");
  EXPECT_EQ(checked(R"({"a":1,"b":1})", constrained("map<int>", {.max_length = 1})),
            "expected at most 1 entries, got 2");
}

TEST(Validate, PatternsMatchAsAWhole) {
  const TypeRef code = constrained("string", {.pattern = "[a-z]+|x1"});
  EXPECT_EQ(checked("\"abc\"", code), "\"abc\"");
  EXPECT_EQ(checked("\"x1\"", code), "\"x1\"");
  EXPECT_EQ(checked("\"abc1\"", code),
            "expected text that matches [a-z]+|x1 as a whole, got \"abc1\"");
  EXPECT_EQ(pattern_problem("[a-z]+"), std::nullopt);
  EXPECT_EQ(pattern_problem("(a"), "missing ): (a");
  EXPECT_FALSE(matches_pattern("a", "(a"));
  for (std::size_t i = 0; i < 2 * k_max_kept_patterns; ++i) {
    EXPECT_TRUE(matches_pattern(std::to_string(i), std::to_string(i)));
  }
}

TEST(Validate, ASecretIsNeverRepeated) {
  EXPECT_EQ(checked("\"hunter2\"", constrained("secret", {.pattern = "sk_.*"})),
            "expected text that matches sk_.* as a whole, got what came");
  EXPECT_EQ(checked("\"hunter2\"", constrained("secret", {.max_length = 3})),
            "expected at most 3 characters, got 7");
}

struct FormatCase {
  const char* format;
  const char* text;
  bool fits;
};

TEST(Validate, Formats) {
  const FormatCase k_cases[] = {
      {"email", "ann.lee+x@shop.example", true},
      {"email", "a@b", true},
      {"email", "ann", false},
      {"email", "@b.example", false},
      {"email", "a..b@c.example", false},
      {"email", ".a@c.example", false},
      {"email", "a b@c.example", false},
      {"email", "a@-c.example", false},
      {"email", "a@c.example\n", false},
      {"email", "a@b@c.example", false},
      {"uri", "https://pay.example/x?y=%20#z", true},
      {"uri", "urn:isbn:0451450523", true},
      {"uri", "mailto:a@b.example", true},
      {"uri", "https://", false},
      {"uri", "https:///x", false},
      {"uri", "/relative", false},
      {"uri", "1x:y", false},
      {"uri", "https://a.example/ b", false},
      {"uri", "https://a.example/%2", false},
      {"uri", "https://a.example/#a#b", false},
      {"uri", "https://[::1]:80/", true},
      {"uuid", "123e4567-e89b-12d3-a456-426614174000", true},
      {"uuid", "123e4567e89b12d3a456426614174000", false},
      {"date", "2024-02-29", true},
      {"date", "2023-02-29", false},
      {"date", "2024-2-29", false},
      {"date-time", "2024-02-29T23:59:59+05:30", true},
      {"date-time", "2024-02-29 23:59:59Z", false},
      {"date-time", "2024-02-29", false},
      {"hostname", "a-1.example", true},
      {"hostname", "a_1.example", false},
      {"hostname", "", false},
      {"hostname", "a..b", false},
      {"hostname", "a.example.", false},
      {"ipv4", "127.0.0.1", true},
      {"ipv4", "127.0.0.256", false},
      {"ipv4", "127.1", false},
      {"ipv4", "010.0.0.1", false},
      {"ipv6", "::ffff:10.0.0.1", true},
      {"ipv6", "2001:db8::1", true},
      {"ipv6", "2001:db8::1::2", false},
      {"ipv6", "fe80::1%eth0", false},
      {"nonsense", "x", false},
  };
  for (const FormatCase& c : k_cases) {
    EXPECT_EQ(matches_format(c.text, c.format), c.fits) << c.format << " " << c.text;
  }
  EXPECT_FALSE(matches_format(std::string("::1\0x", 5), "ipv6"));
  EXPECT_FALSE(matches_format(std::string(64, 'a') + ".example", "hostname"));
  EXPECT_EQ(checked("\"ann\"", constrained("string", {.format = "email"})),
            "expected email, got \"ann\"");
}

TEST(Validate, FaultsAreBoundedAndShort) {
  Value::List many(1000, Value::string("x"));
  const auto result = validate(Value::list(std::move(many)), *type("list<int>"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().size(), k_max_faults);
  const auto longest = validate(Value::string(std::string(100'000, 'x')), *type("int"));
  ASSERT_FALSE(longest);
  EXPECT_LT(longest.error()[0].message.size(), 120u);
  EXPECT_EQ(longest.error()[0].message,
            "expected int, got string \"" + std::string(60, 'x') + "\"... (100000 bytes)");
}

TEST(Validate, DepthIsBounded) {
  TypeRef wanted = type("int");
  Value value = Value::integer(1);
  for (int i = 0; i < 200; ++i) {
    wanted = list_of(wanted);
    value = Value::list({value});
  }
  const auto result = validate(value, *wanted);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error()[0].message, "nested too deeply");
}

TEST(Validate, DescribeIsOneLine) {
  EXPECT_EQ(describe({{"/a\nb", "x"}, {"", "y"}}), "/a b: x; y");
  EXPECT_EQ(describe({}), "");
}

RC_GTEST_PROP(ValidateProperty, NormalisingTwiceChangesNothing, ()) {
  const char* const k_types[] = {
      "json", "double", "optional<double>", "list<double>", "map<double>", "list<list<json>>"};
  const TypeRef wanted = type(k_types[*rc::gen::inRange(0, 6)]);
  const auto once = validate(*json_value(2), *wanted);
  RC_PRE(once.has_value());
  const auto twice = validate(*once, *wanted);
  RC_ASSERT(twice.has_value());
  RC_ASSERT(to_json(*twice) == to_json(*once));
}

}  // namespace
}  // namespace vozex::types
