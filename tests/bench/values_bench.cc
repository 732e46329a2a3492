// SPDX-License-Identifier: Apache-2.0
//
// Values on the hot path: copying, finding, setting, reading and writing, checking.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/types/json.h"
#include "engine/types/notation.h"
#include "engine/types/validate.h"

namespace vozex::types {
namespace {

constexpr const char* k_order =
    R"({"amount":{"currency":"EUR","minor":4900},"customer":"c_123456","id":"o_0001",)"
    R"("lines":[{"qty":1,"sku":"book-1"},{"qty":2,"sku":"book-2"}],"status":"waiting","total":49.5})";

Value order() { return parse_json(k_order).value(); }

void copy_integers(benchmark::State& state) {
  const Value::List from(64, Value::integer(7));
  for (auto _ : state) {
    Value::List copy = from;
    benchmark::DoNotOptimize(copy.data());
  }
  state.SetItemsProcessed(state.iterations() * 64);
}

void copy_strings(benchmark::State& state) {
  const Value::List from(64, Value::string("waiting"));
  for (auto _ : state) {
    Value::List copy = from;
    benchmark::DoNotOptimize(copy.data());
  }
  state.SetItemsProcessed(state.iterations() * 64);
}

void move_values(benchmark::State& state) {
  Value a = Value::string("waiting");
  Value b;
  for (auto _ : state) {
    b = std::move(a);
    a = std::move(b);
    benchmark::DoNotOptimize(a);
  }
  state.SetItemsProcessed(state.iterations() * 2);
}

void make_string(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Value::string("waiting"));
}

void make_list(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(Value::list({Value::integer(1), Value::integer(2)}));
}

void find_nested_member(benchmark::State& state) {
  const Value value = order();
  for (auto _ : state) {
    benchmark::DoNotOptimize(value.find("amount")->find("minor")->as_integer());
  }
}

void set_member(benchmark::State& state) {
  const Value value = order();
  const Value word = Value::string("settled");
  for (auto _ : state) benchmark::DoNotOptimize(value.with("status", word));
}

void compare_equal(benchmark::State& state) {
  const Value a = order();
  const Value b = order();
  for (auto _ : state) benchmark::DoNotOptimize(a == b);
}

void read_json(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(parse_json(k_order));
}

void write_json(benchmark::State& state) {
  const Value value = order();
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_json(out, value);
    benchmark::DoNotOptimize(out.data());
  }
}

void check_order(benchmark::State& state) {
  const auto type = [](const char* text) { return parse_type(text, nullptr).value(); };
  const auto field = [&](const char* name, TypeRef of) {
    return Field{name, std::move(of), {}, false, ""};
  };
  const TypeRef line = object_of({field("sku", type("string")), field("qty", type("int"))});
  const TypeRef wanted = object_of({field("id", type("string")),
                                    field("customer", type("string")),
                                    field("amount", type("money")),
                                    field("lines", list_of(line)),
                                    field("status", type("enum(waiting|settled)")),
                                    field("total", type("double"))});
  const Value value = order();
  for (auto _ : state) benchmark::DoNotOptimize(validate(value, *wanted));
}

BENCHMARK(copy_integers);
BENCHMARK(copy_strings);
BENCHMARK(move_values);
BENCHMARK(make_string);
BENCHMARK(make_list);
BENCHMARK(find_nested_member);
BENCHMARK(set_member);
BENCHMARK(compare_equal);
BENCHMARK(read_json);
BENCHMARK(write_json);
BENCHMARK(check_order);

}  // namespace
}  // namespace vozex::types
