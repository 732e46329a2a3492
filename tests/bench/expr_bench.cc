// SPDX-License-Identifier: Apache-2.0
//
// Guards and values of the usual shapes: compiled CEL, and beside each what a programmer would
// write by hand over the same values (members by name) and over plain structs. items_per_second
// counts evaluations.
#include <benchmark/benchmark.h>

#include <array>
#include <string>

#include "engine/base/assert.h"
#include "engine/expr/expr.h"
#include "engine/types/json.h"
#include "engine/types/notation.h"

namespace vozex::bench {
namespace {

using types::Value;

constexpr expr::Slot k_input = 0;
constexpr expr::Slot k_data = 1;
constexpr expr::Slot k_event = 13;

types::TypeRef type(const char* text) { return types::parse_type(text, nullptr).value(); }

types::TypeRef object(std::initializer_list<std::pair<const char*, const char*>> fields) {
  std::vector<types::Field> made;
  for (const auto& [name, text] : fields) made.push_back({name, type(text), {}, false, ""});
  return types::object_of(std::move(made));
}

const expr::Scope& scope() {
  static const expr::Scope k_scope{
      {{"input",
        object({{"amount", "int"}, {"currency", "string"}, {"order_id", "string"}}),
        k_input,
        ""},
       {"data", object({{"closed", "bool"}, {"paid", "int"}, {"payments", "int"}}), k_data, ""},
       {"event",
        object({{"amount", "int"},
                {"currency", "string"},
                {"lines", "list<int>"},
                {"order_id", "string"}}),
        k_event,
        ""}}};
  return k_scope;
}

class Names final : public expr::Activation {
 public:
  Names() {
    show(k_input, &input);
    show(k_data, &data);
    show(k_event, &event);
  }
  const Value* variable(expr::Slot) const override { return nullptr; }
  bool in_state(std::string_view) const override { return false; }

  const Value input =
      types::parse_json(R"({"amount":4900,"currency":"EUR","order_id":"o_0001"})").value();
  const Value data = types::parse_json(R"({"closed":false,"paid":4900,"payments":1})").value();
  const Value event =
      types::parse_json(R"({"amount":4900,"currency":"EUR","lines":[1,2,3,4],"order_id":"o_0001"})")
          .value();
};

// The same, as a program without an engine would have it.
struct Plain {
  std::int64_t amount = 4900;
  std::string currency = "EUR";
  std::string order_id = "o_0001";
  std::int64_t paid = 4900;
  bool closed = false;
  std::vector<std::int64_t> lines{1, 2, 3, 4};
};

expr::ProgramRef program(const char* text) {
  auto compiled = expr::compile(text, scope());
  VOZEX_ASSERT(compiled.has_value());
  return *compiled;
}

void guard(benchmark::State& state, const char* text) {
  const expr::ProgramRef compiled = program(text);
  const Names names;
  for (auto _ : state) {
    const auto holds = expr::test(*compiled, names);
    VOZEX_ASSERT(holds && *holds);
  }
  state.SetItemsProcessed(state.iterations());
}

void value(benchmark::State& state, const char* text) {
  const expr::ProgramRef compiled = program(text);
  const Names names;
  for (auto _ : state) {
    auto made = expr::evaluate(*compiled, names);
    VOZEX_ASSERT(made.has_value());
    benchmark::DoNotOptimize(made);
  }
  state.SetItemsProcessed(state.iterations());
}

template <class Test>
void by_hand(benchmark::State& state, Test test) {
  const Names names;
  for (auto _ : state) {
    const bool holds = test(names);
    VOZEX_ASSERT(holds);
  }
  state.SetItemsProcessed(state.iterations());
}

template <class Test>
void by_struct(benchmark::State& state, Test test) {
  Plain event;
  Plain data;
  for (auto _ : state) {
    benchmark::DoNotOptimize(event);
    benchmark::DoNotOptimize(data);
    bool holds = test(event, data);
    benchmark::DoNotOptimize(holds);
  }
  state.SetItemsProcessed(state.iterations());
}

constexpr const char* k_equal = "event.amount == input.amount";
constexpr const char* k_text = "event.currency == 'EUR'";
constexpr const char* k_joined =
    "event.order_id == input.order_id && data.paid >= input.amount && !data.closed";
constexpr const char* k_exists = "event.lines.exists(l, l == 4)";
constexpr const char* k_sum = "data.paid + event.amount";
constexpr const char* k_concat = "'order ' + input.order_id";

BENCHMARK_CAPTURE(guard, equal, k_equal)->Name("cel/equal");
BENCHMARK_CAPTURE(guard, text, k_text)->Name("cel/text");
BENCHMARK_CAPTURE(guard, joined, k_joined)->Name("cel/joined");
BENCHMARK_CAPTURE(guard, exists, k_exists)->Name("cel/exists");
BENCHMARK_CAPTURE(value, sum, k_sum)->Name("cel/sum");
BENCHMARK_CAPTURE(value, concat, k_concat)->Name("cel/concat");

BENCHMARK_CAPTURE(by_hand, equal, [](const Names& n) {
  return n.event.find("amount")->as_integer() == n.input.find("amount")->as_integer();
})->Name("by_hand/equal");
BENCHMARK_CAPTURE(by_hand, text, [](const Names& n) {
  return n.event.find("currency")->as_string() == "EUR";
})->Name("by_hand/text");
BENCHMARK_CAPTURE(by_hand, joined, [](const Names& n) {
  return n.event.find("order_id")->as_string() == n.input.find("order_id")->as_string() &&
         n.data.find("paid")->as_integer() >= n.input.find("amount")->as_integer() &&
         !n.data.find("closed")->as_boolean();
})->Name("by_hand/joined");
BENCHMARK_CAPTURE(by_hand, exists, [](const Names& n) {
  for (const Value& line : n.event.find("lines")->as_list()) {
    if (line.as_integer() == 4) return true;
  }
  return false;
})->Name("by_hand/exists");

BENCHMARK_CAPTURE(by_struct, equal, [](const Plain& event, const Plain& data) {
  return event.amount == data.amount;
})->Name("by_struct/equal");
BENCHMARK_CAPTURE(by_struct, joined, [](const Plain& event, const Plain& data) {
  return event.order_id == data.order_id && data.paid >= data.amount && !data.closed;
})->Name("by_struct/joined");

}  // namespace
}  // namespace vozex::bench
