// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/functions/money.h"

#include <limits>

namespace vozex::expr {

using types::Kind;
using types::Value;
__extension__ typedef __int128
    Wide;  // NOLINT(modernize-use-using): using can't carry __extension__

namespace {

bool give_money(Call& call, Wide minor, const Value& like) {
  if (minor > std::numeric_limits<std::int64_t>::max() ||
      minor < std::numeric_limits<std::int64_t>::min()) {
    return call.fail("overflow", "the amount is too big");
  }
  if (!call.meter.charge_built(160)) return false;
  return call.give(Value::object({{"currency", *like.find("currency")},
                                  {"minor", Value::integer(static_cast<std::int64_t>(minor))}}));
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
  if (call.args.size() != 3 || !is_money(call.arg(0)) || !call.is(1, Kind::integer) ||
      !call.is(2, Kind::integer))
    return call.no_overload();
  const std::int64_t denominator = call.arg(2).as_integer();
  if (denominator == 0) return call.fail("divide_by_zero", "scale() by a fraction of zero");
  return give_money(
      call,
      divided_half_even(minor_of(call.arg(0)) * call.arg(1).as_integer(), denominator),
      call.arg(0));
}

// Adds up one after the other; all must be of the first one's kind.
class Sum {
 public:
  explicit Sum(Call& call) : call_(call) {}

  bool add(const Value& item) {
    if (first_ == nullptr) {
      first_ = &item;
      money_ = is_money(item);
    }
    if (money_) {
      if (!is_money(item)) return call_.no_overload();
      if (!same_currency(call_, *first_, item)) return false;
      whole_ += minor_of(item);
      return true;
    }
    if (item.kind() != first_->kind()) return call_.no_overload();
    if (item.kind() == Kind::integer)
      whole_ += item.as_integer();
    else if (item.kind() == Kind::uint)
      whole_ += item.as_uint();
    else if (item.kind() == Kind::real)
      real_ += item.as_real();
    else
      return call_.no_overload();
    return true;
  }

  bool give() {
    if (first_ == nullptr) return call_.give(Value::integer(0));
    if (money_) return give_money(call_, whole_, *first_);
    if (first_->kind() == Kind::real) return call_.give(Value::real(real_));
    const bool is_int = first_->kind() == Kind::integer;
    const bool fits = is_int ? whole_ <= std::numeric_limits<std::int64_t>::max() &&
                                   whole_ >= std::numeric_limits<std::int64_t>::min()
                             : whole_ <= std::numeric_limits<std::uint64_t>::max();
    if (!fits) return call_.fail("overflow", "the sum is too big for " + type_name_of(*first_));
    return call_.give(is_int ? Value::integer(static_cast<std::int64_t>(whole_))
                             : Value::uint(static_cast<std::uint64_t>(whole_)));
  }

 private:
  Call& call_;
  const Value* first_ = nullptr;
  bool money_ = false;
  Wide whole_ = 0;
  double real_ = 0;
};

// Of ints, uints, doubles or money; the sum of nothing is 0.
bool summed(Call& call) {
  Sum sum(call);
  if (call.args.size() != 1) return call.no_overload();
  if (call.fn == Fn::sum_values && call.is(0, Kind::map)) {
    if (!call.meter.charge(call.arg(0).as_map().size() / 4)) return false;
    for (const Value::MapEntry& entry : call.arg(0).as_map()) {
      if (!sum.add(entry.value)) return false;
    }
    return sum.give();
  }
  if (call.fn != Fn::sum || !call.is(0, Kind::list)) return call.no_overload();
  if (!call.meter.charge(call.arg(0).as_list().size() / 4)) return false;
  for (const Value& item : call.arg(0).as_list()) {
    if (!sum.add(item)) return false;
  }
  return sum.give();
}

}  // namespace

bool is_money(const Value& value) {
  if (!value.is_map() || value.as_map().size() != 2) return false;
  const Value* minor = value.find("minor");
  const Value* currency = value.find("currency");
  return minor != nullptr && currency != nullptr && minor->kind() == Kind::integer &&
         currency->is_string();
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
  return give_money(
      call, call.fn == Fn::add ? minor_of(x) + minor_of(y) : minor_of(x) - minor_of(y), x);
}

bool call_money(Call& call) { return call.fn == Fn::scale ? scaled(call) : summed(call); }

}  // namespace vozex::expr
