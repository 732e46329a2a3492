// SPDX-License-Identifier: Apache-2.0
#include "engine/base/diagnostic.h"

#include <algorithm>
#include <tuple>

#include "engine/base/text.h"

namespace vozex {
namespace {

constexpr std::size_t k_max_quoted_line = 400;  // bytes: a minified file must not flood a terminal

auto place(const Diagnostic& d) {
  return std::tie(d.file, d.span.line, d.span.column, d.code, d.message, d.hint);
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

void quote(std::string& out, const Span& span, std::string_view line) {
  const std::string number = std::to_string(span.line);
  out.append(" ").append(number).append(" | ").append(line).append("\n");
  out.append(number.size() + 1, ' ').append(" | ");
  for (std::uint32_t i = 1; i < span.column; ++i) out += i - 1 < line.size() && line[i - 1] == '\t' ? '\t' : ' ';
  const std::size_t room = code_points(line) + 1 >= span.column ? code_points(line) + 1 - span.column : 0;
  const std::size_t length = std::clamp<std::size_t>(span.length, 1, std::max<std::size_t>(room, 1));
  out += '^';
  out.append(length - 1, '~');
  out += '\n';
}

}  // namespace

void sort_diagnostics(std::vector<Diagnostic>& diagnostics) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  diagnostics.erase(std::unique(diagnostics.begin(), diagnostics.end(),
                                [](const Diagnostic& a, const Diagnostic& b) { return place(a) == place(b); }),
                    diagnostics.end());
}

std::string render(const Diagnostic& d, std::string_view text) {
  std::string out = d.file;
  if (d.span.line > 0) out += ":" + std::to_string(d.span.line) + ":" + std::to_string(d.span.column);
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
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

}  // namespace vozex
