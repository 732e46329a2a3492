// SPDX-License-Identifier: Apache-2.0
//
// The names that files declare, and what kind of name the grammar expects where.
// Tests: tests/unit/lab/editor_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/language/grammar.h"

namespace vozex::lab::editor {

using language::Content;

enum class Kind : std::uint8_t {
  workflow,
  types_file,
  adapter,
  state,
  event,
  type,
  policy,
  operation,  // "adapter.operation"
  status,
  data,
  input,
  config,
  alias,
  invoke,
  action,
};

std::string_view word_of(Kind kind);  // "state", for people
// What a value or key of this content names; none where it names nothing that is declared.
std::optional<Kind> kind_for(Content content);
// Kinds that mean something in their own file only.
bool is_local(Kind kind);

// A name that a file declares.
struct Symbol {
  Kind kind = Kind::state;
  std::string name;    // of a state: its full path
  std::string detail;  // title, doc or type as written
  std::size_t file = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

}  // namespace vozex::lab::editor
