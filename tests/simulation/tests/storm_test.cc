// SPDX-License-Identifier: Apache-2.0
//
// Many runs, each a storm of its own, and the oracle after each. VOZEX_SEEDS=<n> runs n seeds of
// each kind instead of the usual number, VOZEX_FIRST_SEED=<n> begins with another one.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "tests/simulation/run.h"

namespace vozex::simulation {
namespace {

// Seeds of which it is sure that each fault is among them.
constexpr std::uint64_t k_enough = 300;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? std::strtoull(value, nullptr, 10) : otherwise;
}

void check(Settings settings, std::uint64_t seeds) {
  const std::uint64_t first = setting("VOZEX_FIRST_SEED", 1);
  seeds = setting("VOZEX_SEEDS", seeds);
  Report sum;
  for (settings.seed = first; settings.seed < first + seeds; ++settings.seed) {
    const Report report = run(settings);
    add(sum, report);
    for (const std::string& violation : report.violations) {
      ADD_FAILURE() << "seed " << settings.seed << ": " << violation;
    }
    if (!report.violations.empty()) {
      FAIL() << "what happened is shown by: build/release/vozex-sim --kind " << settings.kind
             << " --seed " << settings.seed << (settings.calm ? " --calm" : "") << " --trace";
    }
  }
  GTEST_LOG_(INFO) << seeds << " seeds: " << counts_text(sum);
  if (settings.calm || seeds < k_enough) return;
  // What a storm is said to be made of did happen.
  EXPECT_GT(sum.crashes, seeds);
  EXPECT_GT(sum.freezes, seeds);
  EXPECT_GT(sum.clock_jumps, seeds);
  EXPECT_GT(sum.database_jumps, seeds / 2);
  EXPECT_GT(sum.lost_sessions, seeds / 10) << "a process whose lease ran out while it stood still";
  EXPECT_TRUE(sum.takeovers > 0 || sum.calls == 0) << "calls of a dead process that went on";
  EXPECT_GT(sum.unknown_commits, seeds);
}

Settings of(const std::string& kind) {
  Settings settings;
  settings.kind = kind;
  return settings;
}

TEST(Storm, OrdersArePaidAndDeliveredOnce) { check(of("shop"), 1000); }
TEST(Storm, FamiliesJoinBreakAndStop) { check(of("family"), 700); }
TEST(Storm, TripsAreUndoneNewestFirst) { check(of("trip"), 700); }
TEST(Storm, DiariesKeepTheirOrder) { check(of("diary"), 1000); }
TEST(Storm, TasksHaveOneOwnerAndTheInboxAgrees) { check(of("desk"), 500); }

TEST(Storm, BatchesSayWhatTheyDidWhileOthersWorkOn) { check(of("office"), 700); }

TEST(Storm, RowsThatRotAreToldOfMendedAndLoseNothing) { check(of("attic"), 500); }

TEST(Calm, NothingGoesWrongByItself) {
  for (const std::string& kind : kind_names()) {
    SCOPED_TRACE(kind);
    Settings settings = of(kind);
    settings.calm = true;
    check(settings, 25);
  }
}

TEST(Calm, FiveHundredChildrenThreeDeepJoin) {
  Settings settings = of("family");
  settings.calm = true;
  settings.children = 500;
  check(settings, 1);
}

}  // namespace
}  // namespace vozex::simulation
