// SPDX-License-Identifier: Apache-2.0
#include "engine/types/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>

#include "engine/base/base64.h"
#include "engine/types/time_text.h"

namespace vozex::types {
namespace {

constexpr char k_hex[] = "0123456789abcdef";

// 0: stands for itself; 'u': \u00XX; else the letter of the short escape.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> escapes{};
  for (std::size_t i = 0; i < 0x20; ++i) escapes[i] = 'u';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}
constexpr std::array<char, 256> k_escapes = make_escapes();

// Whether any of eight bytes needs an escape: Mycroft's test for a zero byte, of the bytes less
// 0x20 and of their differences to a quote and a backslash. May be wrong about which, never about
// whether.
bool has_special(const char* eight) {
  constexpr std::uint64_t k_ones = 0x0101010101010101;
  constexpr std::uint64_t k_highs = 0x8080808080808080;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, eight, sizeof bytes);
  const auto has_zero = [](std::uint64_t x) { return (x - k_ones) & ~x; };
  const std::uint64_t below_space = (bytes - 0x20 * k_ones) & ~bytes;
  const std::uint64_t quote = has_zero(bytes ^ ('"' * k_ones));
  const std::uint64_t backslash = has_zero(bytes ^ ('\\' * k_ones));
  return ((below_space | quote | backslash) & k_highs) != 0;
}

// Where the next byte stands that needs an escape, at `from` or behind it; else the end.
std::size_t next_special(std::string_view text, std::size_t from) {
  std::size_t at = from;
  for (;;) {
    while (at + 8 <= text.size() && !has_special(text.data() + at)) at += 8;
    for (const std::size_t end = std::min(at + 8, text.size()); at < end; ++at) {
      if (k_escapes[static_cast<unsigned char>(text[at])] != 0) return at;
    }
    if (at == text.size()) return at;
  }
}

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  out.append(buffer.data(), end);
}

void append_real(std::string& out, double number) {
  if (std::isnan(number)) {
    out += "\"NaN\"";
  } else if (std::isinf(number)) {
    out += number < 0 ? "\"-Infinity\"" : "\"Infinity\"";
  } else {
    const std::size_t begin = out.size();
    append_number(out, number);
    // "1" would read back as an int.
    if (out.find_first_of(".e", begin) == std::string::npos) out += ".0";
  }
}

class Writer {
 public:
  Writer(std::string& out, bool pretty) : out_(out), pretty_(pretty) {}

  void write(const Value& value) {
    switch (value.kind()) {
      case Kind::null: out_ += "null"; return;
      case Kind::boolean: out_ += value.as_boolean() ? "true" : "false"; return;
      case Kind::integer: append_number(out_, value.as_integer()); return;
      case Kind::uint: append_number(out_, value.as_uint()); return;
      case Kind::real: append_real(out_, value.as_real()); return;
      case Kind::string:
      case Kind::type: append_json_string(out_, value.as_string()); return;
      case Kind::bytes:
        out_ += '"';
        out_ += base64(value.as_string());
        out_ += '"';
        return;
      case Kind::timestamp: quote(timestamp_text(value.as_timestamp())); return;
      case Kind::duration: quote(duration_text(value.as_duration())); return;
      case Kind::list: write_list(value.as_list()); return;
      case Kind::map: write_map(value.as_map()); return;
      case Kind::optional:
        if (value.as_optional() == nullptr) {
          out_ += "null";
        } else {
          write(*value.as_optional());
        }
        return;
    }
  }

 private:
  void quote(const std::string& plain) {
    out_ += '"';
    out_ += plain;
    out_ += '"';
  }

  void write_list(const Value::List& items) {
    open('[');
    for (const Value& item : items) {
      next();
      write(item);
    }
    close(']', items.empty());
  }

  void write_map(const Value::Map& entries) {
    // Keys are sorted bool < number < string: when the first is a string, all are, by code point.
    if (!entries.empty() && !entries.front().key.is_string()) return write_mixed(entries);
    open('{');
    for (const Value::MapEntry& entry : entries) {
      next();
      member(entry.key.as_string(), entry.value);
    }
    close('}', entries.empty());
  }

  // Keys that JSON lacks become text, which may change their order and make two of them one: the
  // string among the two counts.
  void write_mixed(const Value::Map& entries) {
    std::map<std::string, const Value*, std::less<>> members;
    for (const Value::MapEntry& entry : entries) {
      members[entry.key.is_string() ? entry.key.as_string() : to_json(entry.key)] = &entry.value;
    }
    open('{');
    for (const auto& [name, value] : members) {
      next();
      member(name, *value);
    }
    close('}', false);
  }

  void member(std::string_view name, const Value& value) {
    append_json_string(out_, name);
    out_ += pretty_ ? ": " : ":";
    write(value);
  }

  void open(char bracket) {
    out_ += bracket;
    ++depth_;
    first_ = true;
  }

  void next() {
    if (!first_) out_ += ',';
    first_ = false;
    if (pretty_) break_line();
  }

  void close(char bracket, bool empty) {
    --depth_;
    first_ = false;
    if (pretty_ && !empty) break_line();
    out_ += bracket;
  }

  void break_line() {
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  std::string& out_;
  const bool pretty_;
  bool first_ = true;
  std::size_t depth_ = 0;
};

}  // namespace

void append_json(std::string& out, const Value& value) { Writer(out, false).write(value); }

std::string to_json(const Value& value) {
  std::string out;
  append_json(out, value);
  return out;
}

std::string to_pretty_json(const Value& value) {
  std::string out;
  Writer(out, true).write(value);
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;  // begin of what stands for itself and is not yet written
  for (std::size_t i = next_special(text, 0); i < text.size(); i = next_special(text, i + 1)) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const char escape = k_escapes[byte];
    out.append(text.substr(plain, i - plain));
    plain = i + 1;
    out += '\\';
    out += escape;
    if (escape == 'u') {
      out += "00";
      out += k_hex[byte >> 4];
      out += k_hex[byte & 15];
    }
  }
  out.append(text.substr(plain));
  out += '"';
}

}  // namespace vozex::types
