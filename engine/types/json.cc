// SPDX-License-Identifier: Apache-2.0
#include "engine/types/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/base64.h"
#include "engine/base/text.h"
#include "engine/types/time_text.h"

namespace vozex::types {
namespace {

// --- reading -----------------------------------------------------------------------------------

// A pointer into the text that tells the reader below how far the lexer has come.
class Cursor {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor() = default;
  Cursor(const char* at, const char** reached) : at_(at), reached_(reached) {}
  const char& operator*() const { return *at_; }
  Cursor& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  Cursor operator++(int) {
    Cursor before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Cursor& other) const { return at_ == other.at_; }
  bool operator!=(const Cursor& other) const { return at_ != other.at_; }

 private:
  const char* at_ = nullptr;
  const char** reached_ = nullptr;
};

// nlohmann's SAX events into values. Finished values lie on one stack, keys and members by turns; a
// frame remembers where its own begin.
class Reader {
 public:
  Reader(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  Result<Value> read() {
    if (text_.size() > limits_.max_bytes) {
      return refuse(0,
                    "the text has " + std::to_string(text_.size()) + " bytes, at most " +
                        std::to_string(limits_.max_bytes) + " are allowed");
    }
    const char* begin = text_.data();
    reached_ = begin;
    const bool ok = nlohmann::json::sax_parse(
        Cursor(begin, &reached_), Cursor(begin + text_.size(), &reached_), this);
    if (!ok) return tl::unexpected(std::move(error_));
    return std::move(stack_.front());
  }

  bool null() { return add(Value()); }
  bool boolean(bool value) { return add(Value::boolean(value)); }
  bool number_integer(std::int64_t value) { return add(Value::integer(value)); }
  bool number_unsigned(std::uint64_t value) {
    constexpr std::uint64_t k_max = std::numeric_limits<std::int64_t>::max();
    if (value > k_max) return add(Value::real(static_cast<double>(value)));
    return add(Value::integer(static_cast<std::int64_t>(value)));
  }
  bool number_float(double value, const std::string&) { return add(Value::real(value)); }
  bool string(std::string& text) { return add(Value::string(text)); }
  bool binary(nlohmann::json::binary_t&) { return false; }  // never comes from JSON text

  bool start_object(std::size_t) { return open(); }
  bool key(std::string& name) {
    key_ends_.push_back(static_cast<std::size_t>(reached_ - text_.data()));
    return add(Value::string(name));
  }
  bool end_object() {
    const Frame frame = frames_.back();
    const std::size_t count = (stack_.size() - frame.begin) / 2;
    const auto name_of = [&](std::size_t i) -> const std::string& {
      return stack_[frame.begin + 2 * i].as_string();
    };
    order_.resize(count);
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      const int order = name_of(a).compare(name_of(b));
      return order != 0 ? order < 0 : a < b;
    });
    Value::Map entries;
    entries.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = frame.begin + 2 * order_[i];
      if (i > 0 && entries.back().key.as_string() == stack_[at].as_string()) {
        return repeated(stack_[at].as_string(), key_ends_[frame.keys_begin + order_[i]]);
      }
      entries.push_back({std::move(stack_[at]), std::move(stack_[at + 1])});
    }
    key_ends_.resize(frame.keys_begin);
    return close(Value::map(std::move(entries)));
  }
  bool start_array(std::size_t) { return open(); }
  bool end_array() {
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(frames_.back().begin);
    return close(Value::list(
        Value::List(std::make_move_iterator(begin), std::make_move_iterator(stack_.end()))));
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& e) {
    std::string reason = e.what();
    if (reason.find("number overflow") != std::string::npos) {
      reason = "this number is too large for a double";
    } else {
      // "[...] parse error at line 1, column 2: <reason>; last read: '<text>'...": what was read
      // may be a secret, so it is left out.
      reason.resize(std::min(reason.size(), reason.find("; last read: ")));
      const std::size_t colon = reason.find(": ");
      if (colon != std::string::npos) reason.erase(0, colon + 2);
    }
    refuse(position == 0 ? 0 : position - 1, reason);
    return false;
  }

 private:
  struct Frame {
    std::size_t begin;       // of its values on stack_
    std::size_t keys_begin;  // of its members in key_ends_
  };

  bool add(Value value) {
    stack_.push_back(std::move(value));
    return true;
  }

  bool open() {
    if (frames_.size() >= limits_.max_depth) {
      refuse(static_cast<std::size_t>(reached_ - text_.data()) - 1,
             "nested deeper than " + std::to_string(limits_.max_depth) + " levels");
      return false;
    }
    frames_.push_back({stack_.size(), key_ends_.size()});
    return true;
  }

  bool close(Value value) {
    stack_.resize(frames_.back().begin);
    frames_.pop_back();
    return add(std::move(value));
  }

  bool repeated(const std::string& name, std::size_t end) {
    std::string quoted;
    append_json_string(quoted, name);
    refuse(end - 1, "the member " + quoted + " stands twice in one object");
    return false;
  }

  // Always gives the error back, so that read() may return it.
  Failure refuse(std::size_t offset, const std::string& reason) {
    offset = std::min(offset, text_.size());
    const std::string_view before = text_.substr(0, offset);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
    const std::size_t column = code_points(before.substr(line_begin)) + 1;
    error_ = Error{ErrorClass::invalid,
                   "malformed_json",
                   "malformed JSON at line " + std::to_string(line) + ", column " +
                       std::to_string(column) + ": " + reason,
                   {{"line", std::to_string(line)}, {"column", std::to_string(column)}}};
    return Failure(error_);
  }

  std::string_view text_;
  const JsonLimits& limits_;
  const char* reached_ = nullptr;
  std::vector<Value> stack_;
  std::vector<Frame> frames_;
  std::vector<std::size_t> key_ends_;
  std::vector<std::size_t> order_;
  Error error_;
};

// --- writing -----------------------------------------------------------------------------------

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

Result<Value> parse_json(std::string_view text, const JsonLimits& limits) {
  return Reader(text, limits).read();
}

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
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const char escape = k_escapes[byte];
    if (escape == 0) continue;
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
