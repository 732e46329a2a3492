// SPDX-License-Identifier: Apache-2.0
//
// One run: everything goes wrong for a while, then nothing does, until all has come to rest; then
// the oracle looks. Equal settings give equal reports, to the byte.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/kinds.h"

namespace vozex::simulation {

struct Settings {
  std::string kind = "shop";
  std::uint64_t seed = 1;
  std::string bug;  // "" none
  bool trace = false;
  bool calm = false;  // no faults at all
  int children = 0;   // not 0: a family of so many
};

struct Report {
  std::vector<std::string> violations;
  std::string trace;
  Duration length{0};  // simulated
  std::uint64_t processes = 0;
  std::uint64_t commits = 0;
  std::uint64_t transitions = 0;
  std::uint64_t calls = 0;
  std::uint64_t crashes = 0;
  std::uint64_t freezes = 0;
  std::uint64_t clock_jumps = 0;
  std::uint64_t database_jumps = 0;
  std::uint64_t lost_sessions = 0;  // processes that found themselves taken for dead
  std::uint64_t takeovers = 0;      // calls and messages that went to an heir
  std::uint64_t unknown_commits = 0;
  std::uint64_t stale_groups = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t parked = 0;
  std::uint64_t batch_items = 0;  // done
};

Report run(const Settings& settings);

// "41 commits, ...", the same for sums of reports.
std::string counts_text(const Report& report);
void add(Report& sum, const Report& report);

}  // namespace vozex::simulation
