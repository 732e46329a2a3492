// SPDX-License-Identifier: Apache-2.0
//
// Hostile text: never a crash, never unbounded work.
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/expr/fixture.h"

namespace vozex::expr::testing {
namespace {

std::string repeated(const std::string& part, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += part;
  return text;
}

std::string first_code(const std::string& text) {
  const auto program = compile(text, payment_scope());
  return program ? "compiles" : program.error()[0].code;
}

TEST(Limits, DeepNestingIsAnError) {
  for (const char* open : {"(",
                           "[",
                           "!",
                           "-",
                           "{1: ",
                           "[1].map(x, ",
                           "size(",
                           "true ? 1 : ",
                           "[0][",
                           "'a'.contains("}) {
    EXPECT_EQ(first_code(repeated(open, 1000)), "VZ0307") << open;
  }
  EXPECT_EQ(first_code(repeated("(", 90) + "1" + repeated(")", 90)), "compiles");
}

TEST(Limits, LongChainsAreBounded) {
  EXPECT_EQ(first_code("1" + repeated(" + 1", 1000)), "VZ0307");
  EXPECT_EQ(first_code("result" + repeated(".a", 1000)), "VZ0307");
  EXPECT_EQ(first_code("true" + repeated(" && true", 1000)), "compiles");
  EXPECT_EQ(first_code("[1" + repeated(",1", 6000) + "]"), "VZ0307");
  EXPECT_EQ(first_code(repeated(" ", 20'000) + "1"), "VZ0307");
}

TEST(Limits, CostIsBoundedAndNotAbsorbed) {
  const std::string loops =
      "data.queue.all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, b + c > 0)))";
  const auto program = compile(loops + " || true", payment_scope());
  ASSERT_TRUE(program.has_value());
  EvalLimits limits;
  limits.max_cost = 100;
  const auto value = evaluate(**program, Values(), limits);
  ASSERT_FALSE(value.has_value());
  EXPECT_EQ(value.error().code, "cost_exceeded");
}

// `start` doubled forty times: each step's name is bound to `open` name `between` name `close` in
// the next.
std::string doubled(const std::string& start,
                    const std::string& open,
                    const std::string& between,
                    const std::string& close) {
  std::string text = start;
  for (int i = 0; i < 40; ++i) {
    const std::string name = "v" + std::to_string(i);
    std::string next = "cel.bind(";
    next.append(name).append(", ").append(text).append(", ");
    next.append(open).append(name).append(between).append(name).append(close).append(")");
    text = std::move(next);
  }
  return text;
}

TEST(Limits, ResultsThatDoubleAreStopped) {
  const std::string text = doubled("[config, config]", "[", ", ", "]");
  EXPECT_EQ(outcome(text), "error cost_exceeded");
  EXPECT_EQ(outcome("cel.bind(x, " + text + ", x == x)"), "error cost_exceeded");
  EXPECT_EQ(outcome("cel.bind(x, " + text + ", '%s'.format([x]))"), "error cost_exceeded");
}

TEST(Limits, TextThatDoublesIsStopped) {
  EXPECT_EQ(outcome(doubled("input.payment_id + 'xxxxxxxxxxxxxxxx'", "", " + ", "")),
            "error cost_exceeded");
  EXPECT_EQ(outcome("data.votes[0].replace('', '" + repeated("x", 1000) + "').replace('x', '" +
                    repeated("y", 8000) + "').size()"),
            "error cost_exceeded");
}

TEST(Limits, PatternsThatWouldExplodeAreMatchedInLinearTimeOrRefused) {
  EXPECT_EQ(outcome("'" + repeated("a", 5000) + "'.matches('(a+)+$')"), "true");
  EXPECT_EQ(outcome("'" + repeated("a", 5000) + "b'.matches('^(a|a)*$')"), "false");
  EXPECT_EQ(first_code("'a'.matches('((a{1000}){1000}){1000}')"), "VZ0319");
  EXPECT_EQ(first_code("'a'.matches('" + repeated("(", 2000) + "a" + repeated(")", 2000) + "')"),
            "VZ0319");
}

TEST(Limits, NestedLoopsAreStoppedByTheirCost) {
  const std::string list = "[1" + repeated(",1", 200) + "]";
  std::string loops = "x0 + x1 + x2 + x3";
  for (int i = 3; i >= 0; --i) {
    const std::string name = "x" + std::to_string(i);
    loops = list + ".map(" + name + ", " + loops + ")";
  }
  EXPECT_EQ(outcome(loops), "error cost_exceeded");
}

TEST(Limits, NumbersAndTextsWithoutAnEnd) {
  EXPECT_EQ(first_code(repeated("9", 10'000)), "VZ0303");
  EXPECT_EQ(first_code("1e" + repeated("9", 10'000)), "VZ0303");
  EXPECT_EQ(first_code("'" + repeated("x", 20'000)), "VZ0307");
  EXPECT_EQ(outcome("int('" + repeated("9", 5'000) + "')"), "error invalid_argument");
  EXPECT_EQ(outcome("duration('" + repeated("9", 5'000) + "h')").substr(0, 6), "VZ0319");
  EXPECT_EQ(outcome("'%.999999999f'.format([1.5])").substr(0, 5), "error");
  EXPECT_EQ(outcome("'x'.replace('x', 'yy', 9223372036854775807)"), "'yy'");
}

const std::vector<std::string>& seeds() {
  static const std::vector<std::string> k_seeds{
      "event.data.captured_total == input.amount.minor && data.queue.exists(l, l.id == 'b')",
      "data.checkout_url.orValue('x').startsWith(\"htt\\u0070\") ? [1, 2u, 3.5e2] : {?'a': "
      "optional.of(b'\\xff')}",
      "timestamp('2026-01-31T10:00:00Z').add('P1M', 2, 'Europe/Berlin') - duration('1h30m') < now",
      "data.captures.transformMap(k, v, v > 1, {'k': k, 'v': '%d %s'.format([v, k])})",
      "cel.bind(x, data.queue.map(l, l.note.orValue('-')), x.join(',').split(',').filter(p, "
      "p.matches(r'^\\w+$')))",
      "has(data.best.note) || !in_state('a.b') || math.greatest(1, 2, 3) in [0x1F, -1, .5]",
      "'order ${input.payment_id} ' + '''multi ' line''' + string(input.rate) // done"};
  return k_seeds;
}

void survive(const std::string& text) {
  const Scope scope = payment_scope();
  const Values values;
  CompileOptions unchecked;
  unchecked.check = false;
  EvalLimits limits;
  limits.max_cost = 20'000;
  for (const auto& program :
       {compile(text, scope), compile(text, scope, unchecked), compile_template(text, scope)}) {
    if (program) {
      (void)evaluate(**program, values, limits);
      continue;
    }
    ASSERT_FALSE(program.error().empty()) << text;
    for (const Problem& problem : program.error()) {
      EXPECT_FALSE(problem.message.empty()) << text;
      EXPECT_LE(problem.offset + problem.length, text.size() + 1)
          << text << ": " << problem.message;
    }
  }
}

TEST(Hostile, TruncatedTextNeverCrashes) {
  for (const std::string& seed : seeds()) {
    for (std::size_t length = 0; length < seed.size(); ++length) {
      survive(seed.substr(0, length));
      survive(seed.substr(length));
      survive("${" + seed.substr(0, length) + "} and ${" + seed.substr(length) + "}");
    }
  }
}

TEST(Hostile, MutatedTextNeverCrashes) {
  std::mt19937 random(20261120);
  const std::string alphabet = "()[]{}.,:?!'\"\\`$&|=<>+-*/%\n 019azrbRBuU_\xC3\xFF";
  for (int round = 0; round < 4000; ++round) {
    std::string text = seeds()[random() % seeds().size()];
    const std::string& other = seeds()[random() % seeds().size()];
    for (auto edit = random() % 6; edit > 0; --edit) {
      const std::size_t at = random() % text.size();
      switch (random() % 5) {
        case 0: text[at] = alphabet[random() % alphabet.size()]; break;
        case 1: text.erase(at, 1 + random() % 3); break;
        case 2: text.insert(at, 1, alphabet[random() % alphabet.size()]); break;
        case 3: text.insert(at, other.substr(random() % other.size(), random() % 20)); break;
        default: text += text.substr(at, 10); break;
      }
      if (text.empty()) text = "1";
    }
    survive(text);
  }
}

}  // namespace
}  // namespace vozex::expr::testing
