// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/expr/dictionary.h"
#include "tests/unit/expr/fixture.h"

namespace vozex::expr::testing {
namespace {

ProgramRef program(const char* text) { return *compile_template(text, payment_scope()); }

std::string run(const ProgramRef& combined) {
  const auto value = evaluate(*combined, Values());
  return value ? shown(*value) : "error " + value.error().code;
}

TEST(Templates, KeepTheTypeOfASingleExpression) {
  EXPECT_EQ(template_outcome("${data.captures}"), "{'g1': 4000, 'g2': 900}");
  EXPECT_EQ(types::to_string(*type_of(*program("${input.amount}"))), "money");
  EXPECT_EQ(types::to_string(*type_of(*program("x${input.payment_id}"))), "string");
  EXPECT_EQ(source_of(*program("x${input.payment_id}")), "x${input.payment_id}");
}

TEST(Programs, AreEqualInTextWhenTheyDoTheSame) {
  const auto number = [](std::int64_t value) {
    return constant(types::Value::integer(value), nullptr);
  };
  const ProgramRef read = program("${input.payment_id}");
  EXPECT_EQ(text_of(*number(3)), "3");
  EXPECT_EQ(text_of(*object({{"b", read}, {"a", number(1)}})), "{a: 1, b: ${input.payment_id}}");
  EXPECT_EQ(text_of(*array({number(1), read})), "[1, ${input.payment_id}]");
  EXPECT_EQ(text_of(*dictionary({{read, number(1)}, {program("x"), read}}, types::dyn_type())),
            "{${input.payment_id}: 1, x: ${input.payment_id}}");
  EXPECT_EQ(text_of(*array({object({{"a", array({read, number(2)})}})})),
            "[{a: [${input.payment_id}, 2]}]");
}

TEST(Templates, WriteValuesIntoText) {
  EXPECT_EQ(template_outcome("order ${input.payment_id}"), "'order p1'");
  EXPECT_EQ(template_outcome("${input.rate} ${now} ${1u} ${true} ${-3}"),
            "'0.5 2025-11-24T16:01:00Z 1 true -3'");
  EXPECT_EQ(template_outcome("to ${data.checkout_url}"), "'to https://pay.example/x'");
  EXPECT_EQ(template_outcome("until ${data.until}"), "error absent");
  EXPECT_EQ(template_outcome("${result.gone}!"), "error absent");
  EXPECT_EQ(template_outcome("plain"), "'plain'");
  EXPECT_EQ(template_outcome(""), "''");
}

TEST(Templates, DollarDollarBraceIsTheSignItself) {
  EXPECT_EQ(template_outcome("$${x} costs $5"), "'${x} costs $5'");
}

TEST(Templates, FindTheClosingBraceBehindStringsAndMaps) {
  EXPECT_EQ(template_outcome("a ${ {'a': 1}.a } b"), "'a 1 b'");
  EXPECT_EQ(template_outcome("a ${'}' + \"}\"} b"), "'a }} b'");
  EXPECT_EQ(template_outcome("a ${r'\\' + '\\'}'} b"), "'a \\'} b'");
}

TEST(Templates, ReportPlacesWithinTheWholeText) {
  EXPECT_EQ(template_outcome("${evnt} and ${event.dta}"),
            "VZ0310@2+4 unknown name 'evnt' | did you mean 'event'?\n"
            "VZ0312@20+3 no such field 'dta' in event (it has: id, name, time, data) | did you "
            "mean 'data'?");
  EXPECT_EQ(template_outcome("open ${data.queue"),
            "VZ0320@5+12 this '${' has no closing '}' | write '$${' for the two signs themselves");
  EXPECT_EQ(template_outcome("a ${} b"), "VZ0309@4+0 an expression was expected, nothing is there");
  EXPECT_EQ(template_outcome("pay ${input.amount}"),
            "VZ0321@6+12 a value of type money can't be written into a text | write "
            "input.amount.minor and input.amount.currency");
  EXPECT_EQ(template_outcome("key ${input.token}"),
            "VZ0317@6+11 a secret can't be written into a text | pass it on whole: a value that is "
            "one ${...}");
}

TEST(Combined, AnObjectLeavesOutWhatIsAbsentAndUnwrapsWhatIsThere) {
  const ProgramRef made = object({{"url", program("${data.checkout_url}")},
                                  {"until", program("${data.until}")},
                                  {"id", program("${input.payment_id}")},
                                  {"list", array({program("${1 + 1}"), program("x")})}});
  EXPECT_EQ(run(made), "{'id': 'p1', 'list': [2, 'x'], 'url': 'https://pay.example/x'}");
  EXPECT_EQ(types::to_string(*type_of(*made)),
            "{id: string, list: list<json>, until: optional<timestamp>, url: optional<string>}");
  EXPECT_EQ(constant_of(*made), nullptr);
  EXPECT_EQ(references_of(*made).size(), 3u);
  EXPECT_EQ(source_of(*made), "");
}

TEST(Combined, PartsThatNeedNoVariablesMakeAConstant) {
  const ProgramRef made = object(
      {{"a", constant(Value::integer(1), simple(TypeKind::integer))}, {"b", program("text")}});
  ASSERT_NE(constant_of(*made), nullptr);
  EXPECT_EQ(shown(*constant_of(*made)), "{'a': 1, 'b': 'text'}");
  EXPECT_EQ(run(array({made, made})), "[{'a': 1, 'b': 'text'}, {'a': 1, 'b': 'text'}]");
}

TEST(Combined, AnErrorInAPartIsTheError) {
  EXPECT_EQ(run(object({{"x", program("${data.until.value()}")}})), "error absent");
}

TEST(Dictionaries, ComputeTheirKeys) {
  const ProgramRef made = dictionary({{program("k-${input.payment_id}"), program("${1 + 1}")},
                                      {program("plain"), program("${data.captures.g1}")}},
                                     simple(types::TypeKind::integer));
  EXPECT_EQ(run(made), "{'k-p1': 2, 'plain': 4000}");
  EXPECT_EQ(types::to_string(*type_of(*made)), "map<int>");
  EXPECT_EQ(references_of(*made).size(), 2U);
}

TEST(Dictionaries, LeaveOutAbsentOptionals) {
  const auto text = simple(types::TypeKind::string);
  EXPECT_EQ(run(dictionary({{program("a"), program("${data.checkout_url}")},
                            {program("b"), program("${optional.none()}")}},
                           text)),
            "{'a': 'https://pay.example/x'}");
}

TEST(Dictionaries, AKeyThatComesTwiceIsAnError) {
  const auto whole = simple(types::TypeKind::integer);
  EXPECT_EQ(run(dictionary({{program("${input.payment_id}"), program("${1}")},
                            {program("p1"), program("${2}")}},
                           whole)),
            "error invalid_argument");
  EXPECT_EQ(run(dictionary({{program("${event.data}"), program("${1}")}}, whole)),
            "error no_such_overload");
}

}  // namespace
}  // namespace vozex::expr::testing
