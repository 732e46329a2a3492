// SPDX-License-Identifier: Apache-2.0
#include "engine/language/source_text.h"

#include <algorithm>

namespace vozex::language {
namespace {

// UTF-8: all bytes but continuation bytes.
bool begins_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

}  // namespace

SourceText::SourceText(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  starts_.push_back(0);
  std::size_t points = 0;
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (i % k_stride == 0) points_.push_back(points);
    if (text_[i] == '\n') starts_.push_back(i + 1);
    if (begins_code_point(text_[i])) ++points;
  }
  // All ASCII, as most files are: a byte's offset is the count, and nothing needs to be counted.
  if (points == text_.size()) points_.clear();
}

std::string_view SourceText::line(std::uint32_t number) const {
  if (number == 0 || number > starts_.size()) return {};
  const std::size_t begin = starts_[number - 1];
  std::size_t end = number < starts_.size() ? starts_[number] - 1 : text_.size();
  if (end > begin && text_[end - 1] == '\r') --end;
  return std::string_view(text_).substr(begin, end - begin);
}

std::size_t SourceText::line_start(std::uint32_t number) const {
  if (number == 0) return 0;
  return number <= starts_.size() ? starts_[number - 1] : text_.size();
}

std::uint32_t SourceText::line_of(std::size_t offset) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  return static_cast<std::uint32_t>(after - starts_.begin());
}

Span SourceText::span(std::size_t begin, std::size_t end) const {
  const std::uint32_t number = line_of(begin);
  const std::size_t start = line_start(number);
  const std::string_view whole = line(number);
  const std::size_t from = start + std::min(begin - start, whole.size());
  const std::size_t to = std::clamp(end, from, start + whole.size());
  const std::size_t first = points_before(from);
  return {number,
          static_cast<std::uint32_t>(first - points_before(start) + 1),
          static_cast<std::uint32_t>(points_before(to) - first)};
}

std::size_t SourceText::points_before(std::size_t offset) const {
  if (points_.empty()) return offset;
  const std::size_t block = std::min(offset / k_stride, points_.size() - 1);
  std::size_t points = points_[block];
  for (std::size_t i = block * k_stride; i < offset; ++i) {
    if (begins_code_point(text_[i])) ++points;
  }
  return points;
}

}  // namespace vozex::language
