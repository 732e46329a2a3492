// SPDX-License-Identifier: Apache-2.0
#include "engine/language/yaml_recovery.h"

#include <algorithm>
#include <vector>

#include "engine/language/raw_text.h"

namespace vozex::language {
namespace {

struct Line {
  std::size_t begin = 0;
  std::size_t end = 0;  // without the newline
  std::size_t indent = 0;
  bool blank = false;     // nothing, or a comment
  bool item = false;      // begins with "- "
  std::size_t value = 0;  // where an entry's value may begin; npos: this is no entry
};

// Behind the colon of `key:`; npos when the text is no key.
std::size_t after_key(std::string_view text, std::size_t begin, std::size_t end) {
  if (begin < end && (text[begin] == '"' || text[begin] == '\'')) {
    const std::size_t closed = after_quoted(text, begin, end);
    if (closed == std::string_view::npos || closed >= end || text[closed] != ':')
      return std::string_view::npos;
    return closed + 1;
  }
  for (std::size_t at = begin; at < end; ++at) {
    const char c = text[at];
    if (c == '{' || c == '[' || c == '#' || c == ',') return std::string_view::npos;
    if (c == ':' && at > begin && (at + 1 == end || is_blank(text[at + 1]))) return at + 1;
  }
  return std::string_view::npos;
}

Line line_at(std::string_view text, std::size_t begin) {
  Line line;
  line.begin = begin;
  line.end = std::min(text.find('\n', begin), text.size());
  const std::size_t first = std::min(skip_blanks(text, begin), line.end);
  line.indent = first - begin;
  line.blank = first == line.end || text[first] == '#';
  line.item = first < line.end && text[first] == '-' &&
              (first + 1 == line.end || is_blank(text[first + 1]));
  line.value = line.item ? first + 1 : after_key(text, first, line.end);
  return line;
}

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t at = 0; at < text.size();) {
    lines.push_back(line_at(text, at));
    at = lines.back().end + 1;
  }
  return lines;
}

// The last line that belongs to the entry of line `first`.
std::size_t last_of(const std::vector<Line>& lines, std::size_t first) {
  const Line& own = lines[first];
  std::size_t last = first;
  for (std::size_t i = first + 1; i < lines.size(); ++i) {
    const Line& line = lines[i];
    if (line.blank) continue;
    // A list may stand right below its key.
    const bool inside =
        line.indent > own.indent || (line.indent == own.indent && line.item && !own.item);
    if (!inside) break;
    last = i;
  }
  return last;
}

std::optional<LostEntry> lost_at(std::string_view text,
                                 const std::vector<Line>& lines,
                                 std::size_t first) {
  LostEntry lost;
  const std::size_t last = last_of(lines, first);
  lost.end = lines[last].end;
  lost.first_line = static_cast<std::uint32_t>(first + 1);
  lost.last_line = static_cast<std::uint32_t>(last + 1);
  std::size_t at = lines[first].value;
  while (at < lost.end) {
    if (is_blank(text[at]) || text[at] == '\n' || text[at] == '\r') {
      ++at;
    } else if (text[at] == '#') {
      at = std::min(text.find('\n', at), lost.end);
    } else {
      lost.begin = at;
      return lost;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<LostEntry> enclosing_entry(std::string_view text, std::uint32_t line, int level) {
  const std::vector<Line> lines = lines_of(text);
  if (line == 0 || lines.empty()) return std::nullopt;
  std::size_t at = std::min<std::size_t>(line - 1, lines.size() - 1);
  while (at > 0 && lines[at].blank) --at;
  std::size_t bound = std::string_view::npos;
  for (std::size_t left = at + 1; left > 0; --left) {
    const Line& candidate = lines[left - 1];
    if (candidate.blank || candidate.indent >= bound) continue;
    bound = candidate.indent;
    if (candidate.value == std::string_view::npos) continue;
    if (auto lost = lost_at(text, lines, left - 1); lost && level-- == 0) return lost;
  }
  return std::nullopt;
}

void give_up(std::string& text, const LostEntry& lost) {
  for (std::size_t at = lost.begin; at < lost.end; ++at) {
    if (text[at] != '\n') text[at] = ' ';
  }
  text[lost.begin] = '~';
}

}  // namespace vozex::language
