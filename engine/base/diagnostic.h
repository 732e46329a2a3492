// SPDX-License-Identifier: Apache-2.0
//
// Diagnostics: what a compiler says about a text. Several in one run, sorted by place, each with a
// stable code, printed as `file:line:column: error[VZ0123]: text`, the source line, a caret, a
// hint. Tests: tests/unit/base, and every golden file of tests/golden/diagnostics.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vozex {

// A place in a text. Lines and columns count from 1, columns in code points; `length` is in code
// points, and 0 means a point. Line 0 means the file as a whole.
struct Span {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::uint32_t length = 0;

  bool operator==(const Span&) const = default;
};

enum class Severity : std::uint8_t { error = 1, warning = 2 };

struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;     // "VZ0123"
  std::string message;  // what was expected, what came
  std::string file;     // as the author named it
  Span span;
  std::string hint;  // what to do; empty when there is nothing better to say than the message
};

// By file, line, column, code; exact repetitions are dropped.
void sort_diagnostics(std::vector<Diagnostic>& diagnostics);

// The printed form, ending in a newline. `text` is the whole file (its line is quoted); empty
// quotes nothing.
std::string render(const Diagnostic& diagnostic, std::string_view text);

bool has_errors(const std::vector<Diagnostic>& diagnostics);

}  // namespace vozex
