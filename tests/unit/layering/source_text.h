// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

// A C++ source as the layering rules see it: its include lines, and its code without comments and
// literals, so that a rule never trips over prose. A scanner, not a parser: macros are not expanded
// and both branches of an #if count. Lines are numbered from 1, as editors do.
// Tests: source_text_test.cc.
namespace vozex::layering {

struct Include {
  std::size_t line = 0;
  std::string path;     // as written, without the quotes or brackets
  bool quoted = false;  // "path" rather than <path>
};

struct SourceText {
  std::vector<std::string> code;  // code[i] is line i + 1, comments and literals blanked
  std::vector<Include> includes;
};

[[nodiscard]] SourceText scan(std::string_view text);

}  // namespace vozex::layering
