// SPDX-License-Identifier: Apache-2.0
//
// Reading is done twice when it fails: RapidJSON is quick, and nlohmann's reader says where a text
// is wrong and why. What one of them takes and the other doesn't is decided by nlohmann's, so the
// quick one gives up wherever it could take more.
#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

#include <nlohmann/json.hpp>

#if defined(__SSE2__)
#define RAPIDJSON_SSE2
#elif defined(__ARM_NEON)
#define RAPIDJSON_NEON
#endif
#include <rapidjson/reader.h>
#include <rapidjson/stream.h>

#include "engine/base/text.h"
#include "engine/types/json.h"
#include "engine/types/json_builder.h"

namespace vozex::types {
namespace {

// --- quick -------------------------------------------------------------------------------------

// RapidJSON's events. Each gives false to end the reading.
class QuickReader {
 public:
  explicit QuickReader(std::size_t max_depth) : max_depth_(max_depth) {}

  // NOLINTBEGIN(readability-identifier-naming): RapidJSON's names
  bool Null() { return add(Value()); }
  bool Bool(bool value) { return add(Value::boolean(value)); }
  bool RawNumber(const char* text, unsigned length, bool) {
    const char* const end = text + length;
    std::int64_t integer = 0;
    const auto whole = std::from_chars(text, end, integer);
    if (whole.ec == std::errc() && whole.ptr == end) return add(Value::integer(integer));
    double real = 0;
    const auto read = std::from_chars(text, end, real);
    return read.ec == std::errc() && read.ptr == end && add(Value::real(real));
  }
  bool String(const char* text, unsigned length, bool) {
    return add(Value::string(std::string(text, length)));
  }
  bool Key(const char* text, unsigned length, bool copy) { return String(text, length, copy); }
  bool StartObject() { return open(); }
  bool EndObject(unsigned) { return !builder_.close_object(); }
  bool StartArray() { return open(); }
  bool EndArray(unsigned) {
    builder_.close_array();
    return true;
  }
  // Numbers come raw.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }
  // NOLINTEND(readability-identifier-naming)

  Value take() { return builder_.take(); }

 private:
  bool add(Value value) {
    builder_.add(std::move(value));
    return true;
  }
  bool open() {
    if (builder_.depth() >= max_depth_) return false;
    builder_.open();
    return true;
  }

  std::size_t max_depth_;
  JsonBuilder builder_;
};

// RapidJSON 1.1 takes half of a surrogate pair for a character.
bool may_have_surrogates(std::string_view text) {
  for (std::size_t at = 0; (at = text.find('\\', at)) != std::string_view::npos; at += 2) {
    const std::string_view escape = text.substr(at, 3);
    if (escape == "\\ud" || escape == "\\uD") return true;
  }
  return false;
}

// Nothing where the other reader is to decide.
std::optional<Value> read_quickly(std::string_view text, const JsonLimits& limits) {
  using rapidjson::InsituStringStream;
  if (!is_valid_utf8(text) || may_have_surrogates(text)) return std::nullopt;
  // Changed where it stands, and read beyond its end: sixteen bytes at a time.
  constexpr std::size_t k_beyond = 16;
  std::string copy;
  copy.reserve(text.size() + k_beyond);
  copy += text;
  copy.append(k_beyond, '\0');
  InsituStringStream stream(copy.data());
  rapidjson::Reader parser;
  QuickReader reader(limits.max_depth);
  constexpr unsigned k_flags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
  if (parser.Parse<k_flags>(stream, reader).IsError()) return std::nullopt;
  // It takes a NUL for the end.
  if (stream.Tell() != text.size()) return std::nullopt;
  return reader.take();
}

// --- with reasons ------------------------------------------------------------------------------

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

// nlohmann's SAX events.
class Reader {
 public:
  Reader(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  Result<Value> read() {
    if (text_.size() > limits_.max_bytes) {
      return refuse(0,
                    "the text has " + std::to_string(text_.size()) + " bytes, at most " +
                        std::to_string(limits_.max_bytes) + " are allowed");
    }
    // nlohmann's takes one for the end of the text.
    if (const std::size_t nul = text_.find('\0'); nul != std::string_view::npos) {
      return refuse(nul, "a NUL byte, which JSON has nowhere: in a string write \\u0000");
    }
    const char* begin = text_.data();
    reached_ = begin;
    const bool ok = nlohmann::json::sax_parse(
        Cursor(begin, &reached_), Cursor(begin + text_.size(), &reached_), this);
    if (!ok) return tl::unexpected(std::move(error_));
    return builder_.take();
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
    const std::size_t keys_begin = keys_begin_.back();
    if (const auto repeated = builder_.close_object()) {
      return refuse_repeated(builder_.name_of(*repeated), key_ends_[keys_begin + *repeated]);
    }
    key_ends_.resize(keys_begin);
    keys_begin_.pop_back();
    return true;
  }
  bool start_array(std::size_t) { return open(); }
  bool end_array() {
    builder_.close_array();
    keys_begin_.pop_back();
    return true;
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
  bool add(Value value) {
    builder_.add(std::move(value));
    return true;
  }

  bool open() {
    if (builder_.depth() >= limits_.max_depth) {
      refuse(static_cast<std::size_t>(reached_ - text_.data()) - 1,
             "nested deeper than " + std::to_string(limits_.max_depth) + " levels");
      return false;
    }
    builder_.open();
    keys_begin_.push_back(key_ends_.size());
    return true;
  }

  bool refuse_repeated(const std::string& name, std::size_t end) {
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
  JsonBuilder builder_;
  std::vector<std::size_t> key_ends_;    // of the members that are open, after their names
  std::vector<std::size_t> keys_begin_;  // of each open object among them
  Error error_;
};

}  // namespace

Result<Value> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() <= limits.max_bytes) {
    if (auto value = read_quickly(text, limits)) return *std::move(value);
  }
  return Reader(text, limits).read();
}

}  // namespace vozex::types
