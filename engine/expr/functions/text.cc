// SPDX-License-Identifier: Apache-2.0
//
// Functions of strings; positions count code points. Specification: the strings extension of
// cel-go.
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "engine/base/text.h"
#include "engine/expr/functions/runes.h"
#include "engine/expr/literal.h"
#include "engine/expr/meter.h"
#include "engine/expr/pattern.h"
#include "engine/expr/text_form.h"

namespace vozex::expr {

using types::Kind;
using types::Value;

namespace {

bool all_strings(const Call& call, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    if (!call.is(i, Kind::string)) return false;
  }
  return true;
}

bool out_of_range(Call& call, std::int64_t index) {
  return call.fail("out_of_range", "position " + std::to_string(index) + " is outside the text");
}

bool matches(Call& call) {
  const std::string& text = call.arg(0).as_string();
  if (!call.meter.charge_text(text.size())) return false;
  if (call.pattern != nullptr)
    return call.give(Value::boolean(re2::RE2::PartialMatch(text, *call.pattern)));
  const std::string& source = call.arg(1).as_string();
  if (!call.meter.charge(100 + source.size())) return false;
  const auto pattern = compile_pattern(source);
  if (!pattern->ok())
    return call.fail("invalid_argument", short_text(call.arg(1)) + " is not a pattern");
  return call.give(Value::boolean(re2::RE2::PartialMatch(text, *pattern)));
}

bool search(Call& call) {
  if (call.args.size() != 2 || !all_strings(call, 0, 2)) return call.no_overload();
  const std::string& text = call.arg(0).as_string();
  const std::string& part = call.arg(1).as_string();
  if (call.fn == Fn::matches) return matches(call);
  if (!call.meter.charge_text(text.size())) return false;
  if (call.fn == Fn::starts_with) return call.give(Value::boolean(text.starts_with(part)));
  if (call.fn == Fn::ends_with) return call.give(Value::boolean(text.ends_with(part)));
  return call.give(Value::boolean(text.find(part) != std::string::npos));
}

bool char_at(Call& call) {
  if (!call.is(0, Kind::string) || !call.is(1, Kind::integer)) return call.no_overload();
  const Runes runes(call.arg(0).as_string());
  const std::int64_t at = call.arg(1).as_integer();
  if (at < 0 || at > runes.count()) return out_of_range(call, at);
  return call.give_text(at == runes.count() ? std::string() : std::string(runes.part(at, at + 1)));
}

bool first_index(Call& call) {
  const Runes text(call.arg(0).as_string());
  const std::int64_t from = call.args.size() == 3 ? call.arg(2).as_integer() : 0;
  if (from < 0 || from > text.count()) return out_of_range(call, from);
  const std::size_t at = text.whole().find(call.arg(1).as_string(), text.offset(from));
  return call.give(Value::integer(at == std::string_view::npos ? -1 : text.position(at)));
}

bool last_index(Call& call) {
  const Runes text(call.arg(0).as_string());
  const std::int64_t from = call.args.size() == 3 ? call.arg(2).as_integer() : text.count();
  if (from < 0 || from > text.count()) return out_of_range(call, from);
  const std::size_t at = text.whole().rfind(call.arg(1).as_string(), text.offset(from));
  return call.give(Value::integer(at == std::string_view::npos ? -1 : text.position(at)));
}

bool index_of(Call& call) {
  if (call.args.size() < 2 || call.args.size() > 3 || !all_strings(call, 0, 2))
    return call.no_overload();
  if (call.args.size() == 3 && !call.is(2, Kind::integer)) return call.no_overload();
  if (!call.meter.charge_text(call.arg(0).as_string().size())) return false;
  return call.fn == Fn::index_of ? first_index(call) : last_index(call);
}

bool substring(Call& call) {
  if (call.args.size() < 2 || call.args.size() > 3 || !call.is(0, Kind::string))
    return call.no_overload();
  if (!call.is(1, Kind::integer) || (call.args.size() == 3 && !call.is(2, Kind::integer)))
    return call.no_overload();
  const Runes runes(call.arg(0).as_string());
  const std::int64_t from = call.arg(1).as_integer();
  const std::int64_t to = call.args.size() == 3 ? call.arg(2).as_integer() : runes.count();
  if (from < 0 || from > runes.count()) return out_of_range(call, from);
  if (to < from || to > runes.count()) return out_of_range(call, to);
  return call.give_text(std::string(runes.part(from, to)));
}

bool joined(Call& call) {
  if (call.args.size() > 2 || !call.is(0, Kind::list)) return call.no_overload();
  if (call.args.size() == 2 && !call.is(1, Kind::string)) return call.no_overload();
  const std::string_view between =
      call.args.size() == 2 ? std::string_view(call.arg(1).as_string()) : std::string_view();
  std::string out;
  bool first = true;
  for (const Value& item : call.arg(0).as_list()) {
    if (!item.is_string()) return call.no_overload();
    if (!call.meter.charge(1) || out.size() > call.meter.limits().max_result_weight)
      return call.give_text(std::move(out));
    if (!first) out += between;
    first = false;
    out += item.as_string();
  }
  return call.give_text(std::move(out));
}

bool recased(Call& call) {
  if (call.args.size() != 1 || !call.is(0, Kind::string)) return call.no_overload();
  std::string text = call.arg(0).as_string();
  const bool lower = call.fn == Fn::lower_ascii;
  for (char& c : text) {
    if (lower && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (!lower && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return call.give_text(std::move(text));
}

bool replaced(Call& call) {
  if (call.args.size() < 3 || call.args.size() > 4 || !all_strings(call, 0, 3))
    return call.no_overload();
  if (call.args.size() == 4 && !call.is(3, Kind::integer)) return call.no_overload();
  const std::string& text = call.arg(0).as_string();
  const std::string& old_part = call.arg(1).as_string();
  const std::string& new_part = call.arg(2).as_string();
  std::int64_t left = call.args.size() == 4 ? call.arg(3).as_integer() : -1;
  if (!call.meter.charge_text(text.size())) return false;
  std::string out;
  std::size_t at = 0;
  for (; left != 0 && at <= text.size(); --left) {
    if (out.size() > call.meter.limits().max_result_weight) break;  // give_text refuses it
    std::size_t found = old_part.empty() ? at : text.find(old_part, at);
    if (found == std::string::npos) break;
    out.append(text, at, found - at);
    out += new_part;
    at = found + old_part.size();
    if (!old_part.empty()) continue;
    if (at == text.size()) return call.give_text(std::move(out));
    const std::size_t step =
        rune_length(text, at);  // an empty part is found before each code point
    out.append(text, at, step);
    at += step;
  }
  if (at < text.size()) out.append(text, at, std::string::npos);
  return call.give_text(std::move(out));
}

bool give_parts(Call& call, const std::vector<std::string_view>& parts) {
  if (!call.meter.charge(parts.size())) return false;
  std::size_t bytes = 0;
  Value::List items;
  items.reserve(parts.size());
  for (const std::string_view part : parts) {
    bytes += part.size() + 80;
    items.push_back(Value::string(std::string(part)));
  }
  return call.meter.charge_built(bytes) && call.give(Value::list(std::move(items)));
}

bool split(Call& call) {
  if (call.args.size() < 2 || call.args.size() > 3 || !all_strings(call, 0, 2))
    return call.no_overload();
  if (call.args.size() == 3 && !call.is(2, Kind::integer)) return call.no_overload();
  const std::string_view text = call.arg(0).as_string();
  const std::string_view between = call.arg(1).as_string();
  const std::int64_t limit = call.args.size() == 3 ? call.arg(2).as_integer() : -1;
  if (!call.meter.charge_text(text.size())) return false;
  std::vector<std::string_view> parts;
  if (limit == 0) return give_parts(call, parts);
  std::size_t at = 0;
  while (limit < 0 || static_cast<std::int64_t>(parts.size()) + 1 < limit) {
    if (between.empty()) {
      if (at + rune_length(text, at) >= text.size()) break;
      parts.push_back(text.substr(at, rune_length(text, at)));
      at += rune_length(text, at);
      continue;
    }
    const std::size_t found = text.find(between, at);
    if (found == std::string_view::npos) break;
    parts.push_back(text.substr(at, found - at));
    at = found + between.size();
  }
  if (!between.empty() || at < text.size()) parts.push_back(text.substr(at));
  return give_parts(call, parts);
}

bool is_space(std::uint32_t point) {
  constexpr std::array<std::uint32_t, 11> k_wide{
      0x20, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0x0D, 0x09};
  return (point >= 0x09 && point <= 0x0D) || (point >= 0x2000 && point <= 0x200A) ||
         std::find(k_wide.begin(), k_wide.end(), point) != k_wide.end();
}

bool trimmed(Call& call) {
  if (call.args.size() != 1 || !call.is(0, Kind::string)) return call.no_overload();
  const Runes runes(call.arg(0).as_string());
  std::int64_t from = 0;
  std::int64_t to = runes.count();
  while (from < to && is_space(runes.point(from))) ++from;
  while (to > from && is_space(runes.point(to - 1))) --to;
  return call.give_text(std::string(runes.part(from, to)));
}

bool reversed(Call& call) {
  if (call.args.size() != 1 || !call.is(0, Kind::string)) return call.no_overload();
  const Runes runes(call.arg(0).as_string());
  std::string out;
  for (std::int64_t i = runes.count(); i > 0; --i) out += runes.part(i - 1, i);
  return call.give_text(std::move(out));
}

bool quoted(Call& call) {
  if (call.args.size() != 1 || !call.is(0, Kind::string)) return call.no_overload();
  constexpr std::string_view k_plain = "\a\b\f\n\r\t\v\\\"";
  constexpr std::string_view k_escaped = "abfnrtv\\\"";
  const std::string& text = call.arg(0).as_string();
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = rune_length(text, at);
    const std::size_t escape = k_plain.find(text[at]);
    if (escape != std::string_view::npos) {
      out += '\\';
      out += k_escaped[escape];
    } else if (is_valid_utf8(std::string_view(text).substr(at, length))) {
      out.append(text, at, length);
    } else {
      append_utf8(out, 0xFFFD);
    }
    at += length;
  }
  return call.give_text(out + "\"");
}

}  // namespace

bool call_text(Call& call) {
  if (call.args.empty()) return call.no_overload();
  if (call.fn >= Fn::contains && call.fn <= Fn::matches) return search(call);
  if (call.fn == Fn::char_at) return call.args.size() == 2 ? char_at(call) : call.no_overload();
  if (call.fn == Fn::index_of || call.fn == Fn::last_index_of) return index_of(call);
  if (call.fn == Fn::join) return joined(call);
  if (call.fn == Fn::lower_ascii || call.fn == Fn::upper_ascii) return recased(call);
  if (call.fn == Fn::replace) return replaced(call);
  if (call.fn == Fn::split) return split(call);
  if (call.fn == Fn::substring) return substring(call);
  if (call.fn == Fn::trim) return trimmed(call);
  if (call.fn == Fn::quote) return quoted(call);
  return reversed(call);
}

}  // namespace vozex::expr
