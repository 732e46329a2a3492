// SPDX-License-Identifier: Apache-2.0
//
// Parts of timestamps and durations, and calendar periods.
#include "engine/expr/calendar.h"
#include "engine/expr/meter.h"
#include "engine/expr/text_form.h"

namespace vozex::expr {

using types::Kind;
using types::Value;

namespace {

bool of_duration(Call& call) {
  if (call.args.size() != 1) return call.no_overload();
  const types::SecondsNanos length = call.arg(0).as_duration();
  if (call.fn == Fn::get_hours) return call.give(Value::integer(length.seconds / 3600));
  if (call.fn == Fn::get_minutes) return call.give(Value::integer(length.seconds / 60));
  if (call.fn == Fn::get_seconds) return call.give(Value::integer(length.seconds));
  if (call.fn == Fn::get_milliseconds) return call.give(Value::integer(length.nanos / 1'000'000));
  return call.no_overload();
}

bool unknown_zone(Call& call, const Value& zone) {
  return call.fail("invalid_argument", "unknown time zone " + short_text(zone));
}

bool part_of(Call& call) {
  if (call.is(0, Kind::duration)) return of_duration(call);
  if (!call.is(0, Kind::timestamp) || call.args.size() > 2) return call.no_overload();
  types::SecondsNanos at = call.arg(0).as_timestamp();
  if (call.args.size() == 2) {
    if (!call.is(1, Kind::string)) return call.no_overload();
    const auto offset = zone_offset(call.arg(1).as_string(), at.seconds);
    if (!offset) return unknown_zone(call, call.arg(1));
    at.seconds += *offset;
  }
  if (call.fn == Fn::get_milliseconds) return call.give(Value::integer(at.nanos / 1'000'000));
  const CivilTime civil = civil_time(at.seconds);
  const auto give = [&](int part) { return call.give(Value::integer(part)); };
  if (call.fn == Fn::get_date) return give(civil.day);
  if (call.fn == Fn::get_day_of_month) return give(civil.day - 1);
  if (call.fn == Fn::get_day_of_week) return give(civil.day_of_week);
  if (call.fn == Fn::get_day_of_year) return give(civil.day_of_year);
  if (call.fn == Fn::get_full_year) return give(civil.year);
  if (call.fn == Fn::get_hours) return give(civil.hour);
  if (call.fn == Fn::get_minutes) return give(civil.minute);
  if (call.fn == Fn::get_month) return give(civil.month - 1);
  return give(civil.second);
}

bool period_added(Call& call) {
  const std::size_t count = call.args.size();
  if (count < 2 || count > 4 || !call.is(0, Kind::timestamp) || !call.is(1, Kind::string))
    return call.no_overload();
  if ((count > 2 && !call.is(2, Kind::integer)) || (count > 3 && !call.is(3, Kind::string)))
    return call.no_overload();
  const auto period = read_period(call.arg(1).as_string());
  if (!period) {
    return call.fail("invalid_argument",
                     short_text(call.arg(1)) + " is not a period such as 'P1M', 'P2W' or '36h'");
  }
  const types::SecondsNanos at = call.arg(0).as_timestamp();
  const std::string zone = count > 3 ? call.arg(3).as_string() : "UTC";
  if (!zone_offset(zone, at.seconds)) return unknown_zone(call, call.arg(3));
  const auto result = add_period(at, *period, count > 2 ? call.arg(2).as_integer() : 1, zone);
  if (!result) return call.fail("out_of_range", "the result is outside the range of timestamp");
  return call.give(Value::timestamp(*result));
}

}  // namespace

bool call_time(Call& call) {
  if (call.args.empty()) return call.no_overload();
  return call.fn == Fn::add_period ? period_added(call) : part_of(call);
}

}  // namespace vozex::expr
