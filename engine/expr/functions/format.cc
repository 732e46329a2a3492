// SPDX-License-Identifier: Apache-2.0
//
// format(): %s %d %f %e %b %o %x %X %%, with a precision for %f and %e. Specification: the strings
// extension.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "engine/expr/meter.h"
#include "engine/expr/text_form.h"

namespace vozex::expr {

using types::Kind;
using types::Value;

namespace {

constexpr int k_max_precision = 100;

// Without an exponent, as many digits as are needed.
std::string fixed_text(double value) {
  std::array<char, 400> buffer{};
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  return error == std::errc() && std::isfinite(value) ? std::string(buffer.data(), end)
                                                      : double_text(value);
}

// What %s writes. False with the meter's error set.
bool append_any(const Value& value, std::string& out, Meter& meter) {
  if (!meter.charge(1) || out.size() > meter.limits().max_result_weight)
    return meter.charge_built(out.size());
  if (value.is_null()) {
    out += "null";
  } else if (value.kind() == Kind::bytes || value.kind() == Kind::type) {
    out += value.as_string();
  } else if (value.is_list()) {
    out += '[';
    bool first = true;
    for (const Value& item : value.as_list()) {
      if (!first) out += ", ";
      first = false;
      if (!append_any(item, out, meter)) return false;
    }
    out += ']';
  } else if (value.is_map()) {
    std::vector<std::pair<std::string, const Value*>> entries;
    for (const Value::MapEntry& entry : value.as_map()) {
      std::string key;
      if (!append_any(entry.key, key, meter)) return false;
      entries.emplace_back(std::move(key), &entry.value);
    }
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
      return a.first < b.first;
    });
    out += '{';
    for (std::size_t i = 0; i < entries.size(); ++i) {
      out += (i == 0 ? "" : ", ") + entries[i].first + ": ";
      if (!append_any(*entries[i].second, out, meter)) return false;
    }
    out += '}';
  } else if (value.kind() == Kind::real) {
    out += fixed_text(value.as_real());
  } else if (!scalar_text(value, out)) {
    return meter.fail("invalid_argument", "%s can't write a value of type " + type_name_of(value));
  }
  return true;
}

std::optional<double> as_double(const Value& value) {
  if (value.kind() == Kind::real) return value.as_real();
  if (value.kind() == Kind::integer) return static_cast<double>(value.as_integer());
  if (value.kind() == Kind::uint) return static_cast<double>(value.as_uint());
  return std::nullopt;
}

std::string hex_of(const std::string& octets, bool upper) {
  std::string out;
  for (const char c : octets)
    out += fmt::format(fmt::runtime(upper ? "{:02X}" : "{:02x}"), static_cast<unsigned char>(c));
  return out;
}

// %b %o %x %X.
bool append_base(char clause, const Value& value, std::string& out, Meter& meter) {
  const std::string pattern = std::string("{:") + clause + "}";
  const auto write = [&](auto number) { out += fmt::format(fmt::runtime(pattern), number); };
  const bool hex = clause == 'x' || clause == 'X';
  if (value.kind() == Kind::integer)
    write(value.as_integer());
  else if (value.kind() == Kind::uint)
    write(value.as_uint());
  else if (clause == 'b' && value.kind() == Kind::boolean)
    out += value.as_boolean() ? '1' : '0';
  else if (hex && (value.is_string() || value.kind() == Kind::bytes))
    out += hex_of(value.as_string(), clause == 'X');
  else
    return meter.fail(
        "invalid_argument",
        std::string("%") + clause + " can't write a value of type " + type_name_of(value));
  return true;
}

bool append_number(char clause, int precision, const Value& value, std::string& out, Meter& meter) {
  const auto number = as_double(value);
  if (!number) {
    return meter.fail(
        "invalid_argument",
        std::string("%") + clause + " can't write a value of type " + type_name_of(value));
  }
  if (std::isnan(*number) || std::isinf(*number))
    out += double_text(*number);
  else if (clause == 'd' && value.kind() == Kind::real)
    out += fixed_text(*number);
  else if (clause == 'd')
    scalar_text(value, out);
  else
    out += fmt::format(fmt::runtime(clause == 'f' ? "{:.{}f}" : "{:.{}e}"), *number, precision);
  return true;
}

struct Clause {
  char letter = 0;
  int precision = 6;
};

// What stands behind a '%' at `at`; moves past it.
std::optional<Clause> read_clause(const std::string& text, std::size_t& at) {
  Clause clause;
  bool precise = false;
  if (at < text.size() && text[at] == '.') {
    int digits = 0;
    clause.precision = 0;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits) {
      clause.precision = std::min(clause.precision * 10 + (text[at] - '0'), k_max_precision + 1);
    }
    if (digits == 0 || clause.precision > k_max_precision) return std::nullopt;
    precise = true;
  }
  if (at >= text.size()) return std::nullopt;
  clause.letter = text[at++];
  if (std::string_view("sdfeboxX").find(clause.letter) == std::string_view::npos)
    return std::nullopt;
  if (precise && clause.letter != 'f' && clause.letter != 'e') return std::nullopt;
  return clause;
}

bool append_clause(const Clause& clause, const Value& value, std::string& out, Meter& meter) {
  if (clause.letter == 's') return append_any(value, out, meter);
  if (clause.letter == 'd' || clause.letter == 'f' || clause.letter == 'e') {
    return append_number(clause.letter, clause.precision, value, out, meter);
  }
  return append_base(clause.letter, value, out, meter);
}

}  // namespace

bool call_format(Call& call) {
  if (call.args.size() != 2 || !call.is(0, Kind::string) || !call.is(1, Kind::list))
    return call.no_overload();
  const std::string& text = call.arg(0).as_string();
  const Value::List& items = call.arg(1).as_list();
  std::string out;
  std::size_t next = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '%') {
      out += text[at++];
      continue;
    }
    if (++at < text.size() && text[at] == '%') {
      out += '%';
      ++at;
      continue;
    }
    const auto clause = read_clause(text, at);
    if (!clause)
      return call.fail(
          "invalid_argument",
          "format() knows %s %d %f %e %b %o %x %X and %%, the text has something else");
    if (next >= items.size()) {
      return call.fail(
          "invalid_argument",
          "format() wants more values than the " + std::to_string(items.size()) + " it got");
    }
    if (!append_clause(*clause, items[next++], out, call.meter)) return false;
  }
  return call.give_text(std::move(out));
}

}  // namespace vozex::expr
