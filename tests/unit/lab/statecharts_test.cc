// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "tests/conformance/statecharts_conformance.h"

namespace vozex {
namespace {

TEST(Conformance, StatechartsBehaveAsScxmlSays) {
  const auto path =
      std::filesystem::path(VOZEX_SOURCE_DIR) / "../shared/conformance/statecharts.json";
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << "no conformance data at " << path << ": it is not part of the project";
  }
  const conformance::StatechartTally tally = conformance::run_statecharts(path.string(), std::cout);
  EXPECT_EQ(tally.failed, 0);
}

}  // namespace
}  // namespace vozex
