// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <sstream>

#include "tests/conformance/payments.h"
#include "tests/conformance/tests/published.h"

namespace vozex::conformance {
namespace {

TEST(PaymentConformance, EveryVectorAndPayloadOfRegisteredGateways) {
  VOZEX_NEEDS_PUBLISHED(published("payments"));
  std::ostringstream lines;
  Report report(lines);
  run_payments(published("payments").string(), report);
  EXPECT_EQ(report.failed(), 0) << lines.str();
  EXPECT_GT(report.passed(), 50);
}

}  // namespace
}  // namespace vozex::conformance
