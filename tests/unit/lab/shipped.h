// SPDX-License-Identifier: Apache-2.0
//
// The workflows that the project ships, compiled, and running scenario files on them. Thread rule:
// one thread.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/lab/scenario.h"
#include "engine/language/compile.h"

namespace vozex::lab {

namespace fs = std::filesystem;

inline std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

inline std::vector<machine::SourceFile> yaml_files(const fs::path& folder) {
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

inline Shipped shipped() {
  Shipped all;
  for (machine::SourceFile& file : yaml_files(fs::path(VOZEX_SOURCE_DIR) / "workflows")) {
    const bool is_test = file.name.ends_with(".test.yaml");
    (is_test ? all.tests : all.sources.files).push_back(std::move(file));
  }
  all.compiled = language::compile(all.sources);
  return all;
}

// How many scenarios of the file passed.
inline std::size_t run(const language::Compilation& compiled, const machine::SourceFile& test) {
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

}  // namespace vozex::lab
