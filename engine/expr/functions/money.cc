// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/functions/money.h"

#include <limits>

namespace vozex::expr {

using types::Kind;
using types::Value;
__extension__ typedef __int128 Wide;  // NOLINT(modernize-use-using): using can't carry __extension__

namespace {

bool give_money(Call& call, Wide minor, const Value& like) {
  if (minor > std::numeric_limits<std::int64_t>::max() || minor < std::numeric_limits<std::int64_t>::min()) {
    return call.fail("overflow", "the amount is too big");
  }
  if (!call.meter.charge_built(160)) return false;
  return call.give(Value::object({{"currency", *like.find("currency")}, {"minor", Value::integer(static_cast<std::int64_t>(minor))}}));
}

Wide minor_of(const Value& money) { return money.find("minor")->as_integer(); }

// Nearest whole number, ties to the even one.
Wide divided_half_even(Wide numerator, Wide denominator) {
  if (denominator < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  Wide quotient = numerator / denominator;
  Wide rest = numerator % denominator;
  if (rest < 0) {
    rest += denominator;
    quotient -= 1;
  }
  const Wide twice = rest * 2;
  if (twice > denominator || (twice == denominator && quotient % 2 != 0)) quotient += 1;
  return quotient;
}

bool scaled(Call& call) {
  if (!is_money(call.arg(0)) || !call.is(1, Kind::integer) || !call.is(2, Kind::integer)) return call.no_overload();
  const std::int64_t denominator = call.arg(2).as_integer();
  if (denominator == 0) return call.fail("divide_by_zero", "scale() by a fraction of zero");
  return give_money(call, divided_half_even(minor_of(call.arg(0)) * call.arg(1).as_integer(), denominator), call.arg(0));
}

bool sum_of_money(Call& call, const Value::List& items) {
  Wide total = 0;
  for (const Value& item : items) {
    if (!is_money(item)) return call.no_overload();
    if (!same_currency(call, items[0], item)) return false;
    total += minor_of(item);
  }
  return give_money(call, total, items[0]);
}

// Of ints, uints or doubles; the sum of nothing is 0.
bool summed(Call& call) {
  if (!call.is(0, Kind::list)) return call.no_overload();
  const Value::List& items = call.arg(0).as_list();
  if (!call.meter.charge(items.size() / 4)) return false;
  if (items.empty()) return call.give(Value::integer(0));
  if (is_money(items[0])) return sum_of_money(call, items);
  const Kind kind = items[0].kind();
  Wide whole = 0;
  double real = 0;
  for (const Value& item : items) {
    if (item.kind() != kind) return call.no_overload();
    if (kind == Kind::integer) whole += item.as_integer();
    else if (kind == Kind::uint) whole += item.as_uint();
    else if (kind == Kind::real) real += item.as_real();
    else return call.no_overload();
  }
  if (kind == Kind::real) return call.give(Value::real(real));
  const bool fits = kind == Kind::integer ? whole <= std::numeric_limits<std::int64_t>::max() && whole >= std::numeric_limits<std::int64_t>::min()
                                          : whole <= std::numeric_limits<std::uint64_t>::max();
  if (!fits) return call.fail("overflow", "the sum is too big for " + std::string(types::to_string(kind)));
  return call.give(kind == Kind::integer ? Value::integer(static_cast<std::int64_t>(whole)) : Value::uint(static_cast<std::uint64_t>(whole)));
}

}  // namespace

bool is_money(const Value& value) {
  if (!value.is_map() || value.as_map().size() != 2) return false;
  const Value* minor = value.find("minor");
  const Value* currency = value.find("currency");
  return minor != nullptr && currency != nullptr && minor->kind() == Kind::integer && currency->is_string();
}

bool same_currency(Call& call, const Value& a, const Value& b) {
  const std::string& x = a.find("currency")->as_string();
  const std::string& y = b.find("currency")->as_string();
  return x == y || call.fail("currency_mismatch", "an amount in " + x + " met one in " + y);
}

bool money_arithmetic(Call& call) {
  const Value& x = call.arg(0);
  const Value& y = call.arg(1);
  if (call.fn != Fn::add && call.fn != Fn::subtract) return call.no_overload();
  if (!same_currency(call, x, y)) return false;
  return give_money(call, call.fn == Fn::add ? minor_of(x) + minor_of(y) : minor_of(x) - minor_of(y), x);
}

bool call_money(Call& call) { return call.fn == Fn::scale ? scaled(call) : summed(call); }

}  // namespace vozex::expr
