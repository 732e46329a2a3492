// SPDX-License-Identifier: Apache-2.0
//
// Looking at the raw text of a YAML file, line by line, where the parser's view doesn't help.
#pragma once

#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>

namespace vozex::language {

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline bool is_word_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}
inline bool is_quote(char c) { return c == '\'' || c == '"'; }

std::size_t skip_blanks(std::string_view text, std::size_t at);
std::size_t end_of_line(std::string_view text, std::size_t at);

// Behind the closing quote of the quoted text that begins at `at`; npos when nothing before `limit`
// closes it.
std::size_t after_quoted(std::string_view text, std::size_t at, std::size_t limit);

// How far the author meant the value at `begin` to go: to the comma or bracket that ends it in flow
// style, else to the end of the line or a comment.
std::size_t meant_end(std::string_view text, std::size_t begin, bool flow);

// `#` with text directly behind it: `#5`, `#fff`; a comment has a blank there.
bool is_text_behind_hash(std::string_view comment);

// Opening quotes (at the start or behind a blank, bracket or operator) that nothing closes, or open
// brackets.
bool is_cut_short(std::string_view text);

// Opening parentheses that nothing closes, outside quotes; negative when more are closed.
int open_parentheses(std::string_view text);

// The hint to quote a value, with the quotes that fit it.
std::string write_quoted(std::string_view text);

}  // namespace vozex::language
