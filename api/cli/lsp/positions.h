// SPDX-License-Identifier: Apache-2.0
//
// Positions of the Language Server Protocol, a line and UTF-16 units from 0, and our byte offsets
// and spans; and the names of files as URIs. Out of range means the nearest place there is. Pure.
// Tests: tests/unit/cli/lsp_test.cc.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"

namespace vozex::cli::lsp {

struct Position {
  std::size_t line = 0;
  std::size_t character = 0;

  bool operator==(const Position&) const = default;
};

class Positions {
 public:
  // The text must outlive this.
  explicit Positions(std::string_view text);

  std::size_t offset(Position position) const;
  Position position(std::size_t offset) const;
  // Of a span, whose columns are code points: begin and end bytes. A point is widened to a
  // character.
  std::pair<std::size_t, std::size_t> bytes(const Span& span) const;

 private:
  std::size_t line_end(std::size_t line) const;

  std::string_view text_;
  std::vector<std::size_t> starts_;
};

// "file:///a%20b" -> "/a b"; nothing for another scheme.
std::optional<std::string> path_of(std::string_view uri);
std::string uri_of(std::string_view path);

}  // namespace vozex::cli::lsp
