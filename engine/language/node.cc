// SPDX-License-Identifier: Apache-2.0
#include "engine/language/node.h"

#include <algorithm>
#include <optional>

namespace vozex::language {
namespace {

// Bytes that one unit of quoted text takes: (written, decoded). UTF-8 passes byte by byte.
struct Unit {
  std::size_t written = 1;
  std::size_t decoded = 1;
};

std::size_t utf8_length(std::uint32_t point) {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
}

std::uint32_t hex_value(std::string_view digits) {
  std::uint32_t value = 0;
  for (const char c : digits) {
    const std::uint32_t digit = c >= 'a'   ? static_cast<std::uint32_t>(c - 'a') + 10
                                : c >= 'A' ? static_cast<std::uint32_t>(c - 'A') + 10
                                           : static_cast<std::uint32_t>(c - '0');
    value = value * 16 + digit;
  }
  return value;
}

Unit escape_at(std::string_view written) {
  if (written.size() < 2) return {written.size(), 1};
  const char c = written[1];
  const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  if (digits > 0 && written.size() >= 2 + digits) {
    return {2 + digits, utf8_length(hex_value(written.substr(2, digits)))};
  }
  const bool two_bytes = c == 'N' || c == '_';
  const bool three_bytes = c == 'L' || c == 'P';
  return {2, two_bytes ? 2U : three_bytes ? 3U : 1U};
}

Unit unit_at(std::string_view written, ScalarStyle style) {
  if (style == ScalarStyle::single_quoted && written.starts_with("''")) return {2, 1};
  if (style == ScalarStyle::double_quoted && written.front() == '\\') return escape_at(written);
  return {};
}

// Where byte `offset` of the decoded text is written, for a scalar on one line.
std::size_t written_offset(std::string_view written, const Node& scalar, std::size_t offset) {
  std::size_t at = scalar.style == ScalarStyle::plain ? 0 : 1;
  for (std::size_t decoded = 0; decoded < offset && at < written.size();) {
    const Unit unit = unit_at(written.substr(at), scalar.style);
    at += unit.written;
    decoded += unit.decoded;
  }
  return std::min(at, written.size());
}

// A literal block keeps its lines: the n-th line of the text is the n-th below the header.
std::optional<Span> locate_in_block(const SourceText& source,
                                    const Node& scalar,
                                    std::size_t offset,
                                    std::size_t length) {
  const std::string_view before = std::string_view(scalar.text).substr(0, offset);
  const auto breaks = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_begin = breaks == 0 ? 0 : before.rfind('\n') + 1;
  const std::size_t line_end = std::min(scalar.text.find('\n', offset), scalar.text.size());
  const std::uint32_t number = scalar.span.line + 1 + breaks;
  const std::string_view text =
      std::string_view(scalar.text).substr(line_begin, line_end - line_begin);
  const std::string_view line = source.line(number);
  if (!line.ends_with(text)) return std::nullopt;
  const std::size_t at =
      source.line_start(number) + line.size() - text.size() + (offset - line_begin);
  return source.span(at, at + length);
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  if (kind != NodeKind::map) return nullptr;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].text == key) return &items[i];
  }
  return nullptr;
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case NodeKind::null: return "nothing";
    case NodeKind::sequence: return "a list";
    case NodeKind::map: return "a map";
    case NodeKind::scalar: break;
  }
  constexpr std::size_t k_shown = 40;
  if (node.text.size() > k_shown || node.text.find('\n') != std::string::npos) return "text";
  const bool quoted =
      node.style == ScalarStyle::single_quoted || node.style == ScalarStyle::double_quoted;
  return quoted ? "`\"" + node.text + "\"`" : "`" + node.text + "`";
}

Span locate(const SourceText& source, const Node& scalar, std::size_t offset, std::size_t length) {
  offset = std::min(offset, scalar.text.size());
  length = std::min(length, scalar.text.size() - offset);
  if (scalar.style == ScalarStyle::literal) {
    return locate_in_block(source, scalar, offset, length).value_or(scalar.span);
  }
  const std::string_view written = source.text().substr(scalar.begin, scalar.end - scalar.begin);
  if (scalar.style == ScalarStyle::folded || written.find('\n') != std::string_view::npos)
    return scalar.span;
  const std::size_t from = written_offset(written, scalar, offset);
  const std::size_t to = written_offset(written, scalar, offset + length);
  return source.span(scalar.begin + from, scalar.begin + to);
}

}  // namespace vozex::language
