// SPDX-License-Identifier: Apache-2.0
//
// vozex-sim: runs the simulation by hand. Exit code 0: no violation; 1: one seed at least has some;
// 2: usage.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "tests/simulation/bugs.h"
#include "tests/simulation/run.h"

namespace {

using vozex::simulation::Report;
using vozex::simulation::Settings;

struct Range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

std::optional<Range> range_of(const std::string& text) {
  Range range;
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) return std::nullopt;
  const char* end = text.data() + text.size();
  const auto a = std::from_chars(text.data(), text.data() + dots, range.first);
  const auto b = std::from_chars(text.data() + dots + 2, end, range.last);
  if (a.ptr != text.data() + dots || b.ptr != end || range.first > range.last) return std::nullopt;
  return range;
}

std::string again(const Settings& settings) {
  std::string command = fmt::format("vozex-sim --kind {} --seed {}", settings.kind, settings.seed);
  if (!settings.bug.empty()) command += " --bug " + settings.bug;
  if (settings.calm) command += " --calm";
  return command + " --trace";
}

bool is_clean(const Settings& settings, const Report& report) {
  fmt::print("{}", report.trace);
  for (const std::string& violation : report.violations) {
    fmt::print("{} seed {}: {}\n", settings.kind, settings.seed, violation);
  }
  return report.violations.empty();
}

int run_one(const Settings& settings) {
  const Report report = vozex::simulation::run(settings);
  const bool clean = is_clean(settings, report);
  fmt::print("{} seed {}: {}: {}\n",
             settings.kind,
             settings.seed,
             clean ? "no violation" : fmt::format("{} violations", report.violations.size()),
             counts_text(report));
  return clean ? 0 : 1;
}

int run_all(Settings settings, const Range& range) {
  Report sum;
  std::uint64_t failed = 0;
  for (settings.seed = range.first; settings.seed <= range.last; ++settings.seed) {
    const Report report = vozex::simulation::run(settings);
    add(sum, report);
    if (is_clean(settings, report)) continue;
    ++failed;
    fmt::print("see it with: {}\n", again(settings));
  }
  fmt::print("{}: {} of {} seeds have violations: {}\n",
             settings.kind,
             failed,
             range.last - range.first + 1,
             counts_text(sum));
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Runs the engine's core on simulated time from a seed, and judges what came of it.");
  Settings settings;
  std::string seeds;
  bool list = false;
  app.add_option("--kind", settings.kind, "what is simulated")
      ->check(CLI::IsMember(vozex::simulation::kind_names()))
      ->capture_default_str();
  auto* one = app.add_option("--seed", settings.seed, "one run")->capture_default_str();
  app.add_option("--seeds", seeds, "many runs: FIRST..LAST")->excludes(one);
  app.add_option("--bug", settings.bug, "a planted bug; --bugs lists them");
  app.add_flag("--trace", settings.trace, "print what happens");
  app.add_flag("--calm", settings.calm, "nothing goes wrong");
  app.add_flag("--bugs", list, "list the bugs that can be planted");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (list) {
    for (const auto& bug : vozex::simulation::bugs()) {
      fmt::print("{:28} {:7} {}\n", bug.name, bug.kind, bug.breaks);
    }
    return 0;
  }
  if (!settings.bug.empty() && vozex::simulation::find_bug(settings.bug) == nullptr) {
    fmt::print(stderr, "there is no planted bug {}: --bugs lists them\n", settings.bug);
    return 2;
  }
  if (seeds.empty()) return run_one(settings);
  const auto range = range_of(seeds);
  if (!range) {
    fmt::print(stderr, "--seeds: expected FIRST..LAST, got {}\n", seeds);
    return 2;
  }
  return run_all(settings, *range);
}
