// SPDX-License-Identifier: Apache-2.0
#include "engine/base/diagnostic.h"

#include <algorithm>
#include <tuple>

#include "engine/base/text.h"

namespace vozex {
namespace {

constexpr std::size_t k_max_quoted_line = 400;  // bytes: a minified file must not flood a terminal

auto place(const Diagnostic& d) {
  return std::tie(
      d.file, d.span.line, d.span.column, d.code, d.severity, d.message, d.hint, d.span.length);
}

std::string_view line_of(std::string_view text, std::uint32_t line) {
  std::size_t begin = 0;
  for (std::uint32_t i = 1; i < line; ++i) {
    begin = text.find('\n', begin);
    if (begin == std::string_view::npos) return {};
    ++begin;
  }
  std::size_t end = text.find('\n', begin);
  if (end == std::string_view::npos) end = text.size();
  if (end > begin && text[end - 1] == '\r') --end;
  return text.substr(begin, end - begin);
}

// What stands under `line` before the given column: tabs where it has tabs, else spaces.
std::string indent_to(std::uint32_t column, std::string_view line) {
  std::string indent;
  std::uint32_t at = 1;
  for (std::size_t i = 0; i < line.size() && at < column; ++i) {
    const bool continues = (static_cast<unsigned char>(line[i]) & 0xC0u) == 0x80u;
    if (continues && i > 0) continue;
    indent += line[i] == '\t' ? '\t' : ' ';
    ++at;
  }
  return indent;
}

// Control characters of a quoted file must not reach a terminal.
std::string printable(std::string_view line) {
  std::string text(line);
  for (char& c : text) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) c = '?';
  }
  return text;
}

void quote(std::string& out, const Span& span, std::string_view line) {
  const std::string number = std::to_string(span.line);
  const std::size_t points = code_points(line);
  const auto column =
      static_cast<std::uint32_t>(std::clamp<std::size_t>(span.column, 1, points + 1));
  out.append(" ").append(number).append(" | ").append(printable(line)).append("\n");
  out.append(number.size() + 1, ' ').append(" | ").append(indent_to(column, line));
  const std::size_t room = std::max<std::size_t>(points + 1 - column, 1);
  const std::size_t length = std::clamp<std::size_t>(span.length, 1, room);
  out += '^';
  out.append(length - 1, '~');
  out += '\n';
}

}  // namespace

void sort_diagnostics(std::vector<Diagnostic>& diagnostics) {
  std::stable_sort(diagnostics.begin(),
                   diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  diagnostics.erase(
      std::unique(diagnostics.begin(),
                  diagnostics.end(),
                  [](const Diagnostic& a, const Diagnostic& b) { return place(a) == place(b); }),
      diagnostics.end());
}

std::string render(const Diagnostic& d, std::string_view text) {
  std::string out = d.file;
  if (d.span.line > 0)
    out += ":" + std::to_string(d.span.line) + ":" + std::to_string(d.span.column);
  out += d.severity == Severity::error ? ": error[" : ": warning[";
  out += d.code + "]: " + d.message + "\n";
  if (d.span.line > 0 && !text.empty()) {
    const std::string_view line = line_of(text, d.span.line);
    if (!line.empty() && line.size() <= k_max_quoted_line) quote(out, d.span, line);
  }
  if (!d.hint.empty()) out += "  hint: " + d.hint + "\n";
  return out;
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& d) {
    return d.severity == Severity::error;
  });
}

}  // namespace vozex
