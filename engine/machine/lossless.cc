// SPDX-License-Identifier: Apache-2.0
#include "engine/machine/lossless.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "engine/types/json.h"
#include "engine/types/time_text.h"

namespace vozex::machine {
namespace {

using types::Kind;
using types::Value;

constexpr char k_mark = '$';

Failure corrupt(std::string message) {
  return fail(ErrorClass::corrupt, "corrupt_value", std::move(message));
}

Value tagged(const char* name, Value value) { return Value::object({{name, std::move(value)}}); }

// A map that reads back as itself: text keys, and not by accident in our own notation.
bool is_plain_map(const Value::Map& map) {
  for (const Value::MapEntry& entry : map) {
    if (!entry.key.is_string()) return false;
    const std::string& key = entry.key.as_string();
    if (!key.empty() && key.front() == k_mark) return false;
  }
  return true;
}

Value plain_map(const Value::Map& map) {
  Value::Map members;
  members.reserve(map.size());
  for (const Value::MapEntry& entry : map) members.push_back({entry.key, to_plain(entry.value)});
  return Value::map(std::move(members));
}

Value plain_entries(const Value::Map& map) {
  Value::List entries;
  entries.reserve(map.size());
  for (const Value::MapEntry& entry : map) {
    entries.push_back(Value::list({to_plain(entry.key), to_plain(entry.value)}));
  }
  return tagged("$entries", Value::list(std::move(entries)));
}

// Needs no rewriting at any depth: the usual case, told without building anything.
bool is_plain(const Value& value) {
  switch (value.kind()) {
    case Kind::null:
    case Kind::boolean:
    case Kind::integer:
    case Kind::string: return true;
    case Kind::real: return std::isfinite(value.as_real());
    case Kind::list:
      for (const Value& item : value.as_list()) {
        if (!is_plain(item)) return false;
      }
      return true;
    case Kind::map:
      if (!is_plain_map(value.as_map())) return false;
      for (const Value::MapEntry& entry : value.as_map()) {
        if (!is_plain(entry.value)) return false;
      }
      return true;
    case Kind::uint:
    case Kind::bytes:
    case Kind::timestamp:
    case Kind::duration:
    case Kind::optional:
    case Kind::type: return false;
  }
  return false;
}

std::string hex_of(const std::string& octets) {
  static constexpr char k_digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(octets.size() * 2);
  for (const char c : octets) {
    const auto byte = static_cast<unsigned char>(c);
    text += k_digits[byte >> 4u];
    text += k_digits[byte & 15u];
  }
  return text;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

Result<Value> bytes_of(const std::string& text) {
  if (text.size() % 2 != 0) return corrupt("$bytes: odd number of digits");
  std::string octets;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit_of(text[i]);
    const int low = digit_of(text[i + 1]);
    if (high < 0 || low < 0) return corrupt("$bytes: not hexadecimal");
    octets += static_cast<char>(high * 16 + low);
  }
  return Value::bytes(std::move(octets));
}

Result<Value> entries_of(const Value& plain) {
  if (!plain.is_list()) return corrupt("$entries: not a list");
  Value::Map map;
  for (const Value& entry : plain.as_list()) {
    if (!entry.is_list() || entry.as_list().size() != 2)
      return corrupt("$entries: an entry is [key, value]");
    auto key = from_plain(entry.as_list()[0]);
    if (!key) return key;
    const Kind kind = key->kind();
    if (kind != Kind::string && kind != Kind::integer && kind != Kind::uint &&
        kind != Kind::boolean) {
      return corrupt("$entries: a key of this kind can't be");
    }
    auto value = from_plain(entry.as_list()[1]);
    if (!value) return value;
    map.push_back({*std::move(key), *std::move(value)});
  }
  return Value::map(std::move(map));
}

Result<Value> real_of(const std::string& text) {
  if (text == "NaN") return Value::real(std::nan(""));
  if (text == "Infinity") return Value::real(HUGE_VAL);
  if (text == "-Infinity") return Value::real(-HUGE_VAL);
  return corrupt("$real: " + text);
}

Result<Value> uint_of(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return corrupt("$uint: " + text);
  return Value::uint(number);
}

Result<Value> tagged_text(std::string_view name, const std::string& text) {
  if (name == "$timestamp") {
    if (const auto at = types::parse_timestamp_text(text)) return Value::timestamp(*at);
  } else if (name == "$duration") {
    if (const auto length = types::parse_duration_text(text)) return Value::duration(*length);
  } else if (name == "$bytes") {
    return bytes_of(text);
  } else if (name == "$uint") {
    return uint_of(text);
  } else if (name == "$real") {
    return real_of(text);
  } else if (name == "$type") {
    return Value::type(text);
  }
  return corrupt(std::string(name) + ": " + text);
}

Result<Value> from_tagged(const std::string& name, const Value& value) {
  if (name == "$none") return Value::optional_none();
  if (name == "$entries") return entries_of(value);
  if (name == "$some") {
    auto inner = from_plain(value);
    if (!inner) return inner;
    return Value::optional_of(*std::move(inner));
  }
  if (!value.is_string()) return corrupt(name + ": not text");
  return tagged_text(name, value.as_string());
}

Result<Value> from_map(const Value::Map& map) {
  if (map.size() == 1 && map.front().key.is_string()) {
    const std::string& name = map.front().key.as_string();
    if (!name.empty() && name.front() == k_mark) return from_tagged(name, map.front().value);
  }
  Value::Map members;
  members.reserve(map.size());
  for (const Value::MapEntry& entry : map) {
    auto value = from_plain(entry.value);
    if (!value) return value;
    members.push_back({entry.key, *std::move(value)});
  }
  return Value::map(std::move(members));
}

}  // namespace

Value to_plain(const Value& value) {
  if (is_plain(value)) return value;
  switch (value.kind()) {
    case Kind::uint: return tagged("$uint", Value::string(std::to_string(value.as_uint())));
    case Kind::real: {
      const double number = value.as_real();
      const char* text = std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
      return tagged("$real", Value::string(text));
    }
    case Kind::bytes: return tagged("$bytes", Value::string(hex_of(value.as_string())));
    case Kind::timestamp:
      return tagged("$timestamp", Value::string(types::timestamp_text(value.as_timestamp())));
    case Kind::duration:
      return tagged("$duration", Value::string(types::duration_text(value.as_duration())));
    case Kind::type: return tagged("$type", Value::string(value.as_string()));
    case Kind::optional:
      if (const Value* inner = value.as_optional()) return tagged("$some", to_plain(*inner));
      return tagged("$none", Value::boolean(true));
    case Kind::list: {
      Value::List items;
      items.reserve(value.as_list().size());
      for (const Value& item : value.as_list()) items.push_back(to_plain(item));
      return Value::list(std::move(items));
    }
    case Kind::map:
      return is_plain_map(value.as_map()) ? plain_map(value.as_map())
                                          : plain_entries(value.as_map());
    case Kind::null:
    case Kind::boolean:
    case Kind::integer:
    case Kind::string: break;
  }
  return value;
}

Result<Value> from_plain(const Value& plain) {
  if (plain.is_map()) return from_map(plain.as_map());
  if (!plain.is_list()) return plain;
  Value::List items;
  items.reserve(plain.as_list().size());
  for (const Value& item : plain.as_list()) {
    auto value = from_plain(item);
    if (!value) return value;
    items.push_back(*std::move(value));
  }
  return Value::list(std::move(items));
}

void append_lossless(std::string& out, const Value& value) {
  if (is_plain(value)) {
    types::append_json(out, value);
  } else {
    types::append_json(out, to_plain(value));
  }
}

}  // namespace vozex::machine
