// SPDX-License-Identifier: Apache-2.0
#include "engine/language/raw_text.h"

#include <algorithm>

namespace vozex::language {
namespace {

// The text in quotes that YAML takes as it is.
std::string quoted(std::string_view text) {
  if (text.find('"') == std::string_view::npos && text.find('\\') == std::string_view::npos) {
    return "\"" + std::string(text) + "\"";
  }
  std::string out = "'";
  for (const char c : text) {
    out += c;
    if (c == '\'') out += c;
  }
  return out + "'";
}

}  // namespace

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

std::size_t end_of_line(std::string_view text, std::size_t at) {
  const std::size_t end = std::min(text.find('\n', at), text.size());
  return end > at && text[end - 1] == '\r' ? end - 1 : end;
}

std::size_t after_quoted(std::string_view text, std::size_t at, std::size_t limit) {
  const char quote = text[at];
  for (std::size_t i = at + 1; i < limit; ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '\'' && i + 1 < limit && text[i + 1] == quote) {
        ++i;
      } else {
        return i + 1;
      }
    }
  }
  return std::string_view::npos;
}

std::size_t meant_end(std::string_view text, std::size_t begin, bool flow) {
  const std::size_t limit = end_of_line(text, begin);
  int depth = 0;
  std::size_t at = begin;
  while (at < limit) {
    const char c = text[at];
    if (is_quote(c) && (at == begin || !is_word_char(text[at - 1]))) {
      const std::size_t after = after_quoted(text, at, limit);
      at = after == std::string_view::npos ? at + 1 : after;
      continue;
    }
    if (c == '#' && at > begin && is_blank(text[at - 1])) break;
    if (flow && depth == 0 && (c == ',' || c == '}' || c == ']')) break;
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
    ++at;
  }
  while (at > begin && is_blank(text[at - 1])) --at;
  return at;
}

bool is_text_behind_hash(std::string_view comment) {
  return comment.size() > 1 &&
         (is_word_char(comment[1]) || comment[1] == '{' || comment[1] == '\'');
}

bool is_cut_short(std::string_view text) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (is_quote(c) && (at == 0 || !is_word_char(text[at - 1]))) {
      const std::size_t after = after_quoted(text, at, text.size());
      if (after == std::string_view::npos) return true;
      at = after - 1;
      continue;
    }
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
  }
  return depth > 0;
}

int open_parentheses(std::string_view text) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_quote(text[at]) && (at == 0 || !is_word_char(text[at - 1]))) {
      const std::size_t after = after_quoted(text, at, text.size());
      if (after != std::string_view::npos) at = after - 1;
      continue;
    }
    if (text[at] == '(') ++depth;
    if (text[at] == ')') --depth;
  }
  return depth;
}

std::string write_quoted(std::string_view text) {
  return "put the whole value in quotes: `" + quoted(text) + "`";
}

}  // namespace vozex::language
