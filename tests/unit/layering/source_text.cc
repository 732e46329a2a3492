// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/layering/source_text.h"

#include <algorithm>
#include <cctype>

namespace vozex::layering {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::size_t or_end(std::size_t position, std::string_view text) {
  return std::min(position, text.size());
}

// Where the literal that opens at `begin` with `quote` ends: after the closing quote, or at the end
// of the line when there is none.
std::size_t end_of_literal(std::string_view text, std::size_t begin, char quote) {
  std::size_t i = begin + 1;
  while (i < text.size() && text[i] != quote && text[i] != '\n') i += text[i] == '\\' ? 2U : 1U;
  if (i >= text.size()) return text.size();
  return text[i] == quote ? i + 1 : i;
}

// R"delimiter( ... )delimiter" with `quote` at the opening quote.
std::size_t end_of_raw_literal(std::string_view text, std::size_t quote) {
  const std::size_t paren = text.find('(', quote);
  if (paren == std::string_view::npos) return text.size();
  std::string closing = ")";
  closing.append(text.substr(quote + 1, paren - quote - 1)).push_back('"');
  const std::size_t end = text.find(closing, paren);
  return end == std::string_view::npos ? text.size() : end + closing.size();
}

bool opens_raw_literal(std::string_view text, std::size_t quote) {
  if (quote == 0 || text[quote - 1] != 'R') return false;
  std::size_t begin = quote - 1;
  while (begin > 0 && is_word(text[begin - 1])) --begin;
  const std::string_view prefix = text.substr(begin, quote - begin);
  return prefix == "R" || prefix == "u8R" || prefix == "uR" || prefix == "UR" || prefix == "LR";
}

// The quote of 1'000'000 stands in a number: the word it continues begins with a digit.
bool separates_digits(std::string_view text, std::size_t quote) {
  std::size_t begin = quote;
  while (begin > 0 && (is_word(text[begin - 1]) || text[begin - 1] == '\'')) --begin;
  return begin < quote && std::isdigit(static_cast<unsigned char>(text[begin])) != 0;
}

bool in_include_line(std::string_view text, std::size_t position) {
  const std::size_t newline = text.rfind('\n', position);
  std::size_t i = newline == std::string_view::npos ? 0 : newline + 1;
  while (i < position && (text[i] == ' ' || text[i] == '\t')) ++i;
  return text[i] == '#' && text.substr(i, position - i).find("include") != std::string_view::npos;
}

// The end of the comment or literal that starts at `i`, or `i` when plain code stands there.
std::size_t end_of_blank(std::string_view text, std::size_t i) {
  if (text.substr(i, 2) == "//") return or_end(text.find('\n', i), text);
  if (text.substr(i, 2) == "/*") {
    const std::size_t end = text.find("*/", i + 2);
    return end == std::string_view::npos ? text.size() : end + 2;
  }
  if (text[i] == '"' && !in_include_line(text, i)) {
    return opens_raw_literal(text, i) ? end_of_raw_literal(text, i) : end_of_literal(text, i, '"');
  }
  if (text[i] == '\'' && !separates_digits(text, i)) return end_of_literal(text, i, '\'');
  return i;
}

std::string blank_comments_and_literals(std::string_view text) {
  std::string out(text);
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t end = end_of_blank(text, i);
    std::replace_if(
        out.begin() + static_cast<std::ptrdiff_t>(i),
        out.begin() + static_cast<std::ptrdiff_t>(end),
        [](char c) { return c != '\n'; },
        ' ');
    i = std::max(end, i + 1);
  }
  return out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = or_end(text.find('\n', begin), text);
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// Fills `include` and says true when the line is `#include <x>` or `#include "x"`.
bool parse_include(std::string_view line, Include& include) {
  const auto skip_blanks = [&line] {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  };
  skip_blanks();
  if (!line.starts_with('#')) return false;
  line.remove_prefix(1);
  skip_blanks();
  if (!line.starts_with("include")) return false;
  line.remove_prefix(std::string_view("include").size());
  skip_blanks();
  if (!line.starts_with('"') && !line.starts_with('<')) return false;
  include.quoted = line.front() == '"';
  line.remove_prefix(1);
  include.path = line.substr(0, line.find(include.quoted ? '"' : '>'));
  return true;
}

}  // namespace

SourceText scan(std::string_view text) {
  SourceText source;
  source.code = lines_of(blank_comments_and_literals(text));
  for (std::size_t i = 0; i < source.code.size(); ++i) {
    Include include;
    if (!parse_include(source.code[i], include)) continue;
    include.line = i + 1;
    source.includes.push_back(include);
  }
  return source;
}

}  // namespace vozex::layering
