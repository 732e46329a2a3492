// SPDX-License-Identifier: Apache-2.0
//
// SourceText: one file as text, with its lines. Byte offsets <-> lines and columns (columns in code
// points, from 1). Keeps a copy of the text. Thread rule: immutable. Tests: tests/unit/language.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"

namespace vozex::language {

class SourceText {
 public:
  SourceText(std::string name, std::string text);

  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }
  std::uint32_t lines() const { return static_cast<std::uint32_t>(starts_.size()); }
  // Without its line end; "" beyond the last. `number` counts from 1.
  std::string_view line(std::uint32_t number) const;
  // Byte offset of a line's first character; the text's size beyond the last.
  std::size_t line_start(std::uint32_t number) const;
  std::uint32_t line_of(std::size_t offset) const;
  // The place of bytes [begin, end); cut at the end of the line it begins on.
  Span span(std::size_t begin, std::size_t end) const;

 private:
  std::string name_;
  std::string text_;
  // Code points before each k_stride-th byte, so that columns in a very long line are cheap.
  std::size_t points_before(std::size_t offset) const;

  static constexpr std::size_t k_stride = 256;
  std::vector<std::size_t> starts_;
  std::vector<std::size_t> points_;
};

}  // namespace vozex::language
