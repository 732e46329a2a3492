// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/starter.h"

#include <algorithm>

#include "engine/base/assert.h"
#include "engine/base/text.h"
#include "engine/base/time.h"

namespace vozex::lab {
namespace {

constexpr std::size_t k_longest_name = 60;

bool is_name(const std::string& text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && text.size() <= k_longest_name && text.front() >= 'a' &&
         text.front() <= 'z' && std::all_of(text.begin(), text.end(), plain);
}

std::string title_of(const std::string& name) {
  std::string title = name;
  std::replace(title.begin(), title.end(), '_', ' ');
  title.front() = static_cast<char>(title.front() - 'a' + 'A');
  return title;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

// Takes the marks off; false when one of them doesn't hold.
bool take_marks(std::string_view& line, bool deadline, bool role) {
  bool holds = true;
  while (line.size() >= 3 && (line[0] == '?' || line[0] == '!') &&
         (line[1] == 'd' || line[1] == 'r') && line[2] == ' ') {
    const bool there = line[1] == 'd' ? deadline : role;
    holds = holds && there == (line[0] == '?');
    line.remove_prefix(3);
  }
  return holds;
}

// The template of this name, filled.
std::string filled(const std::string& name, const StarterAnswers& answers) {
  const auto& all = starter_templates();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
  VOZEX_ASSERT(found != all.end());
  std::string_view text = found->text;
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (take_marks(line, !answers.deadline.empty(), !answers.role.empty()))
      out.append(line).append("\n");
  }
  replace_all(out, "{{name}}", answers.name);
  replace_all(out, "{{title}}", title_of(answers.name));
  replace_all(out, "{{deadline}}", answers.deadline);
  replace_all(out, "{{role}}", answers.role);
  return out;
}

Failure wrong(const char* code, std::string message) {
  return fail(ErrorClass::invalid, code, std::move(message));
}

}  // namespace

const std::vector<StarterKind>& starter_kinds() {
  static const std::vector<StarterKind> kinds{
      {"order", "placed, paid, packed, delivered", "7d", "warehouse"},
      {"approval", "a request that somebody decides on", "14d", "managers"},
      {"subscription", "renewed, past due, paused, ended", "14d", "billing"},
      {"ticket", "reported, answered, solved", "3d", "support"},
      {"blank", "one state, one event", "30d", "ops"},
  };
  return kinds;
}

const StarterKind* find_starter_kind(std::string_view name) {
  for (const StarterKind& kind : starter_kinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

Result<Starter> make_starter(const StarterAnswers& answers) {
  if (!is_name(answers.name)) {
    return wrong("bad_name",
                 "expected a name of small letters, digits and _, such as expense_report, got \"" +
                     answers.name.substr(0, k_longest_name) + "\"");
  }
  const StarterKind* kind = find_starter_kind(answers.kind);
  if (kind == nullptr) {
    std::vector<std::string> names;
    for (const StarterKind& one : starter_kinds()) names.emplace_back(one.name);
    return wrong("unknown_kind",
                 "there is no starter \"" + answers.kind + "\": expected " + join_or(names));
  }
  if (!answers.deadline.empty()) {
    const auto deadline = parse_duration(answers.deadline);
    constexpr Duration k_shortest = std::chrono::minutes(1);
    if (!deadline || *deadline < k_shortest) {
      return wrong("bad_deadline",
                   "expected a duration of a minute or more, such as 14d or 36h, got \"" +
                       answers.deadline + "\"");
    }
  }
  if (!answers.role.empty() && !is_name(answers.role)) {
    return wrong("bad_role",
                 "expected a role of small letters, digits and _, got \"" + answers.role + "\"");
  }
  return Starter{filled(answers.kind + ".yaml", answers),
                 filled(answers.kind + ".test.yaml", answers)};
}

}  // namespace vozex::lab
