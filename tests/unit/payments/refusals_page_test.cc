// SPDX-License-Identifier: Apache-2.0
// docs/webhook-refusals.md says what each refusal means: every code of the sources, no other.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace vozex::payments {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::set<std::string> found(const std::string& text, const std::string& pattern) {
  std::set<std::string> words;
  const std::regex expression(pattern);
  for (std::sregex_iterator it(text.begin(), text.end(), expression), end; it != end; ++it)
    words.insert((*it)[1]);
  return words;
}

TEST(WebhookRefusals, EachCodeHasItsLine) {
  const fs::path source = VOZEX_SOURCE_DIR;
  std::set<std::string> codes;
  for (const char* folder : {"adapters/http", "adapters/payments"}) {
    for (const auto& entry : fs::recursive_directory_iterator(source / folder)) {
      if (entry.path().extension() == ".cc")
        codes.merge(found(text_of(entry.path()), "\"(webhook_[a-z_]+)\""));
    }
  }
  for (const char* setting : {"webhook_ids", "webhook_secrets"}) codes.erase(setting);
  ASSERT_GE(codes.size(), 10u);
  auto told = found(text_of(source / "docs/webhook-refusals.md"), "\\| `([a-z_]+)` \\|");
  told.erase("gateway_unavailable");
  EXPECT_EQ(told, codes);
}

}  // namespace
}  // namespace vozex::payments
