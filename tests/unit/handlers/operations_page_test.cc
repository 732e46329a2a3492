// SPDX-License-Identifier: Apache-2.0
// docs/operations.md says what an operator sees of us elsewhere.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace vozex::handlers {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(OperationsPage, NamesEachStateThatOurFunctionsRaiseInPostgres) {
  const fs::path root = VOZEX_SOURCE_DIR;
  const std::regex raised("ERRCODE = '(VZ[0-9A-Z]{3})'");
  std::set<std::string> states;
  for (const auto& entry : fs::directory_iterator(root / "migrations/postgres")) {
    const std::string sql = text_of(entry.path());
    for (std::sregex_iterator it(sql.begin(), sql.end(), raised), end; it != end; ++it)
      states.insert((*it)[1]);
  }
  ASSERT_GE(states.size(), 2u);
  const std::string page = text_of(root / "docs/operations.md");
  for (const std::string& state : states)
    EXPECT_NE(page.find("`" + state + "`"), std::string::npos) << state;
}

}  // namespace
}  // namespace vozex::handlers
