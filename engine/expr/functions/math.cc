// SPDX-License-Identifier: Apache-2.0
//
// Functions of the math extension.
#include <cmath>
#include <limits>

#include "engine/expr/meter.h"

namespace vozex::expr {

using types::Kind;
using types::Value;

namespace {

bool is_number(const Value& value) {
  return value.kind() == Kind::integer || value.kind() == Kind::uint || value.kind() == Kind::real;
}

bool extreme(Call& call) {
  const bool of_list = call.args.size() == 1 && call.is(0, Kind::list);
  const std::size_t count = of_list ? call.arg(0).as_list().size() : call.args.size();
  if (count == 0) return call.fail("invalid_argument", function_of(call.fn).name + "() of nothing");
  if (!call.meter.charge(count / 4)) return false;
  const Value* best = nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    const Value& candidate = of_list ? call.arg(0).as_list()[i] : call.arg(i);
    if (!is_number(candidate)) return call.no_overload();
    const int order = best == nullptr ? 0 : compare(candidate, *best).value_or(0);
    if (best == nullptr || (call.fn == Fn::greatest ? order > 0 : order < 0)) best = &candidate;
  }
  return call.give(Value(*best));
}

bool rounded(Call& call) {
  if (!call.is(0, Kind::real)) return call.no_overload();
  const double x = call.arg(0).as_real();
  if (call.fn == Fn::ceil) return call.give(Value::real(std::ceil(x)));
  if (call.fn == Fn::floor) return call.give(Value::real(std::floor(x)));
  if (call.fn == Fn::round) return call.give(Value::real(std::round(x)));
  if (call.fn == Fn::trunc) return call.give(Value::real(std::trunc(x)));
  if (call.fn == Fn::is_nan) return call.give(Value::boolean(std::isnan(x)));
  if (call.fn == Fn::is_inf) return call.give(Value::boolean(std::isinf(x)));
  return call.give(Value::boolean(std::isfinite(x)));
}

bool magnitude(Call& call) {
  const Value& x = call.arg(0);
  const bool absolute = call.fn == Fn::abs;
  if (call.is(0, Kind::integer)) {
    const std::int64_t i = x.as_integer();
    if (!absolute) return call.give(Value::integer((i > 0) - (i < 0)));
    if (i == std::numeric_limits<std::int64_t>::min())
      return call.fail("overflow", "the result is too big for int");
    return call.give(Value::integer(i < 0 ? -i : i));
  }
  if (call.is(0, Kind::uint)) return call.give(absolute ? x : Value::uint(x.as_uint() > 0 ? 1 : 0));
  if (!call.is(0, Kind::real)) return call.no_overload();
  const double d = x.as_real();
  if (absolute) return call.give(Value::real(std::fabs(d)));
  return call.give(Value::real(std::isnan(d) ? d : static_cast<double>((d > 0) - (d < 0))));
}

bool square_root(Call& call) {
  const Value& x = call.arg(0);
  if (call.is(0, Kind::real)) return call.give(Value::real(std::sqrt(x.as_real())));
  if (call.is(0, Kind::integer))
    return call.give(Value::real(std::sqrt(static_cast<double>(x.as_integer()))));
  if (call.is(0, Kind::uint))
    return call.give(Value::real(std::sqrt(static_cast<double>(x.as_uint()))));
  return call.no_overload();
}

std::uint64_t bits_of(const Value& value) {
  return value.kind() == Kind::integer ? static_cast<std::uint64_t>(value.as_integer())
                                       : value.as_uint();
}

bool give_bits(Call& call, std::uint64_t bits) {
  return call.give(call.is(0, Kind::integer) ? Value::integer(static_cast<std::int64_t>(bits))
                                             : Value::uint(bits));
}

bool bitwise(Call& call) {
  const bool whole = call.is(0, Kind::integer) || call.is(0, Kind::uint);
  if (!whole) return call.no_overload();
  const std::uint64_t x = bits_of(call.arg(0));
  if (call.fn == Fn::bit_not)
    return call.args.size() == 1 ? give_bits(call, ~x) : call.no_overload();
  if (call.args.size() != 2 || call.kind(0) != call.kind(1)) return call.no_overload();
  const std::uint64_t y = bits_of(call.arg(1));
  if (call.fn == Fn::bit_and) return give_bits(call, x & y);
  return give_bits(call, call.fn == Fn::bit_or ? x | y : x ^ y);
}

// Logical shifts: of 64 bits and more nothing is left.
bool shifted(Call& call) {
  const bool whole = call.is(0, Kind::integer) || call.is(0, Kind::uint);
  if (call.args.size() != 2 || !whole || !call.is(1, Kind::integer)) return call.no_overload();
  const std::int64_t by = call.arg(1).as_integer();
  if (by < 0) return call.fail("invalid_argument", "a shift by a negative number");
  const std::uint64_t x = bits_of(call.arg(0));
  if (by > 63) return give_bits(call, 0);
  return give_bits(call, call.fn == Fn::shift_left ? x << by : x >> by);
}

}  // namespace

bool call_math(Call& call) {
  if (call.args.empty()) return call.no_overload();
  if (call.fn == Fn::greatest || call.fn == Fn::least) return extreme(call);
  if (call.fn == Fn::shift_left || call.fn == Fn::shift_right) return shifted(call);
  if (call.fn >= Fn::bit_and && call.fn <= Fn::bit_not) return bitwise(call);
  if (call.args.size() != 1) return call.no_overload();
  if (call.fn == Fn::abs || call.fn == Fn::sign) return magnitude(call);
  return call.fn == Fn::sqrt ? square_root(call) : rounded(call);
}

}  // namespace vozex::expr
