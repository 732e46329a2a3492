// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/literal.h"

#include "engine/expr/problems.h"

namespace vozex::expr {
namespace {

bool is_quote(char c) { return c == '"' || c == '\''; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// One escape sequence, `at` on the character after the backslash.
class Escape {
 public:
  Escape(std::string_view body, std::size_t at, bool bytes) : body_(body), at_(at), bytes_(bytes) {}

  // Appends what it means and returns the position after it; nullopt when it means nothing.
  std::optional<std::size_t> decode(std::string& out) {
    if (at_ >= body_.size()) return std::nullopt;
    const char c = body_[at_];
    switch (c) {
      case 'a': return put(out, '\a');
      case 'b': return put(out, '\b');
      case 'f': return put(out, '\f');
      case 'n': return put(out, '\n');
      case 'r': return put(out, '\r');
      case 't': return put(out, '\t');
      case 'v': return put(out, '\v');
      case '\\':
      case '?':
      case '"':
      case '\'':
      case '`': return put(out, c);
      case 'x':
      case 'X': return hex(out, 2, !bytes_);
      case 'u': return bytes_ ? std::nullopt : hex(out, 4, true);
      case 'U': return bytes_ ? std::nullopt : hex(out, 8, true);
      default: return octal(out);
    }
  }

 private:
  std::optional<std::size_t> put(std::string& out, char c) const {
    out += c;
    return at_ + 1;
  }

  std::optional<std::size_t> hex(std::string& out, std::size_t digits, bool as_point) const {
    if (at_ + digits >= body_.size()) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 1; i <= digits; ++i) {
      const int digit = hex_digit(body_[at_ + i]);
      if (digit < 0) return std::nullopt;
      value = value * 16 + static_cast<std::uint32_t>(digit);
    }
    if (!store(out, value, as_point)) return std::nullopt;
    return at_ + 1 + digits;
  }

  std::optional<std::size_t> octal(std::string& out) const {
    if (at_ + 2 >= body_.size()) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const char c = body_[at_ + i];
      if (c < '0' || c > (i == 0 ? '3' : '7')) return std::nullopt;
      value = value * 8 + static_cast<std::uint32_t>(c - '0');
    }
    if (!store(out, value, !bytes_)) return std::nullopt;
    return at_ + 3;
  }

  static bool store(std::string& out, std::uint32_t value, bool as_point) {
    if (!as_point) {
      out += static_cast<char>(value);
      return true;
    }
    if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return false;
    append_utf8(out, value);
    return true;
  }

  std::string_view body_;
  std::size_t at_;
  bool bytes_;
};

}  // namespace

void append_utf8(std::string& out, std::uint32_t point) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0 | (point >> 6));
    byte(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    byte(0xE0 | (point >> 12));
    byte(0x80 | ((point >> 6) & 0x3F));
    byte(0x80 | (point & 0x3F));
  } else {
    byte(0xF0 | (point >> 18));
    byte(0x80 | ((point >> 12) & 0x3F));
    byte(0x80 | ((point >> 6) & 0x3F));
    byte(0x80 | (point & 0x3F));
  }
}

std::optional<StringShape> string_shape(std::string_view text, std::size_t begin) {
  StringShape shape;
  std::size_t at = begin;
  for (int i = 0; i < 2 && at < text.size(); ++i) {
    const char c = text[at];
    if ((c == 'r' || c == 'R') && !shape.raw) {
      shape.raw = true;
    } else if ((c == 'b' || c == 'B') && !shape.bytes) {
      shape.bytes = true;
    } else {
      break;
    }
    ++at;
  }
  if (at >= text.size() || !is_quote(text[at])) return std::nullopt;
  const char quote = text[at];
  shape.triple = at + 2 < text.size() && text[at + 1] == quote && text[at + 2] == quote;
  at += shape.triple ? 3 : 1;
  shape.body_begin = at;
  for (; at < text.size(); ++at) {
    // In a raw literal a backslash is itself: CEL's grammar has no escaped quote there.
    if (text[at] == '\\' && !shape.raw && at + 1 < text.size()) {
      ++at;
      continue;
    }
    if (!shape.triple && (text[at] == '\n' || text[at] == '\r')) break;
    if (text[at] != quote) continue;
    if (shape.triple && (at + 2 >= text.size() || text[at + 1] != quote || text[at + 2] != quote))
      continue;
    shape.closed = true;
    break;
  }
  shape.body_end = at;
  shape.end = shape.closed ? at + (shape.triple ? 3 : 1) : at;
  return shape;
}

std::string decode_body(std::string_view text,
                        const StringShape& shape,
                        std::vector<Problem>& problems) {
  const std::string_view body = text.substr(shape.body_begin, shape.body_end - shape.body_begin);
  if (shape.raw) return std::string(body);
  std::string out;
  out.reserve(body.size());
  for (std::size_t at = 0; at < body.size();) {
    if (body[at] != '\\') {
      out += body[at++];
      continue;
    }
    const auto next = Escape(body, at + 1, shape.bytes).decode(out);
    if (!next) {
      const std::size_t length = at + 1 < body.size() ? 2 : 1;
      problems.push_back(
          {std::string(code::k_bad_text_literal),
           "the escape '" + std::string(body.substr(at, length)) + "' means nothing here",
           "write '\\\\' for a backslash, or a raw string r'...' for patterns",
           shape.body_begin + at,
           length});
      at += length;
      continue;
    }
    at = *next;
  }
  return out;
}

}  // namespace vozex::expr
