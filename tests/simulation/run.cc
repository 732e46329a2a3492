// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/run.h"

#include <map>

#include <fmt/format.h>

#include "engine/base/assert.h"
#include "engine/language/compile.h"
#include "tests/simulation/bugs.h"
#include "tests/simulation/oracle.h"

namespace vozex::simulation {
namespace {

constexpr Duration k_storm_least{std::chrono::minutes{5}};
constexpr Duration k_storm_most{std::chrono::minutes{9}};
constexpr Duration k_look{std::chrono::minutes{1}};
// In the calm everything must come to rest in this time.
constexpr int k_calm_looks = 100;
// After that, what is wrong has time to show.
constexpr Duration k_afterwards{std::chrono::minutes{2}};
constexpr Duration k_second{std::chrono::seconds{1}};
constexpr double k_seconds_a_minute = 60;

using Machines = std::vector<machine::MachineRef>;

// Compiled once: that takes longer than a run.
const Machines& compiled(const std::vector<std::string>& texts) {
  static std::map<std::vector<std::string>, Machines> known;
  const auto found = known.find(texts);
  if (found != known.end()) return found->second;
  language::SourceSet sources;
  for (const std::string& text : texts) {
    sources.files.push_back({fmt::format("file{}.yaml", sources.files.size()), text});
  }
  language::Compilation compilation = language::compile(sources);
  if (has_errors(compilation.diagnostics)) {
    fmt::print(stderr, "{}", language::render(compilation.diagnostics, sources));
  }
  VOZEX_ASSERT(!has_errors(compilation.diagnostics));
  return known.emplace(texts, std::move(compilation.machines)).first->second;
}

class Run {
 public:
  explicit Run(const Settings& settings)
      : world_(settings.seed),
        kind_(settings.children > 0 ? make_large_family(settings.children)
                                    : make_kind(settings.kind)),
        clients_(world_, processes_) {
    VOZEX_ASSERT(kind_ != nullptr);
    world_.tracing = settings.trace;
    world_.runs_batches = kind_->runs_batches();
    machines_ = compiled(kind_->files());
    world_.definitions = std::make_shared<runtime::Definitions>(machines_, types::Value());
    if (!settings.calm) world_.faults = some_faults(world_.dice);
  }

  Report go() {
    const std::uint64_t count = 1 + world_.dice.below(3);
    for (std::uint64_t i = 1; i <= count; ++i) {
      processes_.push_back(std::make_unique<Process>(world_, fmt::format("process-{}", i)));
      processes_.back()->boot();
      revive(*processes_.back());
    }
    kind_->plan(world_, clients_);
    clients_.operate();
    deploy_later();
    const Timestamp begin = world_.agenda.now();
    const Duration storm = world_.dice.between(k_storm_least, k_storm_most);
    trouble();
    world_.agenda.run_until(begin + storm);
    calm_down();
    for (int i = 0; i < k_calm_looks && !is_at_rest(world_, *kind_, clients_); ++i) {
      world_.agenda.run_until(world_.agenda.now() + k_look);
    }
    world_.agenda.run_until(world_.agenda.now() + k_afterwards);
    return report();
  }

 private:
  // A dead process is started again.
  void revive(Process& process) {
    world_.agenda.in(world_.dice.between(k_second, 30 * k_second), [this, &process] {
      if (!process.is_alive()) process.boot();
      revive(process);
    });
  }

  void deploy_later() {
    if (kind_->later_files().empty()) return;
    world_.agenda.in(world_.dice.between(k_second, k_storm_least), [this] {
      Machines all = machines_;
      for (const auto& machine : compiled(kind_->later_files())) all.push_back(machine);
      world_.definitions = std::make_shared<runtime::Definitions>(all, types::Value());
      world_.note("operator", "deploys a version");
    });
  }

  bool happens(double a_minute) { return world_.dice.chance(a_minute / k_seconds_a_minute); }

  void trouble() {
    world_.agenda.in(k_second, [this] { trouble(); });
    const Faults& faults = world_.faults;
    Dice& dice = world_.dice;
    for (const auto& process : processes_) {
      if (happens(faults.crashes)) process->crash();
      if (happens(faults.freezes)) process->freeze(dice.between(k_second, 3 * k_lease));
      if (happens(faults.clock_jumps)) {
        const Duration most = std::chrono::hours{2};
        process->set_wall_clock(dice.between(-most, most));
      }
    }
    if (happens(faults.database_jumps)) {
      const Duration offset = dice.between(-k_database_skew, k_database_skew);
      world_.database.set_offset(offset);
      ++world_.database_jumps;
      world_.note("database", "has its clock wrong by " + format_duration(offset));
    }
    if (happens(faults.outages)) {
      world_.outside.away_until(world_.agenda.now() + dice.between(k_second, 120 * k_second));
      world_.note("outside", "is away");
    }
  }

  void calm_down() {
    world_.faults = Faults{};
    world_.database.set_offset(Duration{0});
    world_.outside.away_until(world_.agenda.now());
    world_.calm_from = world_.agenda.now();
    world_.note("", "nothing goes wrong any more");
  }

  Report report() {
    const Planting none("");
    Report report;
    report.violations = violations(world_, *kind_, clients_);
    for (const auto& process : processes_) {
      if (!process->is_idle()) report.violations.push_back("stuck: a process is not idle");
      const auto counts = process->counts();
      report.stale_groups += counts.stale_groups;
      report.transitions += counts.transitions;
      report.duplicates += counts.duplicates;
      report.parked += counts.parked;
    }
    report.trace = std::move(world_.trace);
    report.length = world_.agenda.elapsed();
    report.processes = processes_.size();
    report.commits = world_.database.commits();
    report.calls = world_.outside.calls();
    report.crashes = world_.crashes;
    report.freezes = world_.freezes;
    report.clock_jumps = world_.jumps;
    report.database_jumps = world_.database_jumps;
    report.lost_sessions = world_.lost_sessions;
    report.takeovers = world_.takeovers;
    report.unknown_commits = world_.unknown_commits;
    for (const auto& batch : world_.batches.rows()) report.batch_items += batch.applied;
    return report;
  }

  World world_;
  std::unique_ptr<Kind> kind_;
  std::vector<std::unique_ptr<Process>> processes_;
  Clients clients_;
  Machines machines_;
};

}  // namespace

Report run(const Settings& settings) {
  const Planting planted(settings.bug);
  return Run(settings).go();
}

void add(Report& sum, const Report& report) {
  sum.length += report.length;
  sum.processes += report.processes;
  sum.commits += report.commits;
  sum.transitions += report.transitions;
  sum.calls += report.calls;
  sum.crashes += report.crashes;
  sum.freezes += report.freezes;
  sum.clock_jumps += report.clock_jumps;
  sum.database_jumps += report.database_jumps;
  sum.lost_sessions += report.lost_sessions;
  sum.takeovers += report.takeovers;
  sum.unknown_commits += report.unknown_commits;
  sum.stale_groups += report.stale_groups;
  sum.duplicates += report.duplicates;
  sum.parked += report.parked;
  sum.batch_items += report.batch_items;
}

std::string counts_text(const Report& report) {
  return fmt::format(
      "{} minutes, {} processes, {} commits, {} steps, {} calls, {} crashes, {} freezes, {} clock "
      "jumps, {} of the database's, {} lost sessions, {} takeovers, {} unknown commits, {} lost "
      "races, {} duplicates, {} early events, {} items of batches",
      std::chrono::duration_cast<std::chrono::minutes>(report.length).count(),
      report.processes,
      report.commits,
      report.transitions,
      report.calls,
      report.crashes,
      report.freezes,
      report.clock_jumps,
      report.database_jumps,
      report.lost_sessions,
      report.takeovers,
      report.unknown_commits,
      report.stale_groups,
      report.duplicates,
      report.parked,
      report.batch_items);
}

}  // namespace vozex::simulation
