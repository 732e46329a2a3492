// SPDX-License-Identifier: Apache-2.0
#include "engine/language/format_trivia.h"

#include <algorithm>

#include "engine/language/raw_text.h"

namespace vozex::language {
namespace {

std::size_t line_start(std::string_view text, std::size_t at) {
  const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return before == std::string_view::npos ? 0 : before + 1;
}

std::string_view without_blanks_at_end(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::size_t indentation(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

bool is_empty(std::string_view line) { return without_blanks_at_end(line).empty(); }

// `parent` is the indentation of what the scalar belongs to: what an explicit digit counts from.
BlockScalar read_block(std::string_view text, std::size_t begin, std::size_t parent) {
  BlockScalar block;
  std::size_t at = begin + 1;
  while (at < text.size() && (text[at] == '+' || text[at] == '-' || std::isdigit(text[at]) != 0)) {
    block.keeps = block.keeps || text[at] == '+';
    if (std::isdigit(text[at]) != 0) block.digit = static_cast<std::size_t>(text[at] - '0');
    ++at;
  }
  block.header = std::string(text.substr(begin, at - begin));
  at = std::min(end_of_line(text, at) + 1, text.size());
  std::size_t indent = block.digit == 0 ? 0 : parent + block.digit;
  std::vector<std::string_view> lines;
  std::size_t kept = 0;  // lines up to the last that isn't empty
  block.end = at;
  while (at < text.size()) {
    const std::size_t end = end_of_line(text, at);
    const std::string_view line = text.substr(at, end - at);
    if (!is_empty(line)) {
      if (indent == 0) indent = indentation(line);
      if (indentation(line) < indent || indent == 0) break;
    }
    lines.push_back(line);
    at = std::min(end + 1, text.size());
    if (is_empty(line) && !block.keeps) continue;
    kept = lines.size();
    block.end = at;
  }
  lines.resize(kept);
  for (const std::string_view line : lines)
    block.lines.emplace_back(line.substr(std::min(indent, line.size())));
  return block;
}

class Finder {
 public:
  explicit Finder(std::string_view text) : text_(text) {}

  Trivia find(const Node& root) {
    walk(root, 0);
    scan(text_.size());
    return std::move(trivia_);
  }

 private:
  void walk(const Node& node, std::size_t parent) {
    if (node.is_sequence() || node.is_map()) {
      // Flow style holds no block scalars, and its lines may be very long.
      const std::size_t own = node.flow ? 0 : column_of(text_, node.begin);
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (node.is_map()) walk(node.keys[i], own);
        walk(node.items[i], own);
      }
      return;
    }
    if (node.end <= node.begin) return;
    scan(node.begin);
    at_ = node.end;
    const bool block = node.is_scalar() &&
                       (node.style == ScalarStyle::literal || node.style == ScalarStyle::folded);
    if (!block) return;
    BlockScalar scalar = read_block(text_, node.begin, parent);
    at_ = node.begin + scalar.header.size();
    scan(end_of_line(text_, at_));
    at_ = std::max(scalar.end, at_);
    trivia_.blocks.emplace(node.begin, std::move(scalar));
  }

  // The gap up to `limit`: blanks, brackets, dashes, colons, commas, comments; nothing else.
  void scan(std::size_t limit) {
    while (at_ < limit) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = take_comment();
      } else if (is_marker()) {
        take_marker();
      } else {
        if (c == '-') trivia_.dashes.push_back(at_);
        if (c == '{' || c == '[') open_.push_back(at_);
        if ((c == '}' || c == ']') && !open_.empty()) {
          trivia_.brackets[open_.back()] = at_;
          open_.pop_back();
        }
        ++at_;
      }
    }
  }

  bool is_marker() const {
    if (at_ > 0 && text_[at_ - 1] != '\n') return false;
    const std::string_view rest = text_.substr(at_);
    return rest.starts_with("---") || rest.starts_with("...") || rest.starts_with("%");
  }

  std::size_t take_comment() {
    const std::size_t end = end_of_line(text_, at_);
    const std::size_t start = line_start(text_, at_);
    Comment comment;
    comment.at = at_;
    comment.text = std::string(without_blanks_at_end(text_.substr(at_, end - at_)));
    comment.column = column_of(text_, at_);
    comment.own_line =
        text_.substr(start, at_ - start).find_first_not_of(" \t-{[") == std::string_view::npos;
    comment.blank_before = has_blank_above(text_, at_);
    trivia_.comments.push_back(std::move(comment));
    return end;
  }

  // `--- # comment` and `--- {a: 1}`: only the marker itself.
  void take_marker() {
    const std::size_t end =
        text_[at_] == '%' ? end_of_line(text_, at_) : std::min(at_ + 3, text_.size());
    Comment marker;
    marker.at = at_;
    marker.text = std::string(without_blanks_at_end(text_.substr(at_, end - at_)));
    marker.own_line = true;
    marker.marker = true;
    marker.blank_before = has_blank_above(text_, at_);
    trivia_.comments.push_back(std::move(marker));
    at_ = end;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::size_t> open_;
  Trivia trivia_;
};

}  // namespace

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::size_t column_of(std::string_view text, std::size_t at) {
  const std::size_t start = line_start(text, at);
  return width_of(text.substr(start, at - start));
}

bool has_blank_above(std::string_view text, std::size_t at) {
  const std::size_t start = line_start(text, at);
  if (start == 0) return false;
  const std::size_t above = line_start(text, start - 1);
  return is_empty(text.substr(above, start - 1 - above));
}

Trivia find_trivia(std::string_view text, const Node& root) { return Finder(text).find(root); }

}  // namespace vozex::language
