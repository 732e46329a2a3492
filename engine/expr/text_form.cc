// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/text_form.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/types/time_text.h"

namespace vozex::expr {

using types::Kind;
using types::Value;

namespace {

bool spend_weight(const Value& value, std::size_t& left) {
  std::size_t own = sizeof(Value);
  if (value.is_string() || value.kind() == Kind::bytes) own += value.as_string().size();
  if (own > left) return false;
  left -= own;
  if (value.is_list()) {
    for (const Value& item : value.as_list()) {
      if (!spend_weight(item, left)) return false;
    }
  } else if (value.is_map()) {
    for (const Value::MapEntry& entry : value.as_map()) {
      if (!spend_weight(entry.key, left) || !spend_weight(entry.value, left)) return false;
    }
  } else if (value.kind() == Kind::optional && value.as_optional() != nullptr) {
    return spend_weight(*value.as_optional(), left);
  }
  return true;
}

}  // namespace

std::string double_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{}", value);
}

bool scalar_text(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Kind::boolean: out += value.as_boolean() ? "true" : "false"; return true;
    case Kind::integer: out += fmt::format_int(value.as_integer()).c_str(); return true;
    case Kind::uint: out += fmt::format_int(value.as_uint()).c_str(); return true;
    case Kind::real: out += double_text(value.as_real()); return true;
    case Kind::string: out += value.as_string(); return true;
    case Kind::timestamp: out += types::timestamp_text(value.as_timestamp()); return true;
    case Kind::duration: out += types::duration_text(value.as_duration()); return true;
    case Kind::null:
    case Kind::bytes:
    case Kind::list:
    case Kind::map:
    case Kind::optional:
    case Kind::type: return false;
  }
  return false;
}

bool append_text(const Value& value, std::string& out, Meter& meter) {
  if (value.kind() == Kind::optional) {
    if (value.as_optional() == nullptr)
      return meter.fail("absent", "an absent value can't be written into a text");
    return append_text(*value.as_optional(), out, meter);
  }
  if (value.is_null()) return meter.fail("absent", "null can't be written into a text");
  if (value.is_string() && !meter.charge_text(value.as_string().size())) return false;
  if (scalar_text(value, out)) return true;
  return meter.fail("no_such_overload",
                    "a value of type " + type_name_of(value) + " can't be written into a text");
}

std::string short_text(const Value& value) {
  std::string text;
  if (value.is_null()) return "null";
  if (!scalar_text(value, text)) return "a " + type_name_of(value);
  if (text.size() > 40) text = text.substr(0, 37) + "...";
  return value.is_string() ? "'" + text + "'" : text;
}

bool within_weight(const Value& value, std::size_t bytes) { return spend_weight(value, bytes); }

}  // namespace vozex::expr
