// SPDX-License-Identifier: Apache-2.0
//
// What expressions give over declared data: text, result.
#include <gtest/gtest.h>

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

TEST(Expression, GuardsOfRealLifecycles) {
  check({{"event.data.captured_total == input.amount.minor", "true"},
         {"data.captures.values().sum() == input.amount.minor", "true"},
         {"data.queue.size() > 0 && !in_state('settled.dispute.open')", "false"},
         {"event.data.gateway_ref in data.captures", "true"},
         {"!('bob' in data.votes) && data.votes.size() + 1 >= config.limit", "false"},
         {"data.queue.exists(l, l.id == 'b')", "true"},
         {"data.captures.values().all(c, c >= 0)", "true"},
         {"event.data.final ? 'done' : 'open'", "'done'"},
         {"${ event.data.final }", "true"}});
}

// What is asked for by slot, in order.
class Asked final : public Activation {
 public:
  const Value* variable(Slot slot) const override {
    slots.push_back(slot);
    return slot == k_now ? nullptr : &value;
  }
  bool in_state(std::string_view) const override { return false; }

  mutable std::vector<Slot> slots;
  Value value = Value::object({{"n", Value::integer(1)}});
};

TEST(Expression, AMemberWithASlotOfItsOwnIsReadWithoutTheWhole) {
  constexpr Slot k_whole = 2;
  constexpr Slot k_member = 30;
  const Scope scope{
      {{"event", types::dyn_type(), k_whole, "", {{"data", k_member}, {"id", k_now}}}}};
  const auto slots_of = [&](const char* text) {
    const auto program = compile(text, scope);
    EXPECT_TRUE(program.has_value()) << text;
    const Asked asked;
    EXPECT_TRUE(program && evaluate(**program, asked).has_value()) << text;
    return asked.slots;
  };
  EXPECT_EQ(slots_of("event.data.n + 1"), std::vector<Slot>{k_member});
  EXPECT_EQ(slots_of("event.data"), std::vector<Slot>{k_member});
  EXPECT_EQ(slots_of("event"), std::vector<Slot>{k_whole});
  EXPECT_EQ(slots_of("event.n"), std::vector<Slot>{k_whole});
  const auto absent = evaluate(**compile("event.id == 'x'", scope), Asked());
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().message, "'event' has no value here");
}

TEST(Expression, IntegersAreComparedAndCalculatedToTheirLimits) {
  check({{"event.data.captured_total < 4900", "false"},
         {"event.data.captured_total <= 4900", "true"},
         {"event.data.captured_total > 4899", "true"},
         {"event.data.captured_total >= 4901", "false"},
         {"event.data.captured_total != input.amount.minor", "false"},
         {"event.data.captured_total * -2 - 1", "-9801"},
         {"event.data.captured_total + 9223372036854775807", "error overflow"},
         {"-9223372036854775807 - event.data.captured_total", "error overflow"},
         {"event.data.captured_total * 9223372036854775807", "error overflow"}});
}

TEST(Expression, TheLeastIntHasNoCounterpart) {
  check({{"-9223372036854775808 % -1", "error overflow"},
         {"-9223372036854775808 / -1", "error overflow"},
         {"-9223372036854775807 % -1", "0"}});
}

TEST(Expression, ValuesForData) {
  check({{"data.queue.slice(1)", "[{'amount': 32, 'id': 'b'}]"},
         {"data.queue.slice(0, 0)", "[]"},
         {"data.queue.slice(3)", "error out_of_range"},
         {"data.captures.keys()", "['g1', 'g2']"},
         {"data.captures.keys()[0]", "'g1'"},
         {"data.votes + [event.data.gateway_ref]", "['ann', 'g1']"},
         {"(data.queue + [{'id': 'c', 'amount': 4}]).map(l, l.id)", "['a', 'b', 'c']"},
         {"data.captures.transformList(ref, amount, {'ref': ref, 'amount': amount})",
          "[{'amount': 4000, 'ref': 'g1'}, {'amount': 900, 'ref': 'g2'}]"},
         {"data.captures.transformMap(ref, amount, amount > 1000, amount * 2)", "{'g1': 8000}"},
         {"data.queue.transformMapEntry(i, l, {l.id: i})", "{'a': 0, 'b': 1}"},
         {"data.queue.transformMapEntry(i, l, {'same': i})", "error invalid_argument"},
         {"data.queue.filter(l, l.amount > 10).map(l, l.id)", "['b']"},
         {"data.queue.map(l, l.amount > 10, l.id)", "['b']"},
         {"data.queue.exists_one(l, l.amount > 10)", "true"},
         {"data.queue.existsOne(i, l, i == l.amount)", "false"},
         {"data.queue.all(i, l, i < l.amount)", "true"},
         {"cel.bind(n, data.queue.size(), n * n)", "4"},
         {"[[1, 2], [3]].map(x, x.map(y, y * x.size()))", "[[2, 4], [3]]"}});
}

TEST(Optionals, AbsentFieldsAreNoneAndPresentOnesAreWrapped) {
  check({{"data.checkout_url", "optional('https://pay.example/x')"},
         {"data.checkout_url.hasValue()", "true"},
         {"data.checkout_url.value()", "'https://pay.example/x'"},
         {"data['checkout_url'].value()", "'https://pay.example/x'"},
         {"data.checkout_url == optional.of('https://pay.example/x')", "true"},
         {"data.until", "none"},
         {"data['best']", "none"},
         {"data.until.value()", "error absent"},
         {"data.until.orValue(now) == now", "true"},
         {"data.until == optional.none()", "true"},
         {"has(data.checkout_url)", "true"},
         {"has(data.until)", "false"},
         {"has(data.best)", "false"},
         {"data.best.id", "none"},
         {"data.best.note", "none"},
         {"data.best.?note.orValue('x')", "'x'"},
         {"data.queue[0].note", "none"},
         {"data.queue.map(l, l.note.orValue('-'))", "['-', '-']"},
         {"data.best.optMap(b, b.amount).orValue(0)", "0"},
         {"data.best.optFlatMap(b, b.note).hasValue()", "false"},
         {"data.captures[?'zz'].orValue(0)", "0"},
         {"data.open.orValue(false) ? 1 : 2", "2"},
         {"event.data.final ? data.checkout_url : null", "optional('https://pay.example/x')"},
         {"event.data.final ? null : data.checkout_url", "none"},
         {"(event.data.final ? null : data.checkout_url).orValue('-')", "'-'"},
         {"[?data.until, ?data.open].size()", "0"},
         {"{?'url': data.checkout_url, ?'until': data.until}", "{'url': 'https://pay.example/x'}"},
         {"optional.unwrap([optional.of(1), optional.none()])", "[1]"}});
}

TEST(Optionals, ValueAssertsPresenceAlsoOfUndeclaredData) {
  check({{"result.url.value()", "'u'"},
         {"result.gone.value()", "error absent"},
         {"result.missing", "error no_such_key"}});
}

TEST(Optionals, ADeclaredOptionalThatIsPresentIsOneOptional) {
  Values values;
  values.set(k_data,
             Value::object({{"best",
                             Value::object({{"id", Value::string("z")},
                                            {"amount", Value::integer(1)},
                                            {"note", Value::string("n")}})}}));
  EXPECT_EQ(outcome(compile("data.best.note", payment_scope()), values), "optional('n')");
  EXPECT_EQ(outcome(compile("data.best.id", payment_scope()), values), "optional('z')");
  EXPECT_EQ(outcome(compile("data.best.optFlatMap(b, b.note).value()", payment_scope()), values),
            "'n'");
  EXPECT_EQ(outcome(compile("has(data.best.note)", payment_scope()), values), "true");
}

TEST(Money, CurrenciesDontMix) {
  check({{"input.amount == event.data.amount", "false"},
         {"input.amount != event.data.amount", "true"},
         {"input.amount < event.data.amount", "error currency_mismatch"},
         {"input.amount + event.data.amount", "error currency_mismatch"},
         {"[input.amount, event.data.amount].sum()", "error currency_mismatch"},
         {"input.amount + input.amount", "{'currency': 'USD', 'minor': 9800}"},
         {"input.amount - input.amount", "{'currency': 'USD', 'minor': 0}"},
         {"input.amount >= input.amount", "true"},
         {"[input.amount, input.amount].sum().minor", "9800"},
         {"input.amount == {'minor': 4900, 'currency': 'USD'}", "true"}});
}

TEST(Money, ScalesHalfToEven) {
  check({{"input.amount.scale(1, 3).minor", "1633"},
         {"input.amount.scale(1, 8).minor", "612"},
         {"input.amount.scale(3, 8).minor", "1838"},
         {"input.amount.scale(-1, 8).minor", "-612"},
         {"input.amount.scale(1, 0)", "error divide_by_zero"},
         {"input.amount.scale(9223372036854775807, 1)", "error overflow"}});
}

TEST(Sums, OfNothingIsZero) {
  check({{"[].sum()", "0"},
         {"[1, 2, 3].sum()", "6"},
         {"[0.5, 0.25].sum()", "0.75"},
         {"[1u, 2u].sum()", "3u"},
         {"[9223372036854775807, 1].sum()", "error overflow"},
         {"[9223372036854775807, 1, -1].sum()", "9223372036854775807"},
         {"input.lines.map(l, l.amount).sum()", "42"}});
}

TEST(Secrets, PassWholeAndOnlyWhole) {
  check({{"input.token", "'vault:7'"},
         {"{'token': input.token, 'n': 1}", "{'n': 1, 'token': 'vault:7'}"},
         {"has(input.token)", "true"},
         {"optional.of(input.token).value()", "'vault:7'"},
         {"event.data.final ? input.token : input.token", "'vault:7'"}});
}

TEST(Errors, AreAbsorbedWhereTheOtherSideDecides) {
  check({{"data.extra.missing || true", "true"},
         {"true || data.extra.missing", "true"},
         {"data.extra.missing == 1 && false", "false"},
         {"data.extra.missing == 1 && true", "error no_such_key"},
         {"[1, 0].exists(x, 1 / x == 1)", "true"},
         {"[0, 1].exists(x, 1 / x == 1)", "true"},
         {"[0, 2].exists(x, 1 / x == 1)", "error divide_by_zero"},
         {"1 / 0 > 0", "error divide_by_zero"}});
}

TEST(Dynamic, DataNobodyDeclaredIsReadAsItIs) {
  check({{"data.extra.n + 1", "4"},
         {"data.extra.n + 1.5", "error no_such_overload"},
         {"data.extra.n == 3.0", "true"},
         {"data.extra.n.m", "error no_such_field"},
         {"data.extra.?m.orValue(7)", "7"},
         {"result.url.size()", "1"},
         {"type(result) == map", "true"}});
}

TEST(Patterns, AreRe2AndBounded) {
  check({{"input.payment_id.matches('^p[0-9]+$')", "true"},
         {"input.payment_id.matches(event.name + '(')", "error invalid_argument"}});
}

TEST(References, AreTheStaticPathsOfWhatIsRead) {
  const auto program = compile(
      "data.checkout_url.hasValue() && event.data.amount.minor > data.captures[input.payment_id] "
      "&& "
      "data.queue.exists(l, l.id == 'a') && in_state('a.b')",
      payment_scope());
  ASSERT_TRUE(program.has_value());
  std::string paths;
  for (const Reference& reference : references_of(**program))
    paths += reference.path + "@" + std::to_string(reference.offset) + " ";
  EXPECT_EQ(paths,
            "data.checkout_url@0 event.data.amount.minor@32 data.captures@58 input.payment_id@72 "
            "data.queue@93 ");
  ASSERT_EQ(state_queries_of(**program).size(), 1u);
  EXPECT_EQ(state_queries_of(**program)[0].path, "a.b");
  EXPECT_EQ(state_queries_of(**program)[0].offset, 139u);
}

TEST(Constants, AreKnownWhenCompiled) {
  const auto known = [](const char* text) {
    const auto program = compile(text, payment_scope());
    const Value* value = program ? constant_of(**program) : nullptr;
    return value == nullptr ? std::string("not constant") : shown(*value);
  };
  EXPECT_EQ(known("1 + 2 * 3"), "7");
  EXPECT_EQ(known("duration('1h') + duration('30m')"), "5400s");
  EXPECT_EQ(known("{'a': [1, 2]}"), "{'a': [1, 2]}");
  EXPECT_EQ(known("true ? 'x' : input.payment_id"), "'x'");
  EXPECT_EQ(known("1 / 0"), "not constant");
  EXPECT_EQ(known("in_state('a')"), "not constant");
  EXPECT_EQ(known("input.payment_id"), "not constant");
}

TEST(Guards, AreTrueFalseOrAnError) {
  const Values values;
  EXPECT_TRUE(test(**compile("event.data.final", payment_scope()), values).value());
  EXPECT_EQ(test(**compile("result.url", payment_scope()), values).error().code,
            "no_such_overload");
  EXPECT_EQ(test(**compile("result.nothing", payment_scope()), values).error().code, "no_such_key");
}

}  // namespace
}  // namespace vozex::expr::testing
