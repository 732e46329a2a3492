// SPDX-License-Identifier: Apache-2.0
//
// Optionals. value() also takes what is no optional: null is then what is absent.
#include "engine/expr/meter.h"

namespace vozex::expr {

using types::Kind;
using types::Value;

namespace {

bool is_zero(const Value& value) {
  switch (value.kind()) {
    case Kind::null: return true;
    case Kind::boolean: return !value.as_boolean();
    case Kind::integer: return value.as_integer() == 0;
    case Kind::uint: return value.as_uint() == 0;
    case Kind::real: return value.as_real() == 0;
    case Kind::string:
    case Kind::bytes: return value.as_string().empty();
    case Kind::list: return value.as_list().empty();
    case Kind::map: return value.as_map().empty();
    case Kind::duration: return value.as_duration() == types::SecondsNanos{};
    case Kind::timestamp: return value.as_timestamp() == types::SecondsNanos{-62135596800, 0};
    case Kind::optional: return value.as_optional() == nullptr;
    case Kind::type: return false;
  }
  return false;
}

bool value_of(Call& call) {
  const Value& x = call.arg(0);
  const Value* inner = call.is(0, Kind::optional) ? x.as_optional() : (x.is_null() ? nullptr : &x);
  if (inner == nullptr) return call.fail("absent", "value() of something that isn't there");
  return call.give(Value(*inner));
}

bool unwrapped(Call& call) {
  if (!call.is(0, Kind::list)) return call.no_overload();
  Value::List items;
  for (const Value& item : call.arg(0).as_list()) {
    if (item.kind() != Kind::optional) return call.no_overload();
    if (item.as_optional() != nullptr) items.push_back(*item.as_optional());
  }
  if (!call.meter.charge(items.size()) || !call.meter.charge_built(items.size() * sizeof(Value)))
    return false;
  return call.give(Value::list(std::move(items)));
}

}  // namespace

bool call_optional(Call& call) {
  if (call.fn == Fn::optional_none)
    return call.args.empty() ? call.give(Value::optional_none()) : call.no_overload();
  if (call.args.empty()) return call.no_overload();
  const Value& x = call.arg(0);
  if (call.fn == Fn::optional_of && call.args.size() == 1) return call.give(Value::optional_of(x));
  if (call.fn == Fn::optional_of_non_zero && call.args.size() == 1) {
    return call.give(is_zero(x) ? Value::optional_none() : Value::optional_of(x));
  }
  if (call.fn == Fn::value && call.args.size() == 1) return value_of(call);
  if (call.fn == Fn::unwrap && call.args.size() == 1) return unwrapped(call);
  if (!call.is(0, Kind::optional)) return call.no_overload();
  if (call.fn == Fn::has_value && call.args.size() == 1)
    return call.give(Value::boolean(x.as_optional() != nullptr));
  if (call.args.size() != 2) return call.no_overload();
  if (call.fn == Fn::or_value)
    return call.give(x.as_optional() != nullptr ? *x.as_optional() : call.arg(1));
  if (call.fn == Fn::or_optional && call.is(1, Kind::optional))
    return call.give(x.as_optional() != nullptr ? x : call.arg(1));
  return call.no_overload();
}

}  // namespace vozex::expr
