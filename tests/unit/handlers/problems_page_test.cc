// SPDX-License-Identifier: Apache-2.0
// docs/problems.md against the sources: every code has a section with the statuses that it comes
// with, and every section is of a code that exists.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "api/http/problem.h"
#include "engine/lab/problem_pages.h"

namespace vozex::handlers {
namespace {

namespace fs = std::filesystem;

// What stands in the sources beside a code.
struct Use {
  std::string kind;      // a class of errors, or
  unsigned status = 0;   // a status, or neither: a class that the line doesn't say
  bool answers = false;  // in api/http and api/handlers, whose problems all go out
};
using Uses = std::map<std::string, std::vector<Use>>;

ErrorClass kind_of(const std::string& word) {
  for (int i = 1; i <= static_cast<int>(ErrorClass::corrupt); ++i) {
    const auto kind = static_cast<ErrorClass>(i);
    if (to_string(kind) == word) return kind;
  }
  ADD_FAILURE() << "no class of errors is called " << word;
  return ErrorClass::invalid;
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Functions that make an error of a code, where they are used with a code of their own.
bool has_makers(const std::string& path) {
  for (const char* folder : {"engine/step/",
                             "engine/runtime/",
                             "engine/machine/",
                             "engine/lab/starter",
                             "adapters/http/standard_webhooks",
                             "adapters/payments/paypal/signature",
                             "adapters/payments/stripe/signature",
                             "adapters/fulfillment/",
                             "adapters/catalog/pricing",
                             "api/handlers/"}) {
    if (path.starts_with(folder)) return true;
  }
  return false;
}

// What says why something can't be bought.
bool refuses_quotes(const std::string& path) {
  for (const char* file : {"adapters/catalog/coupons_adapter.cc",
                           "adapters/catalog/tax_adapter.cc",
                           "adapters/catalog/quoter.cc",
                           "api/handlers/quotes.cc",
                           "api/handlers/quote_order.cc",
                           "api/catalog_door.cc"}) {
    if (path == file) return true;
  }
  return false;
}

void read_source(const std::string& path, const std::string& text, Uses& uses) {
  static const std::regex k_made(
      "(?:ErrorClass::(\\w+)|problem\\(\\s*(\\d+)),\\s*\"([a-z0-9_]+)\"");
  static const std::regex k_maker(
      "\\b(?:refused|refuse|rejected|invalid|gone|wrong|failure)\\(\\s*(?:run,\\s*)?"
      "\"([a-z0-9]+(?:_[a-z0-9]+)+)\"");
  // Of a quote: they stand in the answer `quote_refused`.
  static const std::regex k_refusal(
      "(?:refusals\\.push_back\\(\\s*\\{|obstacles\\.push_back\\(\\s*\\{|rating_error\\(|return "
      "\\{\\{)\\s*"
      "\"([a-z]+(?:_[a-z]+)+)\"");
  const bool answers = (path.starts_with("api/http/") && !path.starts_with("api/http/server")) ||
                       path.starts_with("api/handlers/");
  const std::sregex_iterator end;
  for (std::sregex_iterator it(text.begin(), text.end(), k_made); it != end; ++it) {
    const std::string status = (*it)[2];
    uses[(*it)[3]].push_back(
        {(*it)[1], status.empty() ? 0 : static_cast<unsigned>(std::stoul(status)), answers});
  }
  if (refuses_quotes(path)) {
    for (std::sregex_iterator it(text.begin(), text.end(), k_refusal); it != end; ++it)
      uses[(*it)[1]].push_back({"", 0, false});
  }
  if (!has_makers(path)) return;
  for (std::sregex_iterator it(text.begin(), text.end(), k_maker); it != end; ++it)
    uses[(*it)[1]].push_back({"", 0, answers});
}

// Codes that are put together from words.
const char* const k_composed[] = {"instance_suspended",
                                  "download_unknown",
                                  "download_expired",
                                  "download_used_up",
                                  "download_revoked",
                                  "download_suspended",
                                  "download_unavailable",
                                  "plan_required",
                                  "plan_not_offered",
                                  "license_type_required",
                                  "license_type_not_offered",
                                  "package_required",
                                  "package_not_offered",
                                  "support_plan_not_offered",
                                  "path_required"};

Uses uses_in_the_sources() {
  Uses uses;
  const fs::path root = VOZEX_SOURCE_DIR;
  for (const char* folder : {"engine", "adapters", "api"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const std::string path = fs::relative(entry.path(), root).string();
      const std::string extension = entry.path().extension().string();
      if (extension != ".cc" && extension != ".h") continue;
      // Of simulations, and of the gateways that the sandbox plays.
      if (path.starts_with("adapters/simulated/") || path.starts_with("api/sandbox/stripe/"))
        continue;
      read_source(path, text_of(entry.path()), uses);
    }
  }
  for (const char* code : k_composed) uses[code].push_back({"", 0, false});
  return uses;
}

unsigned status_of(const std::string& code, const Use& use) {
  if (use.status != 0) return use.status;
  return http::status_of(Error{kind_of(use.kind), code, "", {}});
}

bool has(const std::vector<unsigned>& statuses, unsigned status) {
  return std::find(statuses.begin(), statuses.end(), status) != statuses.end();
}

TEST(ProblemsPage, HasASectionForEachCodeOfTheSources) {
  const Uses uses = uses_in_the_sources();
  ASSERT_GT(uses.size(), 150u) << "the sources are read in another way than they are written";
  for (const auto& [code, all] : uses)
    EXPECT_NE(lab::find_problem(code), nullptr) << "docs/problems.md lacks ### " << code;
}

TEST(ProblemsPage, HasNoSectionOfACodeThatIsNone) {
  const Uses uses = uses_in_the_sources();
  std::set<std::string_view> seen;
  for (const lab::ProblemSection& section : lab::problem_sections()) {
    EXPECT_TRUE(uses.contains(std::string(section.code))) << section.code;
    EXPECT_TRUE(seen.insert(section.code).second) << section.code << " stands there twice";
  }
}

TEST(ProblemsPage, SaysTheStatusOfEachProblem) {
  for (const auto& [code, all] : uses_in_the_sources()) {
    const lab::ProblemSection* section = lab::find_problem(code);
    if (section == nullptr) continue;
    const auto told = section->statuses();
    const bool goes_out =
        std::any_of(all.begin(), all.end(), [](const Use& use) { return use.answers; });
    EXPECT_TRUE(!goes_out || !told.empty()) << code << " goes out: say HTTP and its status";
    if (told.empty() || code.starts_with("webhook_")) continue;
    for (const Use& use : all) {
      if (use.kind.empty() && use.status == 0) continue;
      EXPECT_TRUE(has(told, status_of(code, use)))
          << code << " comes with " << status_of(code, use);
    }
  }
}

// Signatures that don't fit are 401, whatever class they have inside: docs/webhook-refusals.md.
TEST(ProblemsPage, SaysOfRefusedWebhooksWhatTheirOwnPageSays) {
  const std::string page = text_of(fs::path(VOZEX_SOURCE_DIR) / "docs/webhook-refusals.md");
  const std::regex row("\\| `([a-z_]+)` \\| (\\d+) \\|");
  std::size_t rows = 0;
  for (std::sregex_iterator it(page.begin(), page.end(), row), end; it != end; ++it, ++rows) {
    const lab::ProblemSection* section = lab::find_problem(std::string((*it)[1]));
    ASSERT_NE(section, nullptr) << (*it)[1];
    EXPECT_TRUE(has(section->statuses(), static_cast<unsigned>(std::stoul((*it)[2])))) << (*it)[1];
  }
  EXPECT_GE(rows, 10u);
}

TEST(ProblemsPage, SaysWhatItMeansAndWhatToDo) {
  for (const lab::ProblemSection& section : lab::problem_sections()) {
    EXPECT_FALSE(section.meaning().empty()) << section.code;
    EXPECT_EQ(section.meaning().find("HTTP "), std::string_view::npos) << section.code;
    EXPECT_NE(section.text.find("\n\n"), std::string_view::npos)
        << section.code << " doesn't say what to do";
  }
}

}  // namespace
}  // namespace vozex::handlers
