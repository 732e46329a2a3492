// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/byte_range.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace vozex::handlers {
namespace {

// Digits only; what is too large for 64 bits is larger than any file.
std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) return UINT64_MAX;
  return value;
}

}  // namespace

ByteRange byte_range(std::string_view header, std::uint64_t size) {
  const ByteRange whole{RangeKind::whole, 0, size};
  constexpr std::string_view k_unit = "bytes=";
  if (!header.starts_with(k_unit)) return whole;
  const std::string_view range = header.substr(k_unit.size());
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos || range.find(',') != std::string_view::npos) return whole;
  const auto first = number(range.substr(0, dash));
  const auto last = number(range.substr(dash + 1));
  if (!first && dash > 0) return whole;
  if (!last && dash + 1 < range.size()) return whole;
  if (!first && !last) return whole;
  if (!first) {  // the last so many bytes
    if (*last == 0 || size == 0) return {RangeKind::unsatisfiable, 0, 0};
    const std::uint64_t length = std::min(*last, size);
    return {RangeKind::part, size - length, length};
  }
  if (last && *last < *first) return whole;
  if (*first >= size) return {RangeKind::unsatisfiable, 0, 0};
  const std::uint64_t end = last ? std::min(*last, size - 1) : size - 1;
  return {RangeKind::part, *first, end - *first + 1};
}

}  // namespace vozex::handlers
