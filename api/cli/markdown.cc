// SPDX-License-Identifier: Apache-2.0
#include "api/cli/markdown.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "engine/base/text.h"

namespace vozex::cli {
namespace {

constexpr std::string_view k_bold = "\x1b[1m";
constexpr std::string_view k_code = "\x1b[36m";
constexpr std::string_view k_plain = "\x1b[0m";

struct Word {
  std::string text;       // with escape sequences, when there is colour
  std::size_t width = 0;  // on the screen
};

// `[text](url)` -> "text (url)": a terminal can't hide the address.
std::string with_open_links(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = text.find('[');
    const std::size_t middle = text.find("](", open == std::string_view::npos ? 0 : open);
    const std::size_t end = text.find(')', middle == std::string_view::npos ? 0 : middle);
    if (open == std::string_view::npos || middle == std::string_view::npos ||
        end == std::string_view::npos)
      return out.append(text);
    out.append(text.substr(0, open)).append(text.substr(open + 1, middle - open - 1));
    out.append(" (").append(text.substr(middle + 2, end - middle - 2)).append(")");
    text.remove_prefix(end + 1);
  }
  return out;
}

class Words {
 public:
  explicit Words(bool colour) : colour_(colour) {}

  // Code between backticks stays together.
  std::vector<Word> split(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      const char c = text[at];
      if (c == '`') {
        const std::size_t end = std::min(text.find('`', at + 1), text.size());
        code(text.substr(at + 1, end - at - 1));
        at = end;
      } else if (c == ' ' || c == '\n') {
        flush();
      } else if (c == '*' && at + 1 < text.size() && text[at + 1] == '*') {
        if (colour_) word_.text += bold_ ? k_plain : k_bold;
        bold_ = !bold_;
        ++at;
      } else {
        word_.text += c;
        plain_ += c;
      }
    }
    flush();
    return std::move(words_);
  }

 private:
  void code(std::string_view span) {
    word_.text.append(colour_ ? k_code : "`").append(span).append(colour_ ? k_plain : "`");
    plain_.append(span).append(colour_ ? "" : "``");
  }
  void flush() {
    if (plain_.empty()) return;
    word_.width = code_points(plain_);
    words_.push_back(std::move(word_));
    word_ = {};
    plain_.clear();
  }

  bool colour_;
  bool bold_ = false;
  Word word_;
  std::string plain_;
  std::vector<Word> words_;
};

class Page {
 public:
  explicit Page(const PageStyle& style) : style_(style) {}

  void line(std::string_view line) {
    if (line.starts_with("```")) {
      end_block();
      in_code_ = !in_code_;
    } else if (in_code_) {
      out_.append(line.empty() ? "" : "    ").append(line).append("\n");
    } else if (line.starts_with('#')) {
      end_block();
      heading(line);
    } else if (line.starts_with('|')) {
      end_block();
      out_.append(line).append("\n");
    } else if (line.empty()) {
      end_block();
      if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
    } else {
      text(line);
    }
  }
  std::string done() && {
    end_block();
    while (out_.ends_with("\n\n")) out_.pop_back();
    return std::move(out_);
  }

 private:
  void heading(std::string_view line) {
    const std::size_t marks = std::min(line.find_first_not_of('#'), line.size());
    const std::string_view words = line.substr(std::min(marks + 1, line.size()));
    if (style_.colour) {
      out_.append(k_bold).append(words).append(k_plain).append("\n");
      return;
    }
    out_.append(words).append("\n");
    out_.append(std::string(code_points(words), marks == 1 ? '=' : '-')).append("\n");
  }

  // How far the text behind "- " or "12. " is from the left; 0 when it is no entry of a list.
  static std::size_t marker_width(std::string_view line) {
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    std::size_t at = indent;
    if (line.substr(at).starts_with("- ") || line.substr(at).starts_with("* ")) return at + 2;
    while (at < line.size() && std::isdigit(static_cast<unsigned char>(line[at])) != 0) ++at;
    return at > indent && line.substr(at).starts_with(". ") ? at + 2 : 0;
  }

  void text(std::string_view line) {
    if (const std::size_t width = marker_width(line); width != 0) {
      end_block();
      marker_ = line.substr(0, width);
      block_ = line.substr(width);
    } else {
      block_.append(block_.empty() ? "" : " ").append(line);
    }
  }

  void end_block() {
    if (block_.empty() && marker_.empty()) return;
    const std::string indent(marker_.size(), ' ');
    std::string row = marker_;
    std::size_t width = marker_.size();
    bool first = true;
    for (const Word& word : Words(style_.colour).split(with_open_links(block_))) {
      if (!first && width + 1 + word.width > style_.width) {
        out_.append(row).append("\n");
        row = indent;
        width = indent.size();
        first = true;
      }
      if (!first) row += ' ';
      row += word.text;
      width += word.width + (first ? 0 : 1);
      first = false;
    }
    out_.append(row).append("\n");
    block_.clear();
    marker_.clear();
  }

  PageStyle style_;
  std::string out_;
  std::string block_;
  std::string marker_;
  bool in_code_ = false;
};

}  // namespace

std::string render_markdown(std::string_view markdown, const PageStyle& style) {
  Page page(style);
  while (!markdown.empty()) {
    const std::size_t end = std::min(markdown.find('\n'), markdown.size());
    page.line(markdown.substr(0, end));
    markdown.remove_prefix(std::min(end + 1, markdown.size()));
  }
  return std::move(page).done();
}

}  // namespace vozex::cli
