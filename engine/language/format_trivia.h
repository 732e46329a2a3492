// SPDX-License-Identifier: Apache-2.0
//
// What a YAML parser throws away and a formatter needs: comments and brackets with their places,
// and how far block scalars go. Found in the text between the scalars of a tree. Internal to
// format.cc.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/language/node.h"

namespace vozex::language {

struct Comment {
  std::size_t at = 0;         // byte of `#`
  std::string text;           // with `#`, without blanks at its end
  std::size_t column = 0;     // code points before it on its line
  bool own_line = false;      // nothing but dashes and opening brackets before it
  bool blank_before = false;  // the line above is empty
  bool marker = false;        // `---`, `...` or `%...`: no comment, but kept in its place like one
};

// A `|` or `>` scalar.
struct BlockScalar {
  std::string header;              // ">-"
  std::size_t end = 0;             // behind its last line
  std::vector<std::string> lines;  // without the indentation of its content
  std::size_t digit = 0;           // explicit indentation; 0 without
  bool keeps = false;              // `+`: the empty lines at its end count
};

struct Trivia {
  std::vector<Comment> comments;                // in order
  std::map<std::size_t, std::size_t> brackets;  // { or [ -> } or ]
  std::vector<std::size_t> dashes;              // of the entries of block lists, in order
  std::map<std::size_t, BlockScalar> blocks;    // by the begin of their node
};

Trivia find_trivia(std::string_view text, const Node& root);

// Code points between the start of the line and `at`.
std::size_t column_of(std::string_view text, std::size_t at);
std::size_t width_of(std::string_view text);
// Whether the line above the one of `at` is empty.
bool has_blank_above(std::string_view text, std::size_t at);

}  // namespace vozex::language
