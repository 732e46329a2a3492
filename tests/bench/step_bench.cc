// SPDX-License-Identifier: Apache-2.0
//
// Steps in memory, on one core: the pure step() and step_in_place(), which the runtime uses.
// items_per_second counts steps.
#include <benchmark/benchmark.h>

#include "engine/base/assert.h"
#include "engine/step/step.h"
#include "tests/bench/machines.h"

namespace vozex::bench {
namespace {

void run_pure(benchmark::State& state,
              const machine::Machine& machine,
              const std::vector<machine::Event>& events) {
  const types::Value config = types::Value::map({});
  machine::Snapshot snapshot = started(machine);
  std::size_t at = 0;
  for (auto _ : state) {
    StepOutcome out = step(machine, snapshot, events[at], k_now, config);
    VOZEX_ASSERT(out.disposition == machine::Disposition::transitioned);
    snapshot = std::move(out.next);
    at = at + 1 == events.size() ? 0 : at + 1;
  }
  state.SetItemsProcessed(state.iterations());
}

void step_flat(benchmark::State& state) { run_pure(state, *flat_machine(), flat_events()); }
void step_order(benchmark::State& state) { run_pure(state, *order_machine(), order_events()); }

void run_in_place(benchmark::State& state,
                  const machine::Machine& machine,
                  const std::vector<machine::Event>& events,
                  StepOptions options) {
  const types::Value config = types::Value::map({});
  machine::Snapshot snapshot = started(machine);
  StepReport report;
  std::size_t at = 0;
  for (auto _ : state) {
    step_in_place(report, machine, snapshot, events[at], k_now, config, options);
    VOZEX_ASSERT(report.disposition == machine::Disposition::transitioned);
    at = at + 1 == events.size() ? 0 : at + 1;
  }
  state.SetItemsProcessed(state.iterations());
}

void in_place_flat(benchmark::State& state) {
  run_in_place(state, *flat_machine(), flat_events(), {.explain = state.range(0) != 0});
}
void in_place_order(benchmark::State& state) {
  run_in_place(state, *order_machine(), order_events(), {.explain = state.range(0) != 0});
}

BENCHMARK(in_place_flat)->Name("step_in_place/flat")->ArgName("explain")->Arg(0)->Arg(1);
BENCHMARK(in_place_order)->Name("step_in_place/order")->ArgName("explain")->Arg(0)->Arg(1);
BENCHMARK(step_flat)->Name("step/flat");
BENCHMARK(step_order)->Name("step/order");

}  // namespace
}  // namespace vozex::bench
