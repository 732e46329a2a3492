// SPDX-License-Identifier: Apache-2.0
//
// Runs of the whole runtime from a seed, with everything going wrong for a while and then coming to
// rest. A failing seed is repeated with VOZEX_SEED=<n>, which also prints what happened.
// VOZEX_SEEDS=<n> sets how many are run.
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/language/compile.h"
#include "tests/simulation/clients.h"
#include "tests/simulation/oracle.h"
#include "tests/simulation/process.h"
#include "tests/simulation/shop_files.h"

namespace vozex::simulation {
namespace {

constexpr Duration k_stormy{std::chrono::minutes{10}};
constexpr Duration k_calm{std::chrono::minutes{80}};

std::vector<machine::MachineRef> machines() {
  language::SourceSet sources;
  sources.files = {{"bank.yaml", k_bank_file},
                   {"shop.yaml", k_shop_file},
                   {"parcel.yaml", k_parcel_file},
                   {"ledger.yaml", k_ledger_file},
                   {"round.yaml", k_round_file}};
  language::Compilation compilation = language::compile(sources);
  EXPECT_FALSE(has_errors(compilation.diagnostics))
      << language::render(compilation.diagnostics, sources);
  return compilation.machines;
}

const char* setting(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

struct Shape {
  int processes = 2;
  int orders = 25;
  int campaigns = 6;
  Faults faults;
};

struct Outcome {
  std::vector<std::string> violations;
  std::vector<std::string> trace;
  std::uint64_t crashes = 0;
  std::uint64_t freezes = 0;
  std::uint64_t unknown_commits = 0;
  std::uint64_t commits = 0;
  std::uint64_t stale = 0;
  std::uint64_t calls = 0;
};

void revive(World& world, Process& process) {
  world.agenda.in(world.dice.between(std::chrono::seconds{1}, std::chrono::seconds{30}),
                  [&world, &process] {
                    if (!process.is_alive()) process.boot();
                    revive(world, process);
                  });
}

Outcome run(std::uint64_t seed, const Shape& shape, const std::vector<machine::MachineRef>& all) {
  World world(seed);
  world.tracing = setting("VOZEX_SEED") != nullptr;
  world.faults = shape.faults;
  world.definitions = std::make_shared<runtime::Definitions>(all, types::Value());
  std::vector<std::unique_ptr<Process>> processes;
  for (int i = 0; i < shape.processes; ++i) {
    processes.push_back(std::make_unique<Process>(world, "process " + std::to_string(i)));
    processes.back()->boot();
    revive(world, *processes.back());
  }
  world.calm_from = world.agenda.now() + k_stormy;
  Clients clients(world, processes);
  clients.plan(shape.orders, shape.campaigns, std::chrono::minutes{5});
  world.agenda.run_until(world.agenda.now() + k_stormy);
  world.faults = Faults{};
  world.agenda.run_until(world.agenda.now() + k_calm);
  Outcome outcome;
  outcome.violations = violations(world, clients);
  for (const auto& [id, error] : clients.refused()) {
    outcome.violations.push_back("refused: " + id + ": " + error.message);
  }
  for (const auto& process : processes) {
    if (!process->is_idle()) outcome.violations.push_back("a process is not idle");
    outcome.stale += process->counts().stale_groups;
  }
  outcome.trace = world.trace;
  outcome.crashes = world.crashes;
  outcome.freezes = world.freezes;
  outcome.unknown_commits = world.unknown_commits;
  outcome.commits = world.store.commits();
  outcome.calls = world.outside.calls();
  return outcome;
}

void check(const Shape& shape, int seeds) {
  const auto all = machines();
  ASSERT_EQ(all.size(), 4u);
  std::uint64_t first = 1;
  if (const char* only = setting("VOZEX_SEED")) {
    first = std::strtoull(only, nullptr, 10);
    seeds = 1;
  } else if (const char* count = setting("VOZEX_SEEDS")) {
    seeds = std::atoi(count);
  }
  Outcome sum;
  for (std::uint64_t seed = first; seed < first + static_cast<std::uint64_t>(seeds); ++seed) {
    const Outcome outcome = run(seed, shape, all);
    if (!outcome.violations.empty()) {
      for (const std::string& line : outcome.trace) GTEST_LOG_(INFO) << line;
      for (const std::string& text : outcome.violations) {
        ADD_FAILURE() << "seed " << seed << ": " << text;
      }
      return;
    }
    sum.crashes += outcome.crashes;
    sum.freezes += outcome.freezes;
    sum.unknown_commits += outcome.unknown_commits;
    sum.commits += outcome.commits;
    sum.stale += outcome.stale;
    sum.calls += outcome.calls;
  }
  GTEST_LOG_(INFO) << seeds << " seeds: " << sum.commits << " commits, " << sum.calls << " calls, "
                   << sum.crashes << " crashes, " << sum.freezes << " freezes, "
                   << sum.unknown_commits << " unknown commits, " << sum.stale << " stale groups";
}

TEST(Simulation, WithoutFaultsEveryOrderEnds) { check({1, 25, 6, {}}, 5); }

TEST(Simulation, TwoProcessesShareTheWork) { check({2, 25, 6, {}}, 5); }

TEST(Simulation, DuplicatesAndFailingAdapters) {
  Faults faults;
  faults.duplicate = 0.5;
  faults.adapter_error = 0.3;
  faults.adapter_unknown = 0.2;
  faults.ask_unclear = 0.3;
  check({1, 25, 6, faults}, 20);
}

TEST(Simulation, UnknownCommitsAndAnAbsentStore) {
  Faults faults;
  faults.duplicate = 0.3;
  faults.commit_lost_before = 0.1;
  faults.commit_lost_after = 0.1;
  faults.unavailable = 0.1;
  check({2, 25, 6, faults}, 20);
}

TEST(Simulation, ProcessesThatCrashAndFreeze) {
  Faults faults;
  faults.duplicate = 0.3;
  faults.crash = 0.02;
  faults.freeze = 0.02;
  check({2, 25, 6, faults}, 20);
}

TEST(Simulation, EverythingAtOnce) {
  Faults faults;
  faults.duplicate = 0.4;
  faults.crash = 0.01;
  faults.freeze = 0.02;
  faults.commit_lost_before = 0.03;
  faults.commit_lost_after = 0.03;
  faults.unavailable = 0.03;
  faults.adapter_error = 0.2;
  faults.adapter_unknown = 0.15;
  faults.ask_unclear = 0.3;
  check({3, 30, 8, faults}, 40);
}

}  // namespace
}  // namespace vozex::simulation
