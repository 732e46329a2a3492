// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/editor/cursor.h"

#include <algorithm>
#include <optional>

#include "engine/language/raw_text.h"

namespace vozex::lab::editor {
namespace {

using language::end_of_line;
using language::is_blank;
using language::is_quote;
using language::skip_blanks;

constexpr std::size_t k_max_frames = 128;

// An open map or list, and where in it we are.
struct Frame {
  bool list = false;
  bool flow = false;
  std::size_t indent = 0;  // of a block
  std::string key;         // of a map: the last key read
  bool has_key = false;
  std::size_t index = 0;  // of a list
};

struct Word {
  std::size_t begin = 0;  // without quotes
  std::size_t end = 0;
  std::size_t after = 0;  // behind the closing quote
  char quote = 0;
};

class Scanner {
 public:
  Scanner(std::string_view text, std::size_t offset)
      : text_(text), offset_(std::min(offset, text.size())) {}

  Cursor find() {
    std::size_t at = 0;
    while (!found_ && at <= text_.size()) {
      at = line(at);
      if (at >= text_.size() && !found_) {
        blank_line(text_.size(), text_.size());
        break;
      }
    }
    return found_.value_or(Cursor{});
  }

 private:
  // --- what has been found ----------------------------------------------------------------------

  Path path(bool with_last) const {
    Path path;
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      const Frame& frame = frames_[i];
      if (i + 1 == frames_.size() && !with_last) break;
      if (frame.list) {
        path.push_back({"", true, frame.index});
      } else if (frame.has_key) {
        path.push_back({frame.key, false, 0});
      }
    }
    return path;
  }

  void found(Path path, bool at_key, bool lone, const Word& word) {
    Cursor cursor;
    cursor.path = std::move(path);
    cursor.at_key = at_key;
    cursor.lone = lone;
    cursor.begin = word.begin;
    cursor.end = word.end;
    cursor.quote = word.quote;
    cursor.flow = in_flow();
    found_ = std::move(cursor);
  }

  bool holds(std::size_t begin, std::size_t end) const {
    return offset_ >= begin && offset_ <= end;
  }
  bool in_flow() const { return !frames_.empty() && frames_.back().flow; }

  // --- words ------------------------------------------------------------------------------------

  Word word_at(std::size_t at, std::size_t limit) const {
    if (at < limit && is_quote(text_[at])) {
      const std::size_t after = language::after_quoted(text_, at, text_.size());
      // Not closed yet: up to the end of the line.
      if (after == std::string_view::npos || (after > limit && offset_ <= limit && offset_ > at))
        return {at + 1, limit, limit, text_[at]};
      return {at + 1, after - 1, after, text_[at]};
    }
    std::size_t end = at;
    while (end < limit && !ends_plain(end)) ++end;
    std::size_t last = end;
    while (last > at && is_blank(text_[last - 1])) --last;
    return {at, last, end, 0};
  }

  bool ends_plain(std::size_t at) const {
    const char c = text_[at];
    const char next = at + 1 < text_.size() ? text_[at + 1] : '\n';
    if (c == ':' && (is_blank(next) || next == '\n' || next == '\r')) return true;
    if (c == '#' && at > 0 && is_blank(text_[at - 1])) return true;
    if (!in_flow()) return false;
    return c == ',' || c == '{' || c == '}' || c == '[' || c == ']';
  }

  bool colon_at(std::size_t at, std::size_t limit) const {
    at = skip_blanks(text_, at);
    return at < limit && text_[at] == ':';
  }

  // --- flow style -------------------------------------------------------------------------------

  void open_flow(bool list) {
    if (frames_.size() >= k_max_frames) return;
    Frame frame;
    frame.list = list;
    frame.flow = true;
    frames_.push_back(frame);
    wants_value_ = false;
  }

  // Reads flow text up to the end of the line or of the outermost bracket; gives where it stopped.
  std::size_t flow(std::size_t at, std::size_t limit) {
    while (at < limit && in_flow() && !found_) {
      const std::size_t next = skip_blanks(text_, at);
      if (next >= limit) break;
      const char c = text_[next];
      if (c == '#') {
        comment(next, limit);
        return limit;
      }
      if (offset_ < next || (offset_ == next && (c == '}' || c == ']' || c == ','))) {
        here(offset_);
        return limit;
      }
      at = flow_piece(next, limit);
    }
    if (!found_ && in_flow() && holds(at, limit)) here(offset_);
    return found_ ? limit : at;
  }

  std::size_t flow_piece(std::size_t at, std::size_t limit) {
    const char c = text_[at];
    Frame& top = frames_.back();
    if (c == '{' || c == '[') {
      open_flow(c == '[');
      return at + 1;
    }
    if (c == '}' || c == ']') {
      frames_.pop_back();
      wants_value_ = false;
      return at + 1;
    }
    if (c == ',') {
      ++top.index;
      top.has_key = false;
      wants_value_ = false;
      return at + 1;
    }
    if (c == ':') {
      wants_value_ = true;
      return at + 1;
    }
    const Word word = word_at(at, limit);
    const bool is_key = !top.list && !wants_value_;
    if (holds(at, word.after) && offset_ <= std::max(word.end, at + (word.quote != 0 ? 1U : 0U)))
      found(is_key ? path(false) : path(true), is_key, false, word);
    if (is_key) {
      top.key = std::string(text_.substr(word.begin, word.end - word.begin));
      top.has_key = true;
    }
    return std::max(word.after, at + 1);
  }

  // Nothing is written here yet.
  void here(std::size_t at) {
    const Word none{at, at, at, 0};
    const Frame& top = frames_.back();
    const bool is_key = !top.list && !wants_value_;
    found(is_key ? path(false) : path(true), is_key, false, none);
  }

  // --- block style ------------------------------------------------------------------------------

  void comment(std::size_t at, std::size_t limit) {
    if (!holds(at + 1, limit)) return;
    found({}, false, false, {at, limit, limit, 0});
    found_->nowhere = true;
  }

  std::size_t line(std::size_t begin) {
    const std::size_t end = end_of_line(text_, begin);
    const std::size_t next = end + 1;
    const std::size_t first = skip_blanks(text_, begin);
    if (first >= end) {
      if (holds(begin, end)) blank_line(begin, end);
      return next;
    }
    if (in_flow()) {
      value_rest(flow(begin, end), end);
      return next;
    }
    const std::size_t column = first - begin;
    if (block_text_ && column > *block_text_) {
      if (holds(begin, end)) found(path(true), false, false, {first, end, end, 0});
      return next;
    }
    block_text_.reset();
    if (text_[first] == '#') {
      if (holds(begin, first)) blank_line(begin, first);
      comment(first, end);
      return next;
    }
    if (holds(begin, first) && offset_ < first) {
      blank_line(begin, first);
      return next;
    }
    leave(column, text_[first] == '-' && is_dash(first, end));
    return std::max(next, entry(first, begin, end));
  }

  bool is_dash(std::size_t at, std::size_t end) const {
    return at < end && text_[at] == '-' && (at + 1 >= end || is_blank(text_[at + 1]));
  }

  // Closes the blocks that a line at this column doesn't belong to.
  void leave(std::size_t column, bool dash) {
    while (!frames_.empty()) {
      const Frame& top = frames_.back();
      const bool ended = top.indent > column || (top.indent == column && top.list && !dash);
      if (!ended) return;
      frames_.pop_back();
    }
  }

  std::size_t entry(std::size_t at, std::size_t begin, std::size_t end) {
    while (is_dash(at, end)) {
      dash(at - begin);
      at = skip_blanks(text_, at + 1);
      if (at >= end) {
        if (holds(begin, end)) found(path(true), true, true, {offset_, offset_, offset_, 0});
        return end + 1;
      }
      if (offset_ < at && holds(begin, end)) {
        found(path(true), true, true, {offset_, offset_, offset_, 0});
        return end + 1;
      }
    }
    if (text_[at] == '{' || text_[at] == '[') {
      open_flow(text_[at] == '[');
      value_rest(flow(at + 1, end), end);
      return end + 1;
    }
    const Word word = word_at(at, end);
    if (!colon_at(word.after, end)) {
      const bool beside =
          !frames_.empty() && !frames_.back().list && frames_.back().indent == at - begin;
      if (holds(at, end)) found(path(!beside), true, !beside, word);
      return end + 1;
    }
    key(word, at - begin);
    const std::size_t colon = skip_blanks(text_, word.after);
    if (holds(at, colon)) {
      found(path(false), true, false, word);
      return end + 1;
    }
    return value(skip_blanks(text_, colon + 1), colon + 1, end, at - begin);
  }

  void dash(std::size_t column) {
    if (!frames_.empty() && frames_.back().list && frames_.back().indent == column) {
      ++frames_.back().index;
      return;
    }
    if (frames_.size() >= k_max_frames) return;
    Frame frame;
    frame.list = true;
    frame.indent = column;
    frames_.push_back(frame);
  }

  void key(const Word& word, std::size_t column) {
    if (frames_.empty() || frames_.back().list || frames_.back().indent != column) {
      if (frames_.size() >= k_max_frames) return;
      Frame frame;
      frame.indent = column;
      frames_.push_back(frame);
    }
    frames_.back().key = std::string(text_.substr(word.begin, word.end - word.begin));
    frames_.back().has_key = true;
  }

  // Behind a colon. Gives where to go on: the next line, or behind a text of several lines.
  std::size_t value(std::size_t at, std::size_t begin, std::size_t end, std::size_t column) {
    if (at >= end || offset_ < at) {
      if (holds(begin, end) && offset_ <= std::max(at, begin))
        found(path(true), false, true, {offset_, offset_, offset_, 0});
      if (at >= end) return end + 1;
    }
    const char c = text_[at];
    if (c == '{' || c == '[') {
      open_flow(c == '[');
      value_rest(flow(at + 1, end), end);
      return end + 1;
    }
    if (c == '|' || c == '>') {
      block_text_ = column;
      return end + 1;
    }
    if (c == '#') {
      comment(at, end);
      return end + 1;
    }
    const Word word = word_in_value(at, end);
    if (!found_ && holds(at, std::max(word.end, word.quote != 0 ? word.after : word.end)))
      found(path(true), false, false, word);
    if (word.after > end) return end_of_line(text_, word.after) + 1;
    value_rest(word.after, end);
    return end + 1;
  }

  // In a value `: ` doesn't end a word: the line is being typed.
  Word word_in_value(std::size_t at, std::size_t end) const {
    if (is_quote(text_[at])) return word_at(at, end);
    std::size_t last = at;
    while (last < end && !(text_[last] == '#' && is_blank(text_[last - 1]))) ++last;
    const std::size_t after = last;
    while (last > at && (is_blank(text_[last - 1]) || text_[last - 1] == '\r')) --last;
    return {at, last, after, 0};
  }

  // Behind a value on its line: blanks and a comment.
  void value_rest(std::size_t at, std::size_t end) {
    if (found_ || at >= end) return;
    const std::size_t hash = text_.find('#', at);
    if (hash < end) comment(hash, end);
  }

  // The cursor's line is empty up to it: its column says what it belongs to.
  void blank_line(std::size_t begin, std::size_t) {
    const std::size_t start =
        offset_ == 0 ? 0 : std::min(text_.rfind('\n', offset_ - 1) + 1, offset_);
    const std::size_t column = offset_ - std::max(start, std::min(begin, offset_));
    const Word none{offset_, offset_, offset_, 0};
    if (in_flow()) {
      here(offset_);
      return;
    }
    if (block_text_ && column > *block_text_) {
      found(path(true), false, false, none);
      return;
    }
    leave(column, false);
    const bool inside = !frames_.empty() && !frames_.back().list && frames_.back().indent == column;
    found(path(!inside), true, !inside, none);
  }

  std::string_view text_;
  std::size_t offset_;
  std::vector<Frame> frames_;
  std::optional<Cursor> found_;
  std::optional<std::size_t> block_text_;  // column of the key whose | or > text we are in
  bool wants_value_ = false;               // in flow style: behind a colon
};

}  // namespace

std::string path_text(const Path& path) {
  std::string text;
  for (const Step& step : path) {
    if (step.entry) {
      text += "[" + std::to_string(step.index) + "]";
    } else {
      text += (text.empty() ? "" : ".") + step.key;
    }
  }
  return text;
}

Cursor cursor_at(std::string_view text, std::size_t offset) { return Scanner(text, offset).find(); }

}  // namespace vozex::lab::editor
