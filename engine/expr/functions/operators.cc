// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic, order and membership over values of any kind. Overflow is an error, never a wrapped
// number.
#include <cmath>
#include <limits>

#include "engine/expr/calendar.h"
#include "engine/expr/functions/money.h"
#include "engine/expr/meter.h"

namespace vozex::expr {

using types::Kind;
using types::Value;

namespace {

bool overflow(Call& call) {
  return call.fail("overflow", "the result is too big for " + type_name_of(call.arg(0)));
}

bool by_zero(Call& call) { return call.fail("divide_by_zero", "division by zero"); }

bool on_ints(Call& call, std::int64_t x, std::int64_t y) {
  constexpr auto k_least = std::numeric_limits<std::int64_t>::min();
  std::int64_t result = 0;
  if (call.fn == Fn::add)
    return __builtin_add_overflow(x, y, &result) ? overflow(call)
                                                 : call.give(Value::integer(result));
  if (call.fn == Fn::subtract)
    return __builtin_sub_overflow(x, y, &result) ? overflow(call)
                                                 : call.give(Value::integer(result));
  if (call.fn == Fn::multiply)
    return __builtin_mul_overflow(x, y, &result) ? overflow(call)
                                                 : call.give(Value::integer(result));
  if (y == 0) return by_zero(call);
  if (x == k_least && y == -1) return overflow(call);
  return call.give(Value::integer(call.fn == Fn::divide ? x / y : x % y));
}

bool on_uints(Call& call, std::uint64_t x, std::uint64_t y) {
  std::uint64_t result = 0;
  if (call.fn == Fn::add)
    return __builtin_add_overflow(x, y, &result) ? overflow(call) : call.give(Value::uint(result));
  if (call.fn == Fn::subtract)
    return __builtin_sub_overflow(x, y, &result) ? overflow(call) : call.give(Value::uint(result));
  if (call.fn == Fn::multiply)
    return __builtin_mul_overflow(x, y, &result) ? overflow(call) : call.give(Value::uint(result));
  if (y == 0) return by_zero(call);
  return call.give(Value::uint(call.fn == Fn::divide ? x / y : x % y));
}

bool on_doubles(Call& call, double x, double y) {
  if (call.fn == Fn::add) return call.give(Value::real(x + y));
  if (call.fn == Fn::subtract) return call.give(Value::real(x - y));
  if (call.fn == Fn::multiply) return call.give(Value::real(x * y));
  if (call.fn == Fn::divide) return call.give(Value::real(x / y));
  return call.no_overload();
}

bool on_texts(Call& call) {
  if (call.fn != Fn::add) return call.no_overload();
  const std::string& x = call.arg(0).as_string();
  const std::string& y = call.arg(1).as_string();
  if (call.is(0, Kind::string)) return call.give_text(x + y);
  if (!call.meter.charge_text(x.size() + y.size()) || !call.meter.charge_built(x.size() + y.size()))
    return false;
  return call.give(Value::bytes(x + y));
}

bool on_lists(Call& call) {
  if (call.fn != Fn::add) return call.no_overload();
  const Value::List& x = call.arg(0).as_list();
  const Value::List& y = call.arg(1).as_list();
  if (!call.meter.charge(1 + (x.size() + y.size()) / 4) ||
      !call.meter.charge_built((x.size() + y.size()) * sizeof(Value))) {
    return false;
  }
  Value::List all;
  all.reserve(x.size() + y.size());
  all.insert(all.end(), x.begin(), x.end());
  all.insert(all.end(), y.begin(), y.end());
  return call.give(Value::list(std::move(all)));
}

bool timed(Call& call, const std::optional<types::SecondsNanos>& result, Kind kind) {
  if (!result)
    return call.fail("out_of_range",
                     "the result is outside the range of " + std::string(types::to_string(kind)));
  return call.give(kind == Kind::timestamp ? Value::timestamp(*result) : Value::duration(*result));
}

bool on_times(Call& call) {
  const bool subtract = call.fn == Fn::subtract;
  if (call.fn != Fn::add && !subtract) return call.no_overload();
  const Value& x = call.arg(0);
  const Value& y = call.arg(1);
  if (call.is(0, Kind::duration) && call.is(1, Kind::duration)) {
    return timed(call, add_durations(x.as_duration(), y.as_duration(), subtract), Kind::duration);
  }
  if (call.is(0, Kind::timestamp) && call.is(1, Kind::duration)) {
    return timed(
        call, shift_timestamp(x.as_timestamp(), y.as_duration(), subtract), Kind::timestamp);
  }
  if (call.is(0, Kind::duration) && call.is(1, Kind::timestamp) && !subtract) {
    return timed(call, shift_timestamp(y.as_timestamp(), x.as_duration(), false), Kind::timestamp);
  }
  if (call.is(0, Kind::timestamp) && call.is(1, Kind::timestamp) && subtract) {
    return timed(call, between(x.as_timestamp(), y.as_timestamp()), Kind::duration);
  }
  return call.no_overload();
}

bool arithmetic(Call& call) {
  const Value& x = call.arg(0);
  const Value& y = call.arg(1);
  const Kind left = x.kind();
  const Kind right = y.kind();
  if (left == Kind::integer && right == Kind::integer)
    return on_ints(call, x.as_integer(), y.as_integer());
  if (left == Kind::uint && right == Kind::uint) return on_uints(call, x.as_uint(), y.as_uint());
  if (left == Kind::real && right == Kind::real) return on_doubles(call, x.as_real(), y.as_real());
  if (left == right && (left == Kind::string || left == Kind::bytes)) return on_texts(call);
  if (left == Kind::list && right == Kind::list) return on_lists(call);
  if (left == Kind::timestamp || left == Kind::duration) return on_times(call);
  if (is_money(x) && is_money(y)) return money_arithmetic(call);
  return call.no_overload();
}

bool is_number(Kind kind) {
  return kind == Kind::integer || kind == Kind::uint || kind == Kind::real;
}

bool is_ordered(Kind kind) {
  return kind == Kind::boolean || is_number(kind) || kind == Kind::string || kind == Kind::bytes ||
         kind == Kind::timestamp || kind == Kind::duration;
}

bool ordered(Call& call) {
  const Value& x = call.arg(0);
  const Value& y = call.arg(1);
  std::optional<int> order;
  if (is_money(x) && is_money(y)) {
    if (!same_currency(call, x, y)) return false;
    order = compare(*x.find("minor"), *y.find("minor"));
  } else if (!is_ordered(x.kind()) ||
             (x.kind() != y.kind() && !(is_number(x.kind()) && is_number(y.kind())))) {
    return call.no_overload();
  } else {
    if (x.is_string() && !call.meter.charge_text(x.as_string().size())) return false;
    order = x.kind() == y.kind() ? compare(x, y) : compare_numbers(x, y);
  }
  bool result = false;
  if (order) {  // nothing compares with a NaN
    if (call.fn == Fn::less) result = *order < 0;
    if (call.fn == Fn::less_equal) result = *order <= 0;
    if (call.fn == Fn::greater) result = *order > 0;
    if (call.fn == Fn::greater_equal) result = *order >= 0;
  }
  return call.give(Value::boolean(result));
}

bool member_of_collection(Call& call) {
  const Value& wanted = call.arg(0);
  const Value& where = call.arg(1);
  if (where.is_map()) return call.give(Value::boolean(where.find(wanted) != nullptr));
  if (!where.is_list()) return call.no_overload();
  bool found = false;
  for (const Value& item : where.as_list()) {
    if (!equals(wanted, item, call.meter, found)) return false;
    if (found) break;
  }
  return call.give(Value::boolean(found));
}

bool negated(Call& call) {
  const Value& x = call.arg(0);
  if (call.fn == Fn::logical_not) {
    return call.is(0, Kind::boolean) ? call.give(Value::boolean(!x.as_boolean()))
                                     : call.no_overload();
  }
  if (call.is(0, Kind::real)) return call.give(Value::real(-x.as_real()));
  if (!call.is(0, Kind::integer)) return call.no_overload();
  if (x.as_integer() == std::numeric_limits<std::int64_t>::min()) return overflow(call);
  return call.give(Value::integer(-x.as_integer()));
}

}  // namespace

bool call_operator(Call& call) {
  if (call.fn == Fn::negate || call.fn == Fn::logical_not) return negated(call);
  if (call.fn >= Fn::add && call.fn <= Fn::modulo) return arithmetic(call);
  if (call.fn >= Fn::less && call.fn <= Fn::greater_equal) return ordered(call);
  if (call.fn == Fn::in) return member_of_collection(call);
  bool same = false;
  if (!equals(call.arg(0), call.arg(1), call.meter, same)) return false;
  return call.give(Value::boolean(same == (call.fn == Fn::equal)));
}

}  // namespace vozex::expr
