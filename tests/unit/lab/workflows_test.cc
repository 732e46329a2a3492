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

TEST(Workflows, AllScenariosPass) {
  language::SourceSet sources;
  std::vector<machine::SourceFile> tests;
  for (machine::SourceFile& file : yaml_files(fs::path(VOZEX_SOURCE_DIR) / "workflows")) {
    const bool is_test = file.name.ends_with(".test.yaml");
    (is_test ? tests : sources.files).push_back(std::move(file));
  }
  const language::Compilation compiled = language::compile(sources);
  EXPECT_FALSE(has_errors(compiled.diagnostics)) << language::render(compiled.diagnostics, sources);
  std::size_t passed = 0;
  for (const machine::SourceFile& test : tests) {
    const ScenarioReport report = run_scenarios(compiled, test);
    language::SourceSet quoted{{test}};
    EXPECT_TRUE(report.diagnostics.empty()) << language::render(report.diagnostics, quoted);
    for (const ScenarioResult& result : report.scenarios) {
      EXPECT_TRUE(result.passed()) << render(result);
      passed += result.passed() ? 1u : 0u;
    }
  }
  std::cout << passed << " scenarios passed\n";
}

}  // namespace
}  // namespace vozex::lab
