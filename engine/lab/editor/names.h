// SPDX-License-Identifier: Apache-2.0
//
// What expressions see at a place that is being typed: names, their types, and the functions of a
// type. Internal to this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/expr/expr.h"
#include "engine/lab/editor/answers.h"

namespace vozex::lab::editor {

// The names of the place of a cursor: `event`, `result` and others where they are visible.
expr::Scope scope_at(const Book& book, std::size_t file, const Path& path);

// The part of `text` before `at` that a member is asked of: of "a + data.x.y" the "data.x" before
// `.y`. `word` gets where the member's name begins. Empty: a name is asked for, not a member.
struct Asked {
  std::string receiver;
  std::size_t word = 0;
};
Asked asked_at(std::string_view text, std::size_t at);

// Members and methods of the receiver, or names and functions.
std::vector<Item> names_for(const expr::Scope& scope, const Asked& asked);
// Type of an expression as text; "" when it can't be read.
std::string type_of_text(const expr::Scope& scope, const std::string& expression);

}  // namespace vozex::lab::editor
