// SPDX-License-Identifier: Apache-2.0
//
// int(), string(), timestamp() and the like, and base64.
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "engine/base/base64.h"
#include "engine/base/text.h"
#include "engine/expr/calendar.h"
#include "engine/expr/meter.h"
#include "engine/expr/text_form.h"

namespace vozex::expr {

using types::Kind;
using types::Value;

namespace {

bool unreadable(Call& call, const char* wanted) {
  return call.fail("invalid_argument", short_text(call.arg(0)) + " is not " + wanted);
}

bool out_of_range(Call& call, const char* type) {
  return call.fail("overflow", short_text(call.arg(0)) + " is outside the range of " + type);
}

template <class Number>
bool read_whole(const std::string& text, Number& number) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (text.size() > 1 && *begin == '+' && begin[1] != '-') ++begin;
  const auto [stop, error] = std::from_chars(begin, end, number);
  return error == std::errc() && stop == end;
}

bool to_int(Call& call) {
  const Value& x = call.arg(0);
  if (call.is(0, Kind::integer)) return call.give(x);
  if (call.is(0, Kind::timestamp)) return call.give(Value::integer(x.as_timestamp().seconds));
  if (call.is(0, Kind::duration)) return call.give(Value::integer(x.as_duration().seconds));
  if (call.is(0, Kind::uint)) {
    if (x.as_uint() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return out_of_range(call, "int");
    return call.give(Value::integer(static_cast<std::int64_t>(x.as_uint())));
  }
  if (call.is(0, Kind::real)) {
    const double d = x.as_real();
    if (!(d > -9223372036854775808.0 && d < 9223372036854775808.0))
      return out_of_range(call, "int");
    return call.give(Value::integer(static_cast<std::int64_t>(d)));
  }
  std::int64_t number = 0;
  if (!x.is_string()) return call.no_overload();
  return read_whole(x.as_string(), number) ? call.give(Value::integer(number))
                                           : unreadable(call, "an int");
}

bool to_uint(Call& call) {
  const Value& x = call.arg(0);
  if (call.is(0, Kind::uint)) return call.give(x);
  if (call.is(0, Kind::integer)) {
    if (x.as_integer() < 0) return out_of_range(call, "uint");
    return call.give(Value::uint(static_cast<std::uint64_t>(x.as_integer())));
  }
  if (call.is(0, Kind::real)) {
    const double d = x.as_real();
    if (!(d >= 0 && d < 18446744073709551616.0)) return out_of_range(call, "uint");
    return call.give(Value::uint(static_cast<std::uint64_t>(d)));
  }
  std::uint64_t number = 0;
  if (!x.is_string()) return call.no_overload();
  return read_whole(x.as_string(), number) ? call.give(Value::uint(number))
                                           : unreadable(call, "a uint");
}

bool to_double(Call& call) {
  const Value& x = call.arg(0);
  if (call.is(0, Kind::real)) return call.give(x);
  if (call.is(0, Kind::integer)) return call.give(Value::real(static_cast<double>(x.as_integer())));
  if (call.is(0, Kind::uint)) return call.give(Value::real(static_cast<double>(x.as_uint())));
  if (!x.is_string()) return call.no_overload();
  const std::string& text = x.as_string();
  const bool blank = text.empty() || std::isspace(static_cast<unsigned char>(text[0])) != 0;
  char* end = nullptr;
  const double number = blank ? 0 : std::strtod(text.c_str(), &end);
  if (blank || end != text.c_str() + text.size()) return unreadable(call, "a double");
  return call.give(Value::real(number));
}

bool to_bool(Call& call) {
  const Value& x = call.arg(0);
  if (call.is(0, Kind::boolean)) return call.give(x);
  if (!x.is_string()) return call.no_overload();
  constexpr std::array<std::string_view, 5> k_yes{"true", "TRUE", "True", "t", "1"};
  constexpr std::array<std::string_view, 5> k_no{"false", "FALSE", "False", "f", "0"};
  for (const std::string_view word : k_yes) {
    if (x.as_string() == word) return call.give(Value::boolean(true));
  }
  for (const std::string_view word : k_no) {
    if (x.as_string() == word) return call.give(Value::boolean(false));
  }
  return unreadable(call, "a bool");
}

bool to_text(Call& call) {
  const Value& x = call.arg(0);
  if (x.is_string()) return call.give(x);
  if (call.is(0, Kind::bytes)) {
    if (!is_valid_utf8(x.as_string()))
      return call.fail("invalid_argument", "these bytes are not valid UTF-8");
    return call.give_text(x.as_string());
  }
  std::string text;
  return scalar_text(x, text) ? call.give_text(std::move(text)) : call.no_overload();
}

bool to_bytes(Call& call) {
  if (call.is(0, Kind::bytes)) return call.give(call.arg(0));
  if (!call.is(0, Kind::string)) return call.no_overload();
  const std::string& text = call.arg(0).as_string();
  if (!call.meter.charge_text(text.size()) || !call.meter.charge_built(text.size())) return false;
  return call.give(Value::bytes(text));
}

bool to_timestamp(Call& call) {
  const Value& x = call.arg(0);
  if (call.is(0, Kind::timestamp)) return call.give(x);
  if (call.is(0, Kind::integer)) {
    const types::SecondsNanos at{x.as_integer(), 0};
    return in_range(at) ? call.give(Value::timestamp(at)) : out_of_range(call, "timestamp");
  }
  if (!x.is_string()) return call.no_overload();
  const auto at = read_timestamp(x.as_string());
  return at ? call.give(Value::timestamp(*at))
            : unreadable(call, "a timestamp such as '2026-11-20T10:00:00Z'");
}

bool to_duration(Call& call) {
  const Value& x = call.arg(0);
  if (call.is(0, Kind::duration)) return call.give(x);
  if (call.is(0, Kind::integer)) {
    const auto length = add_durations({x.as_integer(), 0}, {0, 0}, false);
    return length ? call.give(Value::duration(*length)) : out_of_range(call, "duration");
  }
  if (!x.is_string()) return call.no_overload();
  const auto length = read_duration(x.as_string());
  return length ? call.give(Value::duration(*length))
                : unreadable(call, "a duration such as '90s', '1h30m' or '3d'");
}

bool encode(Call& call) {
  if (!call.is(0, Kind::bytes)) return call.no_overload();
  return call.give_text(base64(call.arg(0).as_string()));
}

// With or without padding.
bool decode(Call& call) {
  if (!call.is(0, Kind::string)) return call.no_overload();
  std::string text = call.arg(0).as_string();
  if (!call.meter.charge_text(text.size()) || !call.meter.charge_built(text.size())) return false;
  if (text.find('=') == std::string::npos) text.append((4 - text.size() % 4) % 4, '=');
  auto octets = parse_base64(text);
  return octets ? call.give(Value::bytes(std::move(*octets))) : unreadable(call, "base64");
}

}  // namespace

bool call_conversion(Call& call) {
  if (call.args.size() != 1) return call.no_overload();
  if (call.fn == Fn::to_int) return to_int(call);
  if (call.fn == Fn::to_uint) return to_uint(call);
  if (call.fn == Fn::to_double) return to_double(call);
  if (call.fn == Fn::to_bool) return to_bool(call);
  if (call.fn == Fn::to_string) return to_text(call);
  if (call.fn == Fn::to_bytes) return to_bytes(call);
  if (call.fn == Fn::to_timestamp) return to_timestamp(call);
  if (call.fn == Fn::to_duration) return to_duration(call);
  if (call.fn == Fn::to_dyn) return call.give(call.arg(0));
  if (call.fn == Fn::to_type) return call.give(Value::type(type_name_of(call.arg(0))));
  return call.fn == Fn::base64_encode ? encode(call) : decode(call);
}

}  // namespace vozex::expr
