// SPDX-License-Identifier: Apache-2.0
#include "engine/language/format.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/language/format_trivia.h"
#include "engine/language/raw_text.h"
#include "engine/language/report.h"
#include "engine/language/yaml_reader.h"

namespace vozex::language {
namespace {

constexpr std::size_t k_step = 2;
constexpr std::size_t k_gap = 2;  // least blanks before a comment behind something
constexpr std::size_t k_nowhere = std::numeric_limits<std::size_t>::max();

struct Line {
  std::string text;
  std::vector<Comment> comments;  // behind it
  bool blank_before = false;
};

// An open block: the column its entries stand at in the source, and their new indentation.
struct Level {
  std::size_t column = 0;
  std::size_t indent = 0;
};

class Writer {
 public:
  Writer(std::string_view text, const Trivia& trivia) : text_(text), trivia_(trivia) {}

  std::string write(const Node& root) {
    block(root, 0, false);
    flush(text_.size(), 0, 0);
    return joined();
  }

 private:
  // --- one line ---------------------------------------------------------------------------------

  std::string_view raw(const Node& node) const {
    return text_.substr(node.begin, node.end - node.begin);
  }

  static bool is_block_scalar(const Node& node) {
    return node.is_scalar() &&
           (node.style == ScalarStyle::literal || node.style == ScalarStyle::folded);
  }

  bool has_comment_inside(const Node& node) const {
    const auto close = trivia_.brackets.find(node.begin);
    if (close == trivia_.brackets.end()) return false;
    const auto first =
        std::lower_bound(trivia_.comments.begin(),
                         trivia_.comments.end(),
                         node.begin,
                         [](const Comment& comment, std::size_t at) { return comment.at < at; });
    return first != trivia_.comments.end() && first->at < close->second;
  }

  // The node on one line, or nothing when it can't be: block style, line breaks, comments inside.
  std::optional<std::string> inline_text(const Node& node) const {
    if (node.is_null() || node.is_scalar()) {
      if (is_block_scalar(node) || raw(node).find('\n') != std::string_view::npos)
        return std::nullopt;
      return std::string(raw(node));
    }
    if (!node.flow || has_comment_inside(node)) return std::nullopt;
    std::string text(1, node.is_map() ? '{' : '[');
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      if (i > 0) text += ", ";
      if (node.is_map()) {
        const auto key = inline_text(node.keys[i]);
        if (!key) return std::nullopt;
        text += *key + ": ";
      }
      const auto item = inline_text(node.items[i]);
      if (!item) return std::nullopt;
      text += item->empty() ? "null" : *item;
    }
    return text + (node.is_map() ? '}' : ']');
  }

  bool fits(const std::string& text) const {
    return width_of(lines_.back().text) + width_of(text) <= k_format_width;
  }

  // --- comments ---------------------------------------------------------------------------------

  void add_line(std::size_t indent, bool blank_before) {
    Line line;
    line.text = std::string(indent, ' ');
    line.blank_before = blank_before && !lines_.empty() && !first_;
    first_ = false;
    lines_.push_back(std::move(line));
  }

  // Where a comment on a line of its own goes: to the block whose column it stands at, if that one
  // has just been left; else to what follows.
  std::size_t indent_of(const Comment& comment, std::size_t column, std::size_t indent) const {
    if (comment.marker) return 0;
    if (comment.column <= column && column != k_nowhere) return indent;
    std::size_t best = indent;
    for (const Level& level : left_) {
      if (level.column <= comment.column && level.column != k_nowhere) best = level.indent;
    }
    return column == k_nowhere ? indent : std::max(best, indent);
  }

  // Writes the comments before `limit`. What follows stands at `column` of the source.
  void flush(std::size_t limit, std::size_t column, std::size_t indent) {
    for (; next_ < trivia_.comments.size() && trivia_.comments[next_].at < limit; ++next_) {
      const Comment& comment = trivia_.comments[next_];
      if (!comment.own_line && !lines_.empty() && !dash_) {
        lines_.back().comments.push_back(comment);
        continue;
      }
      own_line(comment, indent_of(comment, column, indent));
    }
  }

  // A line that is begun with "- " waits: the comment goes above it.
  void own_line(const Comment& comment, std::size_t indent) {
    std::optional<Line> waiting;
    if (dash_) {
      waiting = std::move(lines_.back());
      lines_.pop_back();
      indent = width_of(waiting->text) - k_step;
    }
    add_line(indent, comment.blank_before || (waiting && waiting->blank_before));
    lines_.back().text += comment.text;
    if (!waiting) return;
    waiting->blank_before = false;
    lines_.push_back(*std::move(waiting));
  }

  // --- blocks -----------------------------------------------------------------------------------

  // Begins the line of an entry whose first character is at `begin`. Comments from there up to
  // `inline_from` have no place on its line and go above.
  void begin_entry(std::size_t begin, std::size_t inline_from, std::size_t indent, bool flow) {
    const std::size_t column = flow ? k_nowhere : column_of(text_, begin);
    flush(begin, column, indent);
    const bool between =
        next_ < trivia_.comments.size() && trivia_.comments[next_].at < inline_from;
    bool blank = !flow && has_blank_above(text_, begin) && !after_kept_;
    for (; next_ < trivia_.comments.size() && trivia_.comments[next_].at < inline_from; ++next_) {
      Comment comment = trivia_.comments[next_];
      comment.blank_before = std::exchange(blank, false);
      own_line(comment, indent);
    }
    if (between) blank = false;
    after_kept_ = false;
    if (!std::exchange(dash_, false)) add_line(indent, blank);
  }

  void block(const Node& node, std::size_t indent, bool flow) {
    const bool inner_flow = flow || node.flow;
    if (!node.is_map() && !node.is_sequence()) {
      begin_entry(node.begin, node.begin, indent, inner_flow);
      value(node, indent, 0);
      return;
    }
    if (node.items.empty()) {
      begin_entry(node.begin, node.begin, indent, inner_flow);
      lines_.back().text += node.is_map() ? "{}" : "[]";
      return;
    }
    levels_.push_back({inner_flow ? k_nowhere : column_of(text_, node.begin), indent});
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      if (node.is_map()) {
        map_entry(node.keys[i], node.items[i], indent, inner_flow);
      } else {
        list_entry(node.items[i], indent, inner_flow, !node.flow);
      }
    }
    levels_.pop_back();
  }

  void map_entry(const Node& key, const Node& item, std::size_t indent, bool flow) {
    const bool nested = (item.is_map() || item.is_sequence()) && !item.items.empty();
    const bool one_line = item.flow && !has_comment_inside(item);
    const bool written = item.end > item.begin || item.is_map() || item.is_sequence();
    const std::size_t inline_from = written && (!nested || one_line) ? item.begin : key.begin;
    begin_entry(key.begin, inline_from, indent, flow);
    left_ = levels_;
    lines_.back().text += std::string(raw(key)) + ":";
    if (!written) {
      if (!flow) left_.push_back({column_of(text_, key.begin) + 1, indent + k_step});
      return;
    }
    value(item, indent, key.end);
  }

  // A wrong place would be found by reading the result again.
  std::size_t next_dash(const Node& item) {
    return next_dash_ < trivia_.dashes.size() ? trivia_.dashes[next_dash_++] : item.begin;
  }

  void list_entry(const Node& item, std::size_t indent, bool flow, bool dashed) {
    const bool empty = item.is_null() && item.end <= item.begin;
    const std::size_t begin = dashed ? next_dash(item) : item.begin;
    begin_entry(begin, empty ? begin : item.begin, indent, flow);
    left_ = levels_;
    lines_.back().text += "-";
    if (empty) return;
    if (const auto text = inline_text(item); text && fits(" " + *text)) {
      lines_.back().text += " " + *text;
      return;
    }
    if (item.is_scalar() || item.items.empty()) {
      value(item, indent, 0);
      return;
    }
    lines_.back().text += " ";
    dash_ = true;
    block(item, indent + k_step, flow);
  }

  // Behind `key:` or `-` on the last line. `behind` is where the key ends in the source.
  void value(const Node& node, std::size_t indent, std::size_t behind) {
    const std::string blank =
        lines_.back().text.empty() || lines_.back().text.ends_with(' ') ? "" : " ";
    const auto text = inline_text(node);
    if (text && fits(blank + *text)) {
      lines_.back().text += blank + *text;
    } else if (is_block_scalar(node)) {
      block_scalar(node, indent, blank);
    } else if (node.is_scalar() || node.is_null()) {
      const std::string_view gap =
          behind == 0 ? std::string_view() : text_.substr(behind, node.begin - behind);
      const bool own_line = gap.find('\n') != std::string_view::npos;
      if (own_line) add_line(indent + k_step, false);
      folded_lines(raw(node), indent + k_step, own_line ? "" : blank);
    } else {
      first_ = true;
      block(node, indent + k_step, false);
      first_ = false;
    }
  }

  void block_scalar(const Node& node, std::size_t indent, const std::string& blank) {
    const BlockScalar& scalar = trivia_.blocks.at(node.begin);
    lines_.back().text += blank + scalar.header;
    flush(end_of_line(text_, node.begin), 0, indent);
    const std::string margin(indent + (scalar.digit == 0 ? k_step : scalar.digit), ' ');
    for (const std::string& line : scalar.lines) {
      add_line(0, false);
      if (!line.empty()) lines_.back().text = margin + line;
    }
    after_kept_ = scalar.keeps;
  }

  // A scalar of several lines: blanks around its line breaks mean nothing.
  void folded_lines(std::string_view raw_text, std::size_t indent, const std::string& blank) {
    bool first = true;
    while (true) {
      const std::size_t end = end_of_line(raw_text, 0);
      std::string_view line = raw_text.substr(0, end);
      if (!first) {
        add_line(0, false);
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
      }
      if (end < raw_text.size()) {
        while (!line.empty() && is_blank(line.back()) && !line.ends_with("\\ "))
          line.remove_suffix(1);
      }
      if (first) {
        lines_.back().text += blank + std::string(line);
      } else if (!line.empty()) {
        lines_.back().text = std::string(indent, ' ') + std::string(line);
      }
      if (end >= raw_text.size()) return;
      raw_text.remove_prefix(end + 1);
      first = false;
    }
  }

  // --- the whole --------------------------------------------------------------------------------

  static void append_comment(std::string& text, const Comment& comment) {
    const std::size_t width = width_of(text);
    std::size_t column = width + k_gap;
    if (comment.column <= k_format_width) column = std::max(column, comment.column);
    text += std::string(column - width, ' ') + comment.text;
  }

  std::string joined() const {
    std::string out;
    for (const Line& line : lines_) {
      if (line.blank_before) out += '\n';
      // Of several that came together on one line, the last one stays behind it.
      for (std::size_t i = 0; i + 1 < line.comments.size(); ++i) {
        const std::size_t indent = std::min(line.text.find_first_not_of(' '), line.text.size());
        out += std::string(indent, ' ') + line.comments[i].text + '\n';
      }
      std::string text = line.text;
      if (!line.comments.empty()) append_comment(text, line.comments.back());
      out += text + '\n';
    }
    return out;
  }

  std::string_view text_;
  const Trivia& trivia_;
  std::size_t next_ = 0;       // comment
  std::size_t next_dash_ = 0;  // of a block list
  std::vector<Line> lines_;
  std::vector<Level> levels_;  // open ones, outermost first
  std::vector<Level> left_;    // those of the last entry
  bool first_ = false;         // the next line is the first inside its parent
  bool dash_ = false;          // the last line is "- " and waits for what it holds
  bool after_kept_ = false;    // the empty lines above belong to a scalar
};

std::string with_plain_line_ends(std::string_view text) {
  constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(k_byte_order_mark)) text.remove_prefix(k_byte_order_mark.size());
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    plain += text[i];
  }
  return plain;
}

// A key on several lines has no place in the layout.
bool has_long_key(const Node& node) {
  for (const Node& key : node.keys) {
    if (key.style == ScalarStyle::literal || key.style == ScalarStyle::folded ||
        key.text.find('\n') != std::string::npos) {
      return true;
    }
  }
  return std::any_of(node.items.begin(), node.items.end(), has_long_key);
}

std::optional<Node> read_clean(const SourceText& source, std::vector<Diagnostic>& out) {
  std::vector<Diagnostic> found;
  auto root = read_yaml(source, found);
  const bool bad = has_errors(found);
  out.insert(out.end(), found.begin(), found.end());
  return bad ? std::nullopt : std::move(root);
}

}  // namespace

bool says_the_same(const Node& a, const Node& b) {
  const auto equal = [](const std::vector<Node>& x, const std::vector<Node>& y) {
    return x.size() == y.size() && std::equal(x.begin(), x.end(), y.begin(), says_the_same);
  };
  if (a.kind != b.kind || !equal(a.keys, b.keys) || !equal(a.items, b.items)) return false;
  // `yes` and "yes" differ.
  return !a.is_scalar() || (a.text == b.text && a.is_plain() == b.is_plain());
}

std::optional<std::string> format_yaml(const SourceText& source, std::vector<Diagnostic>& out) {
  const SourceText plain(source.name(), with_plain_line_ends(source.text()));
  const auto root = read_clean(plain, out);
  if (!root) return std::nullopt;
  Report report(source, out);
  const auto refuse = [&](const std::string& why) {
    report.error(code::malformed_yaml, {1, 1, 0}, "this file can't be formatted: " + why);
    return std::nullopt;
  };
  if (has_long_key(*root)) return refuse("a key goes over several lines");
  std::string text = Writer(plain.text(), find_trivia(plain.text(), *root)).write(*root);
  std::vector<Diagnostic> ignored;
  const auto again = read_clean(SourceText(source.name(), text), ignored);
  if (!again || !says_the_same(*root, *again))
    return refuse("its layout is one that the formatter doesn't know, and is left as it is");
  return text;
}

}  // namespace vozex::language
