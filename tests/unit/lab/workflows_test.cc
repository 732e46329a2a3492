// SPDX-License-Identifier: Apache-2.0
// Every scenario of the workflows that the project ships.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/lab/scenario.h"
#include "engine/language/compile.h"

namespace vozex::lab {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<machine::SourceFile> yaml_files(const fs::path& folder) {
  std::vector<machine::SourceFile> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    files.push_back({fs::relative(entry.path(), VOZEX_SOURCE_DIR).string(), read(entry.path())});
  }
  std::sort(
      files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

// What the project ships, compiled, and the scenarios beside it.
struct Shipped {
  language::SourceSet sources;
  std::vector<machine::SourceFile> tests;
  language::Compilation compiled;
};

Shipped shipped() {
  Shipped all;
  for (machine::SourceFile& file : yaml_files(fs::path(VOZEX_SOURCE_DIR) / "workflows")) {
    const bool is_test = file.name.ends_with(".test.yaml");
    (is_test ? all.tests : all.sources.files).push_back(std::move(file));
  }
  all.compiled = language::compile(all.sources);
  return all;
}

// How many scenarios of the file passed.
std::size_t run(const language::Compilation& compiled, const machine::SourceFile& test) {
  const ScenarioReport report = run_scenarios(compiled, test);
  EXPECT_TRUE(report.diagnostics.empty())
      << language::render(report.diagnostics, language::SourceSet{{test}});
  std::size_t passed = 0;
  for (const ScenarioResult& result : report.scenarios) {
    EXPECT_TRUE(result.passed()) << render(result);
    passed += result.passed() ? 1u : 0u;
  }
  return passed;
}

TEST(Workflows, AllScenariosPass) {
  const Shipped all = shipped();
  EXPECT_TRUE(all.compiled.diagnostics.empty())
      << language::render(all.compiled.diagnostics, all.sources);
  std::size_t passed = 0;
  for (const machine::SourceFile& test : all.tests) passed += run(all.compiled, test);
  EXPECT_GE(passed, 265u) << "somebody took scenarios away";
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
