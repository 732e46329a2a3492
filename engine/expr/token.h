// SPDX-License-Identifier: Apache-2.0
//
// Tokens of CEL (language definition, "Syntax"). The lexer reports every malformed token and goes
// on; operators of other languages (`=`, `===`, `&`, `and`) become the token that was meant plus a
// problem, so that the rest of the expression is still checked. Tests:
// tests/unit/expr/parse_test.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/expr/expr.h"

namespace vozex::expr {

enum class Tok : std::uint8_t {
  end,
  ident,    // text: the name; quoted: written in backticks
  literal,  // value; numbers keep their text for the sign
  number,   // int literal whose magnitude is `magnitude`; the parser applies a minus sign
  word,     // reserved word
  key_true,
  key_false,
  key_null,
  key_in,
  dot,
  comma,
  colon,
  question,
  paren_open,
  paren_close,
  bracket_open,
  bracket_close,
  brace_open,
  brace_close,
  plus,
  minus,
  star,
  slash,
  percent,
  bang,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  logical_and,
  logical_or,
};

struct Token {
  Tok kind = Tok::end;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
  types::Value value;
  std::uint64_t magnitude = 0;
  bool quoted = false;
};

// Always ends with Tok::end. Problems are appended.
std::vector<Token> tokenize(std::string_view text, std::vector<Problem>& problems);

// Where a string literal that starts at `at` ends (past its closing quote, or the end of text);
// `at` itself when none starts there. Templates need it to find the closing brace.
std::size_t skip_string_literal(std::string_view text, std::size_t at);

// Where the brace is that closes an expression starting at `at` (behind its `${`); npos when
// nothing closes it.
std::size_t closing_brace(std::string_view text, std::size_t at);

// What an author probably meant who wrote `token` (after `previous`, if any) where it can't stand;
// may be empty.
std::string syntax_hint(const Token* previous, const Token& token);

// "'&&'", "a name", "the end": for messages.
std::string describe(const Token& token);

}  // namespace vozex::expr
