// SPDX-License-Identifier: Apache-2.0
//
// Every whole file in the language reference and in the README compiles: fenced yaml that begins
// with `vozex: 1`. The files of one page are compiled together, so a page can show a workflow and
// what it imports.
#include <gtest/gtest.h>

#include "tests/unit/language/files.h"

namespace vozex::language {
namespace {

std::vector<machine::SourceFile> examples_of(const std::filesystem::path& page) {
  std::vector<machine::SourceFile> examples;
  const std::string text = read_file(page);
  const std::string fence = "```yaml\n";
  for (std::size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
    const std::size_t begin = at + fence.size();
    const std::size_t end = text.find("```", begin);
    const std::string example = text.substr(begin, end - begin);
    const std::string name = page.filename().string() + "#" + std::to_string(examples.size() + 1);
    if (example.starts_with("vozex: 1")) examples.push_back({name, example});
    at = end;
  }
  return examples;
}

TEST(LanguageReference, EveryWholeFileInItCompilesWithoutAWord) {
  std::size_t shown = 0;
  for (const auto& entry : std::filesystem::directory_iterator(in_repository("docs/language"))) {
    const SourceSet set{examples_of(entry.path())};
    shown += set.files.size();
    EXPECT_EQ(render(compile(set).diagnostics, set), "") << entry.path();
  }
  EXPECT_GE(shown, 8U);
}

TEST(Readme, ItsWorkflowCompilesWithoutAWord) {
  const SourceSet set{examples_of(in_repository("README.md"))};
  EXPECT_EQ(set.files.size(), 1U);
  EXPECT_EQ(render(compile(set).diagnostics, set), "");
}

}  // namespace
}  // namespace vozex::language
