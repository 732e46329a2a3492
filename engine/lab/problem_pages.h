// SPDX-License-Identifier: Apache-2.0
//
// docs/problems.md as part of the program: what each code of a problem means, the HTTP status that
// it comes with, and what to do. The text itself is embedded by cmake/embed.cmake. A section is a
// heading `### code`, a first paragraph `HTTP 404, 503. Meaning.` (without the statuses when it
// never comes over HTTP), and what to do. Thread rule: immutable. Tests: tests/unit/lab, and
// tests/unit/handlers compares it with the sources.
#pragma once

#include <string_view>
#include <vector>

namespace vozex::lab {

struct ProblemDocument {
  std::string_view name;
  std::string_view text;  // Markdown
};

// The one that there is; generated.
const std::vector<ProblemDocument>& problem_documents();

struct ProblemSection {
  std::string_view code;  // "key_taken"
  std::string_view text;  // Markdown below the heading

  std::vector<unsigned> statuses() const;  // as written
  std::string_view meaning() const;        // the first paragraph without the statuses, in its lines
};

// In the order of the page.
const std::vector<ProblemSection>& problem_sections();

// nullptr when there is none.
const ProblemSection* find_problem(std::string_view code);

// Codes that differ by little from this word, best first; at most k_max_near (error_pages.h).
std::vector<const ProblemSection*> problems_near(std::string_view word);

}  // namespace vozex::lab
