// SPDX-License-Identifier: Apache-2.0
//
// String and number literals: from their source text to values. Part of the lexer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expr/expr.h"

namespace vozex::expr {

// The shape of a string literal that starts at `begin`: prefix, quotes, body.
struct StringShape {
  std::size_t body_begin = 0;
  std::size_t body_end = 0;
  std::size_t end = 0;
  bool raw = false;
  bool bytes = false;
  bool triple = false;
  bool closed = false;
};
std::optional<StringShape> string_shape(std::string_view text, std::size_t begin);

// Decodes escapes; problems name the offending escape.
std::string decode_body(std::string_view text,
                        const StringShape& shape,
                        std::vector<Problem>& problems);

// Appends a code point as UTF-8.
void append_utf8(std::string& out, std::uint32_t point);

}  // namespace vozex::expr
