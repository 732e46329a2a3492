// SPDX-License-Identifier: Apache-2.0
//
// Every code has its page, every page its code, and the table is in order.
#include "engine/language/codes.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "engine/expr/problems.h"
#include "tests/unit/language/files.h"

namespace vozex::language {
namespace {

std::set<std::string> known_codes() {
  std::set<std::string> ids;
  for (const Code& code : all_codes()) ids.emplace(code.id);
  for (const auto& entry : expr::k_code_meanings) ids.emplace(entry.code);
  return ids;
}

TEST(Codes, AreUniqueAndSorted) {
  std::string_view before;
  for (const Code& code : all_codes()) {
    EXPECT_LT(before, code.id);
    EXPECT_FALSE(code.meaning.empty());
    before = code.id;
  }
}

TEST(Codes, EachHasAPageThatNamesItAndSaysHowToFixIt) {
  for (const std::string& id : known_codes()) {
    const std::string page = read_file(in_repository("docs/errors/" + id + ".md"));
    EXPECT_TRUE(page.starts_with("# " + id + ": ")) << "docs/errors/" << id << ".md";
    EXPECT_NE(page.find("## How to fix it"), std::string::npos) << id;
  }
}

TEST(Codes, PagesCarryTheMeaningOfTheTable) {
  for (const Code& code : all_codes()) {
    const std::string page =
        read_file(in_repository("docs/errors/" + std::string(code.id) + ".md"));
    const std::string title = "# " + std::string(code.id) + ": " + std::string(code.meaning) + "\n";
    EXPECT_TRUE(page.starts_with(title)) << "expected the title " << title;
  }
}

TEST(Codes, EveryPageOfADiagnosticHasItsCode) {
  const std::set<std::string> known = known_codes();
  for (const auto& entry : std::filesystem::directory_iterator(in_repository("docs/errors"))) {
    const std::string name = entry.path().stem();
    if (name.starts_with("VZ")) {
      EXPECT_TRUE(known.contains(name)) << entry.path();
    }
  }
}

// A code that no wrong file shows is a code that nobody has read.
TEST(Codes, AlmostAllAreShownByAGoldenFile) {
  // Made by tests instead: a file that is too large, not text, or has too many states.
  const std::set<std::string> elsewhere{"VZ0019", "VZ0020", "VZ0111", "VZ0130"};
  std::string all;
  for (const auto& entry :
       std::filesystem::directory_iterator(in_repository("tests/golden/diagnostics"))) {
    if (entry.path().extension() == ".expected") all += read_file(entry.path());
  }
  for (const Code& code : all_codes()) {
    const bool shown = all.find("[" + std::string(code.id) + "]") != std::string::npos;
    EXPECT_TRUE(shown || elsewhere.contains(std::string(code.id))) << code.id;
  }
}

}  // namespace
}  // namespace vozex::language
