// SPDX-License-Identifier: Apache-2.0
// The repository keeps the include table of ARCHITECTURE.md. Rules: table.cc.
#include <gtest/gtest.h>

#include "tests/unit/layering/checker.h"

namespace vozex::layering {
namespace {

TEST(Layering, TheRepositoryKeepsItsTable) {
  const TreeReport report = check_tree(VOZEX_SOURCE_DIR);
  EXPECT_GT(report.files, 0U);
  for (const Finding& finding : report.findings) ADD_FAILURE() << to_text(finding);
}

}  // namespace
}  // namespace vozex::layering
