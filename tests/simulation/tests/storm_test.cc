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
