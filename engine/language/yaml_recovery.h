// SPDX-License-Identifier: Apache-2.0
//
// What is given up of a file that YAML can't read, so that the rest of it is still checked: the
// entry around the accident, with all that is indented below it; if that doesn't help, the one
// around that, and so on. Works on lines and indentation alone. Tests: tests/golden/diagnostics
// (yaml_recovered_*).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vozex::language {

struct LostEntry {
  std::size_t begin = 0;  // bytes [begin, end) of the text: the value of the entry
  std::size_t end = 0;
  std::uint32_t first_line = 0;
  std::uint32_t last_line = 0;
};

// The entry around `line` (from 1): the innermost for `level` 0, its parent for 1, ... Nothing when
// there are no more.
std::optional<LostEntry> enclosing_entry(std::string_view text, std::uint32_t line, int level);

// Replaces the value of the entry by a scalar that is marked as broken; lines stay lines.
void give_up(std::string& text, const LostEntry& lost);

}  // namespace vozex::language
