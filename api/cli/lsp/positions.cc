// SPDX-License-Identifier: Apache-2.0
#include "api/cli/lsp/positions.h"

#include <algorithm>
#include <cctype>

namespace vozex::cli::lsp {
namespace {

// Bytes of the character that begins here; a stray byte counts as one.
std::size_t bytes_at(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return std::min(length, text.size() - at);
}

// Characters beyond the basic plane take two units.
std::size_t units_of(std::size_t bytes) { return bytes == 4 ? 2 : 1; }

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Positions::Positions(std::string_view text) : text_(text), starts_{0} {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    starts_.push_back(at + 1);
}

std::size_t Positions::line_end(std::size_t line) const {
  if (line + 1 >= starts_.size()) return text_.size();
  const std::size_t end = starts_[line + 1] - 1;
  return end > starts_[line] && text_[end - 1] == '\r' ? end - 1 : end;
}

std::size_t Positions::offset(Position position) const {
  if (position.line >= starts_.size()) return text_.size();
  std::size_t at = starts_[position.line];
  const std::size_t end = line_end(position.line);
  std::size_t units = 0;
  while (at < end && units < position.character) {
    const std::size_t bytes = bytes_at(text_, at);
    units += units_of(bytes);
    at += bytes;
  }
  return std::min(at, end);
}

Position Positions::position(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const auto line = static_cast<std::size_t>(after - starts_.begin()) - 1;
  std::size_t units = 0;
  for (std::size_t at = starts_[line]; at < offset;) {
    const std::size_t bytes = bytes_at(text_, at);
    units += units_of(bytes);
    at += bytes;
  }
  return {line, units};
}

std::pair<std::size_t, std::size_t> Positions::bytes(const Span& span) const {
  const std::size_t line =
      span.line == 0 ? 0 : std::min<std::size_t>(span.line, starts_.size()) - 1;
  const std::size_t end = line_end(line);
  std::size_t at = starts_[line];
  for (std::uint32_t column = 1; column < span.column && at < end; ++column)
    at += bytes_at(text_, at);
  const std::size_t begin = at;
  for (std::uint32_t i = 0; i < std::max(span.length, 1U) && at < end; ++i)
    at += bytes_at(text_, at);
  return {begin, std::min(at, end)};
}

std::optional<std::string> path_of(std::string_view uri) {
  constexpr std::string_view k_scheme = "file://";
  if (!uri.starts_with(k_scheme)) return std::nullopt;
  uri.remove_prefix(k_scheme.size());
  uri.remove_prefix(std::min(uri.find('/'), uri.size()));  // the host
  std::string path;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    const bool escaped =
        uri[i] == '%' && i + 2 < uri.size() && hex(uri[i + 1]) >= 0 && hex(uri[i + 2]) >= 0;
    path += escaped ? static_cast<char>(hex(uri[i + 1]) * 16 + hex(uri[i + 2])) : uri[i];
    if (escaped) i += 2;
  }
  if (path.empty() || path.find('\0') != std::string::npos) return std::nullopt;
  return path;
}

std::string uri_of(std::string_view path) {
  constexpr std::string_view k_plain = "/-._~";
  constexpr const char* k_digits = "0123456789ABCDEF";
  std::string uri = "file://";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || k_plain.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri += '%';
      uri += k_digits[byte / 16];
      uri += k_digits[byte % 16];
    }
  }
  return uri;
}

}  // namespace vozex::cli::lsp
