// SPDX-License-Identifier: Apache-2.0
#include "api/cli/output.h"

#include <algorithm>
#include <iostream>

#include <fmt/format.h>

#include "engine/base/text.h"
#include "engine/types/json.h"

namespace vozex::cli {
namespace {

using types::Value;

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t length = code_points(text);
  return text + std::string(length < width ? width - length : 0, ' ');
}

// Bytes of the control at the front of `text`, 0 when there is none: C0, DEL, C1 (U+0080 to
// U+009F), and those that turn the direction of writing (U+202A to U+202E, U+2066 to U+2069).
std::size_t unsafe_at(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
  if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) <= 0x9f) return 2;
  if (byte(0) != 0xe2) return 0;
  if (byte(1) == 0x80 && byte(2) >= 0xaa && byte(2) <= 0xae) return 3;
  return byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9 ? 3 : 0;
}

// One control as JSON writes it: \n, \u001b.
std::string escaped(std::string_view control) {
  if (control == "\n") return "\\n";
  if (control == "\r") return "\\r";
  if (control == "\t") return "\\t";
  unsigned point = static_cast<unsigned char>(control[0]);
  if (control.size() > 1) point &= control.size() == 2 ? 0x1fu : 0x0fu;
  for (std::size_t i = 1; i < control.size(); ++i)
    point = point << 6 | (static_cast<unsigned char>(control[i]) & 0x3fu);
  return fmt::format("\\u{:04x}", point);
}

// The same of a text that may have several lines.
std::string visible_lines(std::string_view text) {
  std::string out;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    out += visible(text.substr(0, end)) + "\n";
    text.remove_prefix(end + 1);
  }
  return out + visible(text);
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return static_cast<char>(std::toupper(c));
  });
  return out;
}

void print_table(const Value& list, std::initializer_list<const char*> columns) {
  std::vector<std::vector<std::string>> rows(1);
  for (const char* column : columns) rows[0].push_back(upper(column));
  for (const Value& item : list.as_list()) {
    rows.emplace_back();
    for (const char* column : columns) rows.back().push_back(cell_text(member(item, column)));
  }
  std::vector<std::size_t> widths(columns.size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], code_points(row[i]));
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += i + 1 < row.size() ? padded(row[i], widths[i] + 2) : row[i];
    std::cout << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
  }
}

}  // namespace

Format format_of(std::string_view word) {
  return word == "json" ? Format::json : word == "jsonl" ? Format::jsonl : Format::table;
}

void print_list(const Value& list, Format format, std::initializer_list<const char*> columns) {
  if (!list.is_list()) return print_object(list, format);
  switch (format) {
    case Format::table: print_table(list, columns); break;
    case Format::json: std::cout << types::to_pretty_json(list) << '\n'; break;
    case Format::jsonl:
      for (const Value& item : list.as_list()) std::cout << types::to_json(item) << '\n';
      break;
  }
}

void print_object(const Value& object, Format format) {
  if (format == Format::jsonl) {
    std::cout << types::to_json(object) << '\n';
    return;
  }
  if (format == Format::json || !object.is_map()) {
    std::cout << types::to_pretty_json(object) << '\n';
    return;
  }
  std::size_t width = 0;
  for (const auto& [name, value] : object.as_map())
    width = std::max(width, name.as_string().size());
  for (const auto& [name, value] : object.as_map()) {
    std::cout << padded(name.as_string(), width + 2) << cell_text(value) << '\n';
  }
}

std::string counted(std::size_t count, const std::string& word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

void say(std::string_view text) { std::cerr << text << '\n'; }

void say_error(const Error& error) {
  std::cerr << "error[" << error.code << "]: " << visible_lines(error.message) << '\n';
  for (const ErrorDetail& detail : error.details) {
    std::cerr << "  " << (detail.name.empty() ? "(whole)" : detail.name) << ": "
              << visible_lines(detail.text) << '\n';
  }
}

std::string visible(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = unsafe_at(text.substr(at));
    if (bytes == 0) {
      out += text[at++];
    } else {
      out += escaped(text.substr(at, bytes));
      at += bytes;
    }
  }
  return out;
}

std::string cell_text(const Value& value) {
  if (value.is_null()) return "";
  return visible(value.is_string() ? value.as_string() : types::to_json(value));
}

Value member(const Value& object, std::string_view path) {
  const std::size_t dot = path.find('.');
  const Value* value = object.find(path.substr(0, dot));
  if (value == nullptr) return Value();
  return dot == std::string_view::npos ? *value : member(*value, path.substr(dot + 1));
}

}  // namespace vozex::cli
