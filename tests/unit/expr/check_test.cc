// SPDX-License-Identifier: Apache-2.0
//
// What authors get wrong, and the whole text they are told: CODE@offset+length message | hint.
#include <gtest/gtest.h>

#include <set>

#include "engine/expr/problems.h"
#include "tests/unit/expr/fixture.h"

namespace vozex::expr::testing {
namespace {

struct Row {
  const char* text;
  const char* wanted;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) EXPECT_EQ(outcome(row.text), row.wanted) << row.text;
}

void check_types(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const auto program = compile(row.text, payment_scope());
    ASSERT_TRUE(program.has_value()) << row.text << "\n" << problems_text(program.error());
    EXPECT_EQ(types::to_string(*type_of(**program)), row.wanted) << row.text;
  }
}

// clang-format off
TEST(Mistakes, UnknownNamesNameTheNearest) {
  check({
      {"event.data.amuont", "VZ0312@11+6 no such field 'amuont' in event.data (payment.succeeded has: amount, captured_total, gateway_ref, final) | did you mean 'amount'?"},
      {"evnt.data", "VZ0310@0+4 unknown name 'evnt' | did you mean 'event'?"},
      {"config.limits", "VZ0312@7+6 no such field 'limits' in config (it has: limit) | did you mean 'limit'?"},
      {"foo", "VZ0310@0+3 unknown name 'foo' | known here: input, data, event, now, result, config"},
      {"actor.id", "VZ0311@0+5 actor is only visible where a person acts"},
      {"data.best.foo", "VZ0312@10+3 no such field 'foo' in data.best (line has: id, amount, note)"},
      {"data.queue.map(l, l.amuont)", "VZ0312@20+6 no such field 'amuont' in l (line has: id, amount, note) | did you mean 'amount'?"},
      {"input['amuont']", "VZ0312@6+8 no such field 'amuont' in input (it has: payment_id, gateway, amount, token, lines, rate) | did you mean 'amount'?"},
      {"{minor: 5}", "VZ0310@1+5 unknown name 'minor' | a key is an expression: write 'minor' in quotes"},
      {"input.gateway == 'strpe'", "VZ0318@17+7 'strpe' is none of enum(dodo|paypal|stripe) | did you mean 'stripe'?"},
      {"input.gateway in ['dodo', 'x']", "VZ0318@26+3 'x' is none of enum(dodo|paypal|stripe) | it is dodo, paypal or stripe"},
      {"data.votes.contain('x')", "VZ0313@11+7 no method 'contain' | did you mean 'contains'?"},
      {"math.max(1, 2)", "VZ0313@0+8 no function 'math.max' | write math.greatest(...)"},
      {"siez('a')", "VZ0313@0+4 no function 'siez' | did you mean 'size'?"},
  });
}

TEST(Mistakes, AllOfThemAtOnce) {
  EXPECT_EQ(outcome("evnt.id == 'x' && data.captures.lenght() > 0 && input.amount > 5"),
            "VZ0310@0+4 unknown name 'evnt' | did you mean 'event'?\n"
            "VZ0313@32+6 no method 'lenght' | write .size()\n"
            "VZ0315@48+16 '>' can't take money and int | compare like with like: input.amount.minor is its amount");
}

TEST(Mistakes, HabitsOfOtherLanguages) {
  check({
      {"data.votes.size() = 3", "VZ0304@18+1 '=' is not an operator | write '=='"},
      {"data.votes.size() === 3", "VZ0304@18+3 '===' is not an operator | write '=='"},
      {"event.data.final and true", "VZ0304@17+3 'and' is not an operator | write '&&'"},
      {"event.data.final or true", "VZ0304@17+2 'or' is not an operator | write '||'"},
      {"not event.data.final", "VZ0304@0+3 'not' is not an operator | write '!'"},
      {"event.data.final & true", "VZ0304@17+1 '&' is not an operator | write '&&'"},
      {"event.data.final | true", "VZ0304@17+1 '|' is not an operator | write '||'"},
      {"data.votes.length > 1", "VZ0323@11+6 a value of type list<string> has no member 'length' | write .size()"},
      {"data.votes.size > 1", "VZ0323@11+4 a value of type list<string> has no member 'size' | size is a function: write .size()"},
      {"data.checkout_url != null", "VZ0316@0+25 data.checkout_url is optional<string>, which is never null but absent | write data.checkout_url.hasValue()"},
      {"data.checkout_url == null", "VZ0316@0+25 data.checkout_url is optional<string>, which is never null but absent | write !data.checkout_url.hasValue()"},
      {"True", "VZ0310@0+4 unknown name 'True' | write true"},
      {"2h", "VZ0303@0+2 '2h' is not a number | write duration('2h')"},
      {"if (a) b", "VZ0305@0+2 'if' is a reserved word and can't be a name | write condition ? value : other"},
      {"Foo{a: 1}", "VZ0306@0+4 message literals are not part of the language | write a map: {'field': value}"},
      {"now > '2026-01-01T00:00:00Z'", "VZ0315@0+28 '>' can't take timestamp and string | write timestamp('...') around the text"},
      {"data.votes && true", "VZ0322@0+10 '&&' joins conditions: expected bool, found list<string> | write data.votes.size() > 0"},
  });
}

TEST(Mistakes, OptionalsMustBeOpened) {
  check({
      {"data.checkout_url == 'x'", "VZ0316@0+24 data.checkout_url is optional<string>, 'x' is string: they are never equal | write data.checkout_url == optional.of('x'), or data.checkout_url.orValue(...) == 'x'"},
      {"data.checkout_url + 'x'", "VZ0316@0+17 data.checkout_url is optional<string>, '+' wants the value in it | write data.checkout_url.orValue(...), or data.checkout_url.value() where it is certainly there"},
      {"data.checkout_url.orValue(1)", "VZ0314@0+28 orValue() of optional<string> can't take (int) | it is written optional.orValue(value)"},
      {"data.open && true", "VZ0316@0+9 '&&' joins conditions: expected bool, found optional<bool> | write data.open.orValue(false)"},
      {"data.best.exists(b, true)", "VZ0316@0+9 exists() runs over a list or a map, found optional<line> | write data.best.orValue([]).exists(...)"},
  });
}

TEST(Mistakes, SecretsMayNotBeRead) {
  check({
      {"input.token == 'x'", "VZ0317@0+11 input.token is a secret: it may only be passed on whole"},
      {"string(input.token)", "VZ0317@7+11 input.token is a secret: it may only be passed on whole"},
      {"dyn(input.token)", "VZ0317@4+11 input.token is a secret: it may only be passed on whole"},
      {"input.token.size()", "VZ0317@0+11 input.token is a secret: it may only be passed on whole"},
      {"input.token.x", "VZ0317@12+1 a secret has no members: it may only be passed on whole"},
      {"input.token[0]", "VZ0317@0+14 input.token is a secret: it may only be passed on whole"},
      {"input == input", "VZ0317@0+5 input holds a secret: it may only be passed on whole"},
      {"[input.token, 'x'].exists(x, x == 'y')", "VZ0317@29+1 x is a secret: it may only be passed on whole"},
      {"input.exists(k, input[k] == 'y')", "VZ0317@16+8 input[k] is a secret: it may only be passed on whole"},
      {"{'a': input.token}.values().join()", "VZ0317@0+27 {'a': input.token}.values() holds a secret: it may only be passed on whole"},
      {"'%s'.format([input.token])", "VZ0317@12+13 [input.token] holds a secret: it may only be passed on whole"},
      {"optional.of(input.token).optMap(t, t + 'x')", "VZ0317@35+1 t is a secret: it may only be passed on whole"},
  });
}

TEST(Mistakes, TypesThatDontMix) {
  check({
      {"1 + 1.5", "VZ0315@0+7 '+' can't take int and double | ints and doubles don't mix: write double(x) around the int"},
      {"input.amount * 2", "VZ0315@0+16 '*' can't take money and int | write input.amount.scale(numerator, denominator)"},
      {"data.votes == null", "VZ0315@0+18 '==' can't take list<string> and null | list<string> is never null; declare it optional<list<string>> if it may be absent"},
      {"event.data.final ? 'a' : 1", "VZ0315@0+26 both values of a choice must have one type, these are string and int | dyn(...) around one of them leaves the choice unchecked"},
      {"size(1)", "VZ0314@0+7 size() can't take (int) | it is written size(string), size(bytes), size(list) or size(map)"},
      {"startsWith('a', 'b')", "VZ0314@0+10 startsWith() is a method | it is written string.startsWith(string)"},
      {"data.captures[1]", "VZ0315@0+16 a value of type map<int> takes no index of type int"},
      {"data.queue + [{'id': 'c', 'amuont': 4}]", "VZ0315@0+39 '+' can't take list<line> and list<map<json>> | line has no field 'amuont': did you mean 'amount'?"},
      {"data.queue + [{'id': 'c', 'amount': 'x'}]", "VZ0315@0+41 '+' can't take list<line> and list<map<string>> | 'amount' of line is int, found string"},
      {"data.queue + [{'id': 'c'}]", "VZ0315@0+26 '+' can't take list<line> and list<map<string>> | line needs 'amount'"},
      {"{'a': 1, 'a': 2}", "VZ0324@9+3 the key 'a' is there twice"},
      {"{1.5: 2}", "VZ0324@1+3 a key is a string, int, uint or bool, found double"},
      {"math.greatest(1, 'a')", "VZ0314@17+3 math.greatest() compares numbers, found string"},
  });
}

TEST(Mistakes, LiteralsThatMeanNothing) {
  check({
      {"duration('3x')", "VZ0319@9+4 '3x' is not a duration such as '90s', '1h30m' or '3d'"},
      {"timestamp('soon')", "VZ0319@10+6 'soon' is not a timestamp such as '2026-11-20T10:00:00Z'"},
      {"'a'.matches('(')", "VZ0319@12+3 '(' is not a pattern (RE2 syntax): missing ): ("},
      {"now.getHours('Mars/Phobos')", "VZ0319@13+13 'Mars/Phobos' is not a time zone such as 'Europe/Berlin'"},
      {"now.add('1 month', 1)", "VZ0319@8+9 '1 month' is not a period such as 'P1M', 'P2W' or '36h'"},
      {"9223372036854775808", "VZ0303@0+19 this number is too big for int | ints reach 9223372036854775807; a 'u' behind the number makes it a uint"},
      {"'unclosed", "VZ0302@0+9 this text has no closing quote"},
      {"'bad \\q'", "VZ0302@5+2 the escape '\\q' means nothing here | write '\\\\' for a backslash, or a raw string r'...' for patterns"},
  });
}

TEST(Mistakes, AWrongMacroHidesNoOther) {
  check({
      {"data.queue.all(1, 2) && foo", "VZ0308@11+3 all() got arguments that it can't take | write list.all(i, x, condition)\nVZ0310@24+3 unknown name 'foo' | known here: input, data, event, now, result, config"},
      {"has(1) || data.queue.map(2)", "VZ0308@0+3 has() looks at one member, such as has(a.b) | write has(object.field)\nVZ0308@21+3 map() got arguments that it can't take | write list.map(x, condition, value)"},
  });
}

TEST(Mistakes, OfSyntax) {
  check({
      {"", "VZ0309@0+0 an expression was expected, nothing is there"},
      {"1 +", "VZ0301@3+1 expected a value, found the end"},
      {"(1 + 2", "VZ0301@6+1 expected ')', found the end"},
      {"[1,,2]", "VZ0301@3+1 expected a value, found ','"},
      {"{'a' 1}", "VZ0301@5+1 expected ':' after the key, found a number"},
      {"a..b", "VZ0301@2+1 expected a member's name after '.', found '.'"},
      {"a ? b", "VZ0301@5+1 expected ':' of the choice, found the end"},
      {"has(data)", "VZ0308@0+3 has() looks at one member, such as has(a.b) | write has(object.field)"},
      {"data.queue.exists(l)", "VZ0308@11+6 exists() got arguments that it can't take | write list.exists(i, x, condition)"},
      {"size('a',)", "VZ0301@9+1 expected another argument after ',', found ')'"},
      {"data.queue.all(l, true,)", "VZ0301@23+1 expected another argument after ',', found ')'"},
      {"[1, 2,] == [1, 2] && {'a': 1,} == {'a': 1}", "true"},
  });
}
// clang-format on

TEST(Types, OfWhatIsComputed) {
  check_types({{"data.queue.slice(1)", "list<line>"},
               {"data.queue + [{'id': 'c', 'amount': 4}]", "list<line>"},
               {"[{'id': 'c', 'amount': 4}] + data.queue", "list<line>"},
               {"data.captures.keys()", "list<string>"},
               {"data.captures.values().sum()", "int"},
               {"input.amount.scale(1, 2)", "money"},
               {"data.best.id", "optional<string>"},
               {"data.best.note", "optional<string>"},
               {"data.best.optMap(b, b.amount)", "optional<int>"},
               {"data.queue.map(l, l.note)", "list<optional<string>>"},
               {"{'a': 1, 'b': input.amount}", "{a: int, b: money}"},
               {"{?'url': data.checkout_url}", "{url: optional<string>}"},
               {"input.token", "secret"},
               {"result.anything", "json"},
               {"event.data", "payment.succeeded"},
               {"input.gateway", "enum(dodo|paypal|stripe)"},
               {"event.data.final ? input.gateway : 'none'", "string"},
               {"event.data.final ? data.queue : []", "list<line>"},
               {"now - event.time", "duration"},
               {"[]", "list<json>"}});
}

TEST(Codes, AreDifferentAndHaveAMeaningEach) {
  std::set<std::string_view> codes;
  for (const CodeMeaning& known : k_code_meanings) {
    EXPECT_TRUE(codes.insert(known.code).second) << known.code;
    EXPECT_TRUE(known.meaning.ends_with(".")) << known.code;
  }
}

}  // namespace
}  // namespace vozex::expr::testing
