// SPDX-License-Identifier: Apache-2.0
// The workflow and the scenarios of docs/tasks.md, compiled and run as they stand there.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "engine/lab/scenario.h"

namespace vozex::lab {
namespace {

// The n-th ```yaml block of the page.
std::string example(std::size_t n) {
  std::ifstream in(VOZEX_SOURCE_DIR "/docs/tasks.md");
  const std::string page(std::istreambuf_iterator<char>(in), {});
  const std::string fence = "```yaml\n";
  std::size_t at = page.find(fence);
  for (std::size_t i = 0; i < n && at != std::string::npos; ++i) at = page.find(fence, at + 1);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + fence.size();
  return page.substr(begin, page.find("```", begin) - begin);
}

TEST(TasksPage, ItsScenariosPass) {
  const language::SourceSet sources{{{"expense.yaml", example(0)}}};
  const language::Compilation compiled = language::compile(sources);
  ASSERT_FALSE(has_errors(compiled.diagnostics)) << language::render(compiled.diagnostics, sources);
  const ScenarioReport report = run_scenarios(compiled, {"expense.test.yaml", example(1)});
  language::SourceSet none;
  EXPECT_TRUE(report.passed()) << language::render(report.diagnostics, none)
                               << (report.scenarios.empty() ? "" : render(report.scenarios[0]));
  EXPECT_EQ(report.scenarios.size(), 1u);
}

}  // namespace
}  // namespace vozex::lab
