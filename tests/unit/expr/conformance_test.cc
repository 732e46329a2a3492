// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "tests/conformance/cel_conformance.h"

namespace vozex {
namespace {

TEST(CelConformance, EveryPublishedCasePasses) {
  const std::filesystem::path path =
      std::filesystem::path(VOZEX_SOURCE_DIR) / "../shared/conformance/cel.json";
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << "no conformance data at " << path << ": it is not part of the project";
  }
  std::ostringstream report;
  const conformance::Tally tally = conformance::run_cel(path.string(), report);
  EXPECT_EQ(tally.failed, 0) << report.str();
  EXPECT_GT(tally.passed, 900);
}

}  // namespace
}  // namespace vozex
