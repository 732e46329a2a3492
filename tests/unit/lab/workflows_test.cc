// SPDX-License-Identifier: Apache-2.0
// Every scenario of the workflows that the project ships.
#include "tests/unit/lab/shipped.h"

namespace vozex::lab {
namespace {

TEST(Workflows, AllScenariosPass) {
  const Shipped all = shipped();
  EXPECT_TRUE(all.compiled.diagnostics.empty())
      << language::render(all.compiled.diagnostics, all.sources);
  std::size_t passed = 0;
  for (const machine::SourceFile& test : all.tests) passed += run(all.compiled, test);
  EXPECT_GE(passed, 286u) << "somebody took scenarios away";
}

// The scenario files among the ```yaml blocks of a page.
std::vector<machine::SourceFile> scenarios_of(const std::string& page) {
  const std::string text = read(fs::path(VOZEX_SOURCE_DIR) / page);
  const std::string fence = "```yaml\n";
  std::vector<machine::SourceFile> found;
  for (std::size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
    at += fence.size();
    const std::string block = text.substr(at, text.find("```", at) - at);
    if (block.starts_with("workflow:")) found.push_back({page, block});
  }
  return found;
}

TEST(Pages, TheirScenariosRun) {
  const Shipped all = shipped();
  for (const char* page : {"docs/testing.md",
                           "docs/subscriptions.md",
                           "docs/dunning.md",
                           "docs/approvals.md",
                           "docs/usage-billing.md"}) {
    const auto files = scenarios_of(page);
    ASSERT_EQ(files.size(), 1u) << page;
    EXPECT_EQ(run(all.compiled, files[0]), 1u) << page;
  }
}

}  // namespace
}  // namespace vozex::lab
