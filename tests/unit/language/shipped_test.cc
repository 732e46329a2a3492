// SPDX-License-Identifier: Apache-2.0
//
// What ships is what authors learn from: no error and no warning in it, but those that a file
// silences with its reason. The sketches are real lifecycles written before the checks: what is
// said of them is pinned, and each line of it has been read and found true.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/unit/language/files.h"

namespace vozex::language {
namespace {

std::vector<machine::SourceFile> all_yaml_below(const std::string& folder) {
  std::vector<machine::SourceFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(in_repository(folder))) {
    if (entry.path().extension() == ".yaml")
      files.push_back({entry.path().filename(), read_file(entry.path())});
  }
  return files;
}

TEST(Shipped, WorkflowsAndExamplesAreFreeOfWarnings) {
  SourceSet set{all_yaml_below("workflows")};
  EXPECT_GE(set.files.size(), 6U);
  for (auto& file : all_yaml_below("examples")) set.files.push_back(std::move(file));
  EXPECT_EQ(render(compile(set).diagnostics, set), "");
}

TEST(Shipped, WarningsOfTheSketchesAreThese) {
  const SourceSet set{yaml_files(in_repository("tests/golden/sketches"))};
  const std::string said = render(compile(set).diagnostics, set);
  const auto expected = in_repository("tests/golden/sketches/warnings.expected");
  const char* update = std::getenv("VOZEX_UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") write_file(expected, said);
  EXPECT_EQ(said, read_file(expected)) << "VOZEX_UPDATE_GOLDEN=1 accepts this";
}

}  // namespace
}  // namespace vozex::language
