// SPDX-License-Identifier: Apache-2.0
//
// Every whole file in the language reference and in the README compiles: fenced yaml that begins
// with `vozex: 1`. The files of one page are compiled together, so a page can show a workflow and
// what it imports.
#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <utility>

#include "engine/language/grammar.h"
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

std::vector<std::filesystem::path> pages() {
  std::vector<std::filesystem::path> found{in_repository("docs/language.md"),
                                           in_repository("docs/tasks.md")};
  for (const auto& entry : std::filesystem::directory_iterator(in_repository("docs/language")))
    found.push_back(entry.path());
  return found;
}

TEST(LanguageReference, EveryWholeFileInItCompilesWithoutAWord) {
  std::size_t shown = 0;
  for (const auto& page : pages()) {
    const SourceSet set{examples_of(page)};
    shown += set.files.size();
    EXPECT_EQ(render(compile(set).diagnostics, set), "") << page;
  }
  EXPECT_GE(shown, 8U);
}

// Every word that stands in code on a page: `when`, {target: x}, whole examples.
std::set<std::string> words_in_code(const std::vector<std::filesystem::path>& of) {
  std::set<std::string> words;
  for (const auto& page : of) {
    const std::string text = read_file(page);
    bool code = false;
    std::string word;
    for (const char c : text + "`") {
      const bool in_word = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
      if (in_word && code) word += c;
      if (!in_word && !word.empty()) words.insert(std::exchange(word, ""));
      if (c == '`') code = !code;
    }
  }
  return words;
}

void expect_described(const Schema& schema, const std::set<std::string>& words) {
  for (const KeySpec& key : schema.keys) {
    EXPECT_TRUE(words.contains(std::string(key.name)))
        << "`" << key.name << "` of " << schema.what << " stands on no page of docs/language";
  }
}

TEST(LanguageReference, EveryKeyStandsOnAPage) {
  const std::set<std::string> words = words_in_code(pages());
  for (const Schema* schema :
       {&grammar::workflow,   &grammar::shared_types,  &grammar::adapter,
        &grammar::operation,  &grammar::business_key,  &grammar::event,
        &grammar::start,      &grammar::start_rule,    &grammar::invariant,
        &grammar::policy,     &grammar::long_type,     &grammar::state,
        &grammar::transition, &grammar::cron,          &grammar::manual_action,
        &grammar::task,       &grammar::overdue,       &grammar::escalation,
        &grammar::invoke,     &grammar::compensate,    &grammar::action,
        &grammar::emit,       &grammar::raise,         &grammar::start_instance,
        &grammar::send,       &grammar::send_to_child, &grammar::error_reply,
        &grammar::error,      &grammar::http,          &grammar::http_auth,
        &grammar::http_basic, &grammar::http_request,  &grammar::http_answer}) {
    expect_described(*schema, words);
  }
}

TEST(TestingReference, EveryKeyOfAScenarioFileStandsOnItsPage) {
  const std::set<std::string> words = words_in_code({in_repository("docs/testing.md")});
  for (const Schema* schema : {&grammar::test_file,
                               &grammar::test_defaults,
                               &grammar::scenario,
                               &grammar::step,
                               &grammar::event_step,
                               &grammar::task_step,
                               &grammar::action_step,
                               &grammar::actor,
                               &grammar::expect,
                               &grammar::expect_of,
                               &grammar::answer,
                               &grammar::answer_error}) {
    expect_described(*schema, words);
  }
}

// A link to a page that isn't there helps nobody.
TEST(LanguageReference, ItsLinksLeadSomewhere) {
  for (const auto& page : pages()) {
    const std::string text = read_file(page);
    for (std::size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at + 1)) {
      const std::string target = text.substr(at + 2, text.find(')', at) - at - 2);
      if (target.starts_with("http")) continue;
      EXPECT_TRUE(std::filesystem::exists(page.parent_path() / target))
          << page << " links to " << target;
    }
  }
}

TEST(Readme, ItsWorkflowCompilesWithoutAWord) {
  const SourceSet set{examples_of(in_repository("README.md"))};
  EXPECT_EQ(set.files.size(), 1U);
  EXPECT_EQ(render(compile(set).diagnostics, set), "");
}

}  // namespace
}  // namespace vozex::language
