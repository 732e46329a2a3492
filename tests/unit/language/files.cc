// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/language/files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace vozex::language {

std::filesystem::path in_repository(const std::string& path) {
  return std::filesystem::path(VOZEX_SOURCE_DIR) / path;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
}

std::vector<machine::SourceFile> yaml_files(const std::filesystem::path& folder) {
  std::vector<machine::SourceFile> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml")
      files.push_back({entry.path().filename(), read_file(entry.path())});
  }
  std::sort(
      files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

std::string diagnose_text(const std::string& text) {
  const SourceSet set{{{"test.yaml", text}}};
  return render(compile(set).diagnostics, set);
}

machine::MachineRef compile_text_alone(const std::string& text) {
  const SourceSet set{{{"test.yaml", text}}};
  const Compilation result = compile(set);
  EXPECT_FALSE(has_errors(result.diagnostics)) << render(result.diagnostics, set);
  return result.machines.empty() ? nullptr : result.machines.front();
}

}  // namespace vozex::language
