// SPDX-License-Identifier: Apache-2.0
//
// The whole text that an author gets for a wrong file: tests/golden/diagnostics/NAME.yaml ->
// NAME.expected, compiled together with the correct files of tests/golden/diagnostics/shared.
// VOZEX_UPDATE_GOLDEN=1 rewrites the expected texts: read the diff as the author would.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/unit/language/files.h"

namespace vozex::language {
namespace {

const std::filesystem::path k_folder = in_repository("tests/golden/diagnostics");

bool updating() {
  const char* flag = std::getenv("VOZEX_UPDATE_GOLDEN");
  return flag != nullptr && std::string(flag) == "1";
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, SaysExactlyThis) {
  SourceSet set{yaml_files(k_folder / "shared")};
  const std::string name = GetParam();
  set.files.push_back({name + ".yaml", read_file(k_folder / (name + ".yaml"))});
  const std::string said = render(compile(set).diagnostics, set);
  const std::filesystem::path expected = k_folder / (name + ".expected");
  if (updating()) write_file(expected, said);
  EXPECT_EQ(said, read_file(expected)) << "VOZEX_UPDATE_GOLDEN=1 accepts this";
  EXPECT_NE(said, "") << "a wrong file must be refused or warned about";
}

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const auto& file : yaml_files(k_folder))
    names.push_back(file.name.substr(0, file.name.size() - 5));
  return names;
}

INSTANTIATE_TEST_SUITE_P(Diagnostics, Golden, testing::ValuesIn(cases()), [](const auto& golden) {
  return golden.param;
});

TEST(GoldenFiles, EveryExpectedTextHasItsFile) {
  for (const auto& entry : std::filesystem::directory_iterator(k_folder)) {
    if (entry.path().extension() != ".expected") continue;
    EXPECT_TRUE(
        std::filesystem::exists(std::filesystem::path(entry.path()).replace_extension(".yaml")))
        << entry.path();
  }
}

TEST(GoldenFiles, TheSharedOnesAreCorrect) {
  const SourceSet set{yaml_files(k_folder / "shared")};
  EXPECT_EQ(render(compile(set).diagnostics, set), "");
}

}  // namespace
}  // namespace vozex::language
