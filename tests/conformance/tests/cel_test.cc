// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <sstream>

#include "tests/conformance/case_files.h"
#include "tests/conformance/tests/published.h"

namespace vozex::conformance {
namespace {

TEST(CelConformance, EveryPublishedCasePasses) {
  VOZEX_NEEDS_PUBLISHED(published("cel.json"));
  std::ostringstream lines;
  Report report(lines);
  run_cases(published("cel.json").string(), cel_cases(), report);
  EXPECT_EQ(report.failed(), 0) << lines.str();
  EXPECT_GT(report.passed(), 900);
}

TEST(CelConformance, EveryCaseOfOurOwnPasses) {
  std::ostringstream lines;
  Report report(lines);
  run_cases(own("cel.json").string(), cel_cases(), report);
  EXPECT_EQ(report.failed(), 0) << lines.str();
  EXPECT_GT(report.passed(), 150);
}

}  // namespace
}  // namespace vozex::conformance
