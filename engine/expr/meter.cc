// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/meter.h"

namespace vozex::expr {

using types::Kind;
using types::Value;

bool Meter::exhausted() {
  fail("cost_exceeded",
       "the expression costs more than " + std::to_string(limits_.max_cost) + " steps");
  fatal_ = true;
  return false;
}

bool Meter::too_heavy() {
  fail("cost_exceeded",
       "the expression makes more than " + std::to_string(limits_.max_result_weight) + " bytes");
  fatal_ = true;
  return false;
}

bool Call::no_overload() {
  std::string kinds;
  for (const Value* argument : args) kinds += (kinds.empty() ? "" : ", ") + type_name_of(*argument);
  const std::string_view sign = operator_text(fn);
  const Fn written = fn == Fn::sum_values ? Fn::sum : fn;
  if (sign.empty())
    return fail("no_such_overload", function_of(written).name + "() can't take (" + kinds + ")");
  return fail("no_such_overload", "'" + std::string(sign) + "' can't take (" + kinds + ")");
}

std::string type_name_of(const Value& value) {
  switch (value.kind()) {
    case Kind::null: return "null_type";
    case Kind::timestamp: return "google.protobuf.Timestamp";
    case Kind::duration: return "google.protobuf.Duration";
    case Kind::optional: return "optional_type";
    case Kind::boolean:
    case Kind::integer:
    case Kind::uint:
    case Kind::real:
    case Kind::string:
    case Kind::bytes:
    case Kind::list:
    case Kind::map:
    case Kind::type: return types::to_string(value.kind());
  }
  return "null_type";
}

std::optional<int> compare_numbers(const Value& a, const Value& b) {
  const bool mixed = (a.kind() == Kind::real) != (b.kind() == Kind::real);
  const auto is_number = [](const Value& v) {
    return v.kind() == Kind::integer || v.kind() == Kind::uint || v.kind() == Kind::real;
  };
  if (!is_number(a) || !is_number(b)) return std::nullopt;
  if (!mixed) return compare(a, b);
  if (a.kind() == Kind::real) {
    const auto turned = compare_numbers(b, a);
    return turned ? std::optional(-*turned) : std::nullopt;
  }
  const double x = a.kind() == Kind::integer ? static_cast<double>(a.as_integer())
                                             : static_cast<double>(a.as_uint());
  return compare(Value::real(x), b);
}

bool equals(const Value& a, const Value& b, Meter& meter, bool& result) {
  if (!meter.charge(1)) return false;
  result = false;
  if (a.is_list() && b.is_list()) {
    const Value::List& x = a.as_list();
    const Value::List& y = b.as_list();
    if (x.size() != y.size()) return true;
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (!equals(x[i], y[i], meter, result)) return false;
      if (!result) return true;
    }
    result = true;
    return true;
  }
  if (a.is_map() && b.is_map()) {
    const Value::Map& x = a.as_map();
    const Value::Map& y = b.as_map();
    if (x.size() != y.size()) return true;
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (!(x[i].key == y[i].key)) return true;
      if (!equals(x[i].value, y[i].value, meter, result)) return false;
      if (!result) return true;
    }
    result = true;
    return true;
  }
  if (a.kind() == Kind::optional && b.kind() == Kind::optional) {
    const Value* x = a.as_optional();
    const Value* y = b.as_optional();
    if (x != nullptr && y != nullptr) return equals(*x, *y, meter, result);
    result = x == y;
    return true;
  }
  if ((a.is_string() || a.kind() == Kind::bytes) && !meter.charge_text(a.as_string().size()))
    return false;
  result = a.kind() != b.kind() && compare_numbers(a, b).value_or(1) == 0;
  if (!result) result = a == b;
  return true;
}

bool dispatch(Call& call) {
  const Fn fn = call.fn;
  if (fn <= Fn::conditional) return call_operator(call);
  if (fn == Fn::size) return call_collection(call);
  if (fn <= Fn::matches) return call_text(call);
  if (fn <= Fn::to_duration) return call_conversion(call);
  if (fn <= Fn::get_seconds) return call_time(call);
  if (fn == Fn::format) return call_format(call);
  if (fn <= Fn::reverse) return call_text(call);
  if (fn <= Fn::sqrt) return call_math(call);
  if (fn <= Fn::base64_decode) return call_conversion(call);
  if (fn <= Fn::unwrap) return call_optional(call);
  if (fn == Fn::sum || fn == Fn::sum_values || fn == Fn::scale) return call_money(call);
  if (fn == Fn::add_period) return call_time(call);
  return call_collection(call);
}

}  // namespace vozex::expr
