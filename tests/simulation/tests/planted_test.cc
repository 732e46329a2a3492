// SPDX-License-Identifier: Apache-2.0
//
// The simulation finds what it should: each planted bug within a bounded number of seeds, by the
// rule that README.md names, while the same seeds are clean without it.
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "tests/simulation/bugs.h"
#include "tests/simulation/run.h"

namespace vozex::simulation {
namespace {

constexpr std::uint64_t k_most_seeds = 400;

bool is_clean(const std::string& kind, std::uint64_t seed) {
  static std::map<std::pair<std::string, std::uint64_t>, bool> known;
  const auto [entry, is_new] = known.try_emplace({kind, seed}, false);
  if (is_new) {
    Settings settings;
    settings.kind = kind;
    settings.seed = seed;
    entry->second = run(settings).violations.empty();
  }
  return entry->second;
}

class Planted : public testing::TestWithParam<Bug> {};

TEST_P(Planted, IsFound) {
  const Bug& bug = GetParam();
  Settings settings;
  settings.kind = bug.kind;
  settings.bug = bug.name;
  std::string others;
  for (settings.seed = 1; settings.seed <= k_most_seeds; ++settings.seed) {
    ASSERT_TRUE(is_clean(bug.kind, settings.seed)) << "without the bug, seed " << settings.seed;
    for (const std::string& violation : run(settings).violations) {
      if (violation.starts_with(std::string(bug.rule) + ": ")) {
        GTEST_LOG_(INFO) << "seed " << settings.seed << ": " << violation.substr(0, 200);
        return;
      }
      others = violation;
    }
  }
  FAIL() << bug.name << " is not found in " << k_most_seeds << " seeds by the rule " << bug.rule
         << (others.empty() ? "" : "; but: " + others);
}

std::string name_of(const testing::TestParamInfo<Bug>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Bugs, Planted, testing::ValuesIn(bugs()), name_of);

// A line of the table: | `name` | what it breaks | rule |
TEST(Bugs, StandInTheReadme) {
  std::ifstream file(VOZEX_SOURCE_DIR "/tests/simulation/README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  ASSERT_FALSE(readme.empty());
  for (const Bug& bug : bugs()) {
    const std::string line =
        std::string("| `") + bug.name + "` | " + bug.breaks + " | " + bug.rule + " |";
    EXPECT_NE(readme.find(line), std::string::npos) << line;
  }
}

// The product has no switch: it is built without it.
TEST(Bugs, AreOffUnlessPlanted) {
  EXPECT_FALSE(planted::is_on("etag_not_compared"));
  {
    const Planting planting("etag_not_compared");
    EXPECT_TRUE(planted::is_on("etag_not_compared"));
    EXPECT_FALSE(planted::is_on("history_gap"));
    const Planting none("");
    EXPECT_FALSE(planted::is_on("etag_not_compared"));
  }
  EXPECT_FALSE(planted::is_on("etag_not_compared"));
}

}  // namespace
}  // namespace vozex::simulation
