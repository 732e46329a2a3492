// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/problem_pages.h"

#include <algorithm>
#include <utility>

#include "engine/base/text.h"
#include "engine/lab/error_pages.h"

namespace vozex::lab {
namespace {

constexpr std::string_view k_heading = "\n### ";
constexpr std::string_view k_group = "\n## ";
constexpr std::string_view k_status = "HTTP ";
constexpr std::size_t k_longest_word = 64;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == '\n') text.remove_prefix(1);
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  return text;
}

std::vector<ProblemSection> sections_of(std::string_view page) {
  std::vector<ProblemSection> sections;
  std::size_t at = page.find(k_heading);
  while (at != std::string_view::npos) {
    const std::size_t name = at + k_heading.size();
    const std::size_t line = std::min(page.find('\n', name), page.size());
    const std::size_t next = page.find(k_heading, line);
    const std::size_t end = std::min({next, page.find(k_group, line), page.size()});
    sections.push_back({page.substr(name, line - name), trimmed(page.substr(line, end - line))});
    at = next;
  }
  return sections;
}

// "HTTP 404, 503" of "HTTP 404, 503. There is..."; empty without.
std::string_view status_text(std::string_view text) {
  return text.starts_with(k_status) ? text.substr(0, text.find('.')) : std::string_view();
}

}  // namespace

std::vector<unsigned> ProblemSection::statuses() const {
  std::vector<unsigned> out;
  unsigned number = 0;
  for (const char c : status_text(text)) {
    const bool digit = c >= '0' && c <= '9';
    if (digit) number = number * 10 + static_cast<unsigned>(c - '0');
    if (!digit && number != 0) out.push_back(std::exchange(number, 0));
  }
  if (number != 0) out.push_back(number);
  return out;
}

std::string_view ProblemSection::meaning() const {
  std::string_view first = text.substr(0, text.find("\n\n"));
  const std::size_t status = status_text(text).size();
  if (status != 0) first.remove_prefix(std::min(first.size(), status + 2));
  return first;
}

const std::vector<ProblemSection>& problem_sections() {
  static const std::vector<ProblemSection> sections = sections_of(problem_documents().front().text);
  return sections;
}

const ProblemSection* find_problem(std::string_view code) {
  for (const ProblemSection& section : problem_sections()) {
    if (section.code == code) return &section;
  }
  return nullptr;
}

std::vector<const ProblemSection*> problems_near(std::string_view word) {
  const std::string_view wanted = word.substr(0, k_longest_word);
  constexpr std::size_t k_bound = 2;
  std::vector<const ProblemSection*> near;
  for (std::size_t distance = 1; distance <= k_bound; ++distance) {
    for (const ProblemSection& section : problem_sections()) {
      if (near.size() < k_max_near && edit_distance(wanted, section.code, k_bound) == distance)
        near.push_back(&section);
    }
  }
  return near;
}

}  // namespace vozex::lab
