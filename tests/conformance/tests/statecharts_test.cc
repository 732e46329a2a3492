// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <iostream>

#include "tests/conformance/case_files.h"
#include "tests/conformance/tests/published.h"

namespace vozex::conformance {
namespace {

TEST(StatechartConformance, PublishedMachinesBehaveAsScxmlSays) {
  VOZEX_NEEDS_PUBLISHED(published("statecharts.json"));
  Report report(std::cout);
  run_cases(published("statecharts.json").string(), statechart_cases(), report);
  report.close();
  EXPECT_EQ(report.failed(), 0);
  EXPECT_EQ(report.skipped(), 0);
  EXPECT_GT(report.passed(), 180);
}

TEST(StatechartConformance, MachinesOfOurOwnBehaveAsScxmlSays) {
  Report report(std::cout);
  run_cases(own("statecharts.json").string(), statechart_cases(), report);
  report.close();
  EXPECT_EQ(report.failed(), 0);
  EXPECT_GT(report.passed(), 40);
}

}  // namespace
}  // namespace vozex::conformance
