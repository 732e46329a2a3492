// SPDX-License-Identifier: Apache-2.0
#include "engine/base/time.h"

#include <array>
#include <charconv>
#include <cstdint>

namespace vozex {
namespace {

using namespace std::chrono;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Reads exactly `digits` decimal digits at `at`; false when they aren't there.
bool read_fixed(std::string_view text, std::size_t& at, int digits, int& value) {
  value = 0;
  for (int i = 0; i < digits; ++i, ++at) {
    if (at >= text.size() || !is_digit(text[at])) return false;
    value = value * 10 + (text[at] - '0');
  }
  return true;
}

bool read_char(std::string_view text, std::size_t& at, char wanted) {
  if (at >= text.size() || text[at] != wanted) return false;
  ++at;
  return true;
}

// ".123456789" as microseconds, cut; absent is 0; false when malformed.
bool read_fraction(std::string_view text, std::size_t& at, std::int64_t& micros) {
  micros = 0;
  if (at >= text.size() || text[at] != '.') return true;
  ++at;
  int digits = 0;
  for (; at < text.size() && is_digit(text[at]); ++at, ++digits) {
    if (digits < 6) micros = micros * 10 + (text[at] - '0');
  }
  for (int i = digits; i < 6; ++i) micros *= 10;
  return digits >= 1 && digits <= 9;
}

// "Z" or "+hh:mm" as minutes east of UTC.
bool read_offset(std::string_view text, std::size_t& at, int& minutes) {
  if (at < text.size() && (text[at] == 'Z' || text[at] == 'z')) {
    ++at;
    minutes = 0;
    return true;
  }
  if (at >= text.size() || (text[at] != '+' && text[at] != '-')) return false;
  const int sign = text[at++] == '-' ? -1 : 1;
  int hour = 0;
  int minute = 0;
  if (!read_fixed(text, at, 2, hour) || !read_char(text, at, ':') ||
      !read_fixed(text, at, 2, minute))
    return false;
  minutes = sign * (hour * 60 + minute);
  return hour < 24 && minute < 60;
}

void append_padded(std::string& text, int value, int digits) {
  std::string number = std::to_string(value);
  if (number.size() < static_cast<std::size_t>(digits))
    text.append(static_cast<std::size_t>(digits) - number.size(), '0');
  text += number;
}

struct Unit {
  std::string_view name;
  std::int64_t micros;
};
constexpr std::array<Unit, 6> k_units{{{"d", 86'400'000'000},
                                       {"h", 3'600'000'000},
                                       {"m", 60'000'000},
                                       {"s", 1'000'000},
                                       {"ms", 1'000},
                                       {"us", 1}}};
constexpr std::array<Unit, 5> k_iso_units{{{"W", 604'800'000'000},
                                           {"D", 86'400'000'000},
                                           {"H", 3'600'000'000},
                                           {"M", 60'000'000},
                                           {"S", 1'000'000}}};

// A decimal count: 1.50 is whole 1, fraction 50, digits 2.
struct Quantity {
  std::uint64_t whole = 0;
  std::int64_t fraction = 0;
  int digits = 0;
};

bool read_quantity(std::string_view text, std::size_t& at, Quantity& quantity) {
  const char* begin = text.data() + at;
  const char* limit = text.data() + text.size();
  if (begin == limit || !is_digit(*begin)) return false;
  auto [end, error] = std::from_chars(begin, limit, quantity.whole);
  if (error != std::errc()) return false;
  at += static_cast<std::size_t>(end - begin);
  quantity.fraction = 0;
  quantity.digits = 0;
  if (at < text.size() && text[at] == '.') {
    ++at;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      if (++quantity.digits > 6) return false;
      quantity.fraction = quantity.fraction * 10 + (text[at] - '0');
    }
    if (quantity.digits == 0) return false;
  }
  return true;
}

// Adds so many times `micros`, which carries the sign of the whole duration: the least int64 has no
// positive counterpart to be negated at the end. False when it overflows or isn't a whole number of
// microseconds.
bool add_quantity(std::int64_t& total, const Quantity& quantity, std::int64_t micros) {
  std::int64_t part = 0;
  if (__builtin_mul_overflow(quantity.whole, micros, &part) ||
      __builtin_add_overflow(total, part, &total))
    return false;
  std::int64_t scale = 1;
  for (int i = 0; i < quantity.digits; ++i) scale *= 10;
  if (__builtin_mul_overflow(quantity.fraction, micros, &part) || part % scale != 0) return false;
  return !__builtin_add_overflow(total, part / scale, &total);
}

std::optional<std::int64_t> parse_iso(std::string_view text, std::int64_t sign) {
  std::size_t at = 1;
  std::int64_t total = 0;
  bool time_part = false;
  std::size_t next_unit = 0;
  bool any = false;
  while (at < text.size()) {
    if (text[at] == 'T' && !time_part) {
      time_part = true;
      ++at;
      if (at == text.size()) return std::nullopt;
      continue;
    }
    Quantity quantity;
    if (!read_quantity(text, at, quantity) || at >= text.size()) return std::nullopt;
    std::size_t unit = next_unit;
    while (unit < k_iso_units.size() && k_iso_units[unit].name[0] != text[at]) ++unit;
    if (unit == k_iso_units.size() || (unit >= 2) != time_part) return std::nullopt;
    if (!add_quantity(total, quantity, sign * k_iso_units[unit].micros)) return std::nullopt;
    next_unit = unit + 1;
    ++at;
    any = true;
  }
  if (!any) return std::nullopt;
  return total;
}

std::optional<std::int64_t> parse_units(std::string_view text, std::int64_t sign) {
  std::size_t at = 0;
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  if (text.empty()) return std::nullopt;
  while (at < text.size()) {
    Quantity quantity;
    if (!read_quantity(text, at, quantity)) return std::nullopt;
    std::size_t end = at;
    while (end < text.size() && text[end] >= 'a' && text[end] <= 'z') ++end;
    const std::string_view name = text.substr(at, end - at);
    std::size_t unit = next_unit;
    while (unit < k_units.size() && k_units[unit].name != name) ++unit;
    if (unit == k_units.size()) return std::nullopt;
    if (!add_quantity(total, quantity, sign * k_units[unit].micros)) return std::nullopt;
    next_unit = unit + 1;
    at = end;
  }
  return total;
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  std::size_t at = 0;
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, offset = 0;
  std::int64_t micros = 0;
  if (!read_fixed(text, at, 4, y) || !read_char(text, at, '-') || !read_fixed(text, at, 2, mo) ||
      !read_char(text, at, '-') || !read_fixed(text, at, 2, d)) {
    return std::nullopt;
  }
  if (at >= text.size() || (text[at] != 'T' && text[at] != 't' && text[at] != ' '))
    return std::nullopt;
  ++at;
  if (!read_fixed(text, at, 2, h) || !read_char(text, at, ':') || !read_fixed(text, at, 2, mi) ||
      !read_char(text, at, ':') || !read_fixed(text, at, 2, s) ||
      !read_fraction(text, at, micros) || !read_offset(text, at, offset) || at != text.size()) {
    return std::nullopt;
  }
  const year_month_day day{
      year{y}, month{static_cast<unsigned>(mo)}, std::chrono::day{static_cast<unsigned>(d)}};
  if (!day.ok() || y < 1 || h > 23 || mi > 59 || s > 59) return std::nullopt;
  const Timestamp at_utc = Timestamp{sys_days{day}} + hours{h} + minutes{mi - offset} + seconds{s} +
                           microseconds{micros};
  // An offset may carry the text's year over the edge, where no text could name the instant.
  constexpr Timestamp k_first{sys_days{year{1} / January / 1}};
  constexpr Timestamp k_end{sys_days{year{10000} / January / 1}};
  if (at_utc < k_first || at_utc >= k_end) return std::nullopt;
  return at_utc;
}

std::string format_timestamp(Timestamp at) {
  const auto days = floor<std::chrono::days>(at);
  const year_month_day day{days};
  const hh_mm_ss clock{at - days};
  std::string text;
  text.reserve(27);
  append_padded(text, static_cast<int>(day.year()), 4);
  text += '-';
  append_padded(text, static_cast<int>(static_cast<unsigned>(day.month())), 2);
  text += '-';
  append_padded(text, static_cast<int>(static_cast<unsigned>(day.day())), 2);
  text += 'T';
  append_padded(text, static_cast<int>(clock.hours().count()), 2);
  text += ':';
  append_padded(text, static_cast<int>(clock.minutes().count()), 2);
  text += ':';
  append_padded(text, static_cast<int>(clock.seconds().count()), 2);
  const auto micros = clock.subseconds().count();
  if (micros != 0) {
    text += '.';
    append_padded(text, static_cast<int>(micros), 6);
  }
  text += 'Z';
  return text;
}

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t sign = 1;
  if (!text.empty() && text[0] == '-') {
    sign = -1;
    text.remove_prefix(1);
  }
  const bool iso = !text.empty() && text[0] == 'P';
  const auto micros = iso ? parse_iso(text, sign) : parse_units(text, sign);
  if (!micros) return std::nullopt;
  return Duration{*micros};
}

std::string format_duration(Duration duration) {
  std::int64_t rest = duration.count();
  if (rest == 0) return "0s";
  std::string text;
  const bool negative = rest < 0;
  if (negative) text += '-';
  for (const Unit& unit : k_units) {
    const std::int64_t count = rest / unit.micros;
    rest %= unit.micros;
    if (count == 0) continue;
    text += std::to_string(negative ? -count : count);
    text += unit.name;
  }
  return text;
}

}  // namespace vozex
