// SPDX-License-Identifier: Apache-2.0
//
// Runs Google Benchmarks of this program and takes their rates into the report: the best of three,
// because whatever else runs on the machine can only make them slower.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <map>

#include "tests/bench/sections.h"

namespace vozex::bench {
namespace {

class Rates final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.error_occurred || run.run_type != Run::RT_Iteration) continue;
      const auto rate = run.counters.find("items_per_second");
      if (rate == run.counters.end()) continue;
      double& best = best_[run.run_name.str()];
      best = std::max(best, static_cast<double>(rate->second));
    }
  }
  // 0 when it didn't run.
  double of(const std::string& name) const {
    const auto found = best_.find(name);
    return found != best_.end() ? found->second : 0;
  }

 private:
  std::map<std::string, double> best_;
};

Rates run(const Settings& settings, const std::string& filter) {
  std::vector<std::string> words{
      settings.self,
      "--benchmark_repetitions=3",
      settings.quick ? "--benchmark_min_time=0.1" : "--benchmark_min_time=0.5"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  Rates rates;
  benchmark::RunSpecifiedBenchmarks(&rates, filter);
  return rates;
}

void add_cel(const Rates& rates, Report& report) {
  for (const char* name : {"equal", "text", "joined", "exists"}) {
    report.add(
        std::string("cel.") + name + ".by_hand", rates.of(std::string("by_hand/") + name), "/s");
    report.add(std::string("cel.") + name,
               rates.of(std::string("cel/") + name),
               "/s",
               Goal{std::string("cel.") + name + ".by_hand", 0.5});
  }
  report.add("cel.joined.by_struct", rates.of("by_struct/joined"), "/s");
  report.add("cel.sum", rates.of("cel/sum"), "/s");
  report.add("cel.concat", rates.of("cel/concat"), "/s");
}

}  // namespace

void measure_memory(const Settings& settings, Report& report) {
  const Rates steps = run(settings, "^step(_in_place)?/");
  report.add("steps.flat", steps.of("step_in_place/flat/explain:0"), "/s", Goal{"", 10e6});
  report.add("steps.order", steps.of("step_in_place/order/explain:0"), "/s", Goal{"", 2e6});
  report.add("steps.flat.explained", steps.of("step_in_place/flat/explain:1"), "/s");
  report.add("steps.order.explained", steps.of("step_in_place/order/explain:1"), "/s");
  report.add("steps.flat.pure", steps.of("step/flat"), "/s");
  report.add("steps.order.pure", steps.of("step/order"), "/s");
  add_cel(run(settings, "^(cel|by_hand|by_struct)/"), report);
}

void measure_commit_floor(const Settings& settings, Report& report) {
  if (settings.postgres.empty()) return report.skip("commit", "VOZEX_TEST_POSTGRES is not set");
  const Rates rates = run(settings, "^store/postgres/batch:50/real_time/threads:2$");
  const double groups = rates.of("store/postgres/batch:50/real_time/threads:2");
  // An order is three groups.
  report.add("commit.orders", groups / 3, "/s", Goal{"floor.order3x50", 0.3});
}

}  // namespace vozex::bench
