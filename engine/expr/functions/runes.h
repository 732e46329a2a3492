// SPDX-License-Identifier: Apache-2.0
//
// A UTF-8 text addressed by code point. ASCII texts need no table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vozex::expr {

// Bytes of the sequence at `at`, at least 1.
inline std::size_t rune_length(std::string_view text, std::size_t at) {
  std::size_t length = 1;
  while (at + length < text.size() &&
         (static_cast<unsigned char>(text[at + length]) & 0xC0) == 0x80)
    ++length;
  return length;
}

class Runes {
 public:
  explicit Runes(std::string_view text) : text_(text) {
    bool ascii = true;
    for (const char c : text) ascii = ascii && static_cast<signed char>(c) >= 0;
    if (ascii) return;
    for (std::size_t at = 0; at < text.size(); at += rune_length(text, at)) starts_.push_back(at);
    starts_.push_back(text.size());
  }

  std::string_view whole() const { return text_; }
  std::int64_t count() const {
    return static_cast<std::int64_t>(starts_.empty() ? text_.size() : starts_.size() - 1);
  }
  std::size_t offset(std::int64_t position) const {
    const auto at = static_cast<std::size_t>(position);
    return starts_.empty() ? at : starts_[at];
  }
  std::int64_t position(std::size_t offset) const {
    if (starts_.empty()) return static_cast<std::int64_t>(offset);
    std::int64_t at = 0;
    while (starts_[static_cast<std::size_t>(at)] < offset) ++at;
    return at;
  }
  std::string_view part(std::int64_t from, std::int64_t to) const {
    return text_.substr(offset(from), offset(to) - offset(from));
  }
  std::uint32_t point(std::int64_t position) const {
    const std::string_view bytes = part(position, position + 1);
    const auto lead = static_cast<unsigned char>(bytes[0]);
    if (lead < 0x80) return lead;
    std::uint32_t point = lead & (bytes.size() == 2 ? 0x1Fu : bytes.size() == 3 ? 0x0Fu : 0x07u);
    for (std::size_t i = 1; i < bytes.size(); ++i)
      point = (point << 6) | (static_cast<unsigned char>(bytes[i]) & 0x3Fu);
    return point;
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

}  // namespace vozex::expr
