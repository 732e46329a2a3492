// SPDX-License-Identifier: Apache-2.0
#include "engine/language/source_text.h"

#include <algorithm>

#include "engine/base/text.h"

namespace vozex::language {

SourceText::SourceText(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') starts_.push_back(i + 1);
  }
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
  const std::size_t from = std::min(begin - start, whole.size());
  const std::size_t to = std::clamp(end > start ? end - start : 0, from, whole.size());
  return {number,
          static_cast<std::uint32_t>(code_points(whole.substr(0, from)) + 1),
          static_cast<std::uint32_t>(code_points(whole.substr(from, to - from)))};
}

}  // namespace vozex::language
