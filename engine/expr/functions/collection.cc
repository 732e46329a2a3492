// SPDX-License-Identifier: Apache-2.0
//
// size, slice, keys, values.
#include "engine/base/text.h"
#include "engine/expr/meter.h"

namespace vozex::expr {

using types::Kind;
using types::Value;

namespace {

bool size_of(Call& call) {
  const Value& x = call.arg(0);
  std::size_t size = 0;
  if (x.is_string()) {
    if (!call.meter.charge_text(x.as_string().size())) return false;
    size = code_points(x.as_string());
  } else if (call.is(0, Kind::bytes)) {
    size = x.as_string().size();
  } else if (x.is_list()) {
    size = x.as_list().size();
  } else if (x.is_map()) {
    size = x.as_map().size();
  } else {
    return call.no_overload();
  }
  return call.give(Value::integer(static_cast<std::int64_t>(size)));
}

bool slice_of(Call& call) {
  if (!call.is(0, Kind::list) || !call.is(1, Kind::integer)) return call.no_overload();
  if (call.args.size() == 3 && !call.is(2, Kind::integer)) return call.no_overload();
  const Value::List& items = call.arg(0).as_list();
  const auto size = static_cast<std::int64_t>(items.size());
  const std::int64_t from = call.arg(1).as_integer();
  const std::int64_t to = call.args.size() == 3 ? call.arg(2).as_integer() : size;
  if (from < 0 || from > size || to < from || to > size) {
    return call.fail("out_of_range",
                     "slice(" + std::to_string(from) + ", " + std::to_string(to) +
                         ") of a list of " + std::to_string(size));
  }
  if (!call.meter.charge(items.size() / 4) ||
      !call.meter.charge_built(items.size() * sizeof(Value)))
    return false;
  return call.give(Value::list(Value::List(items.begin() + from, items.begin() + to)));
}

bool parts_of_map(Call& call) {
  if (!call.is(0, Kind::map)) return call.no_overload();
  const Value::Map& entries = call.arg(0).as_map();
  if (!call.meter.charge(entries.size() / 4) ||
      !call.meter.charge_built(entries.size() * sizeof(Value)))
    return false;
  Value::List parts;
  parts.reserve(entries.size());
  for (const Value::MapEntry& entry : entries)
    parts.push_back(call.fn == Fn::keys ? entry.key : entry.value);
  return call.give(Value::list(std::move(parts)));
}

}  // namespace

bool call_collection(Call& call) {
  if (call.fn == Fn::slice)
    return call.args.size() >= 2 && call.args.size() <= 3 ? slice_of(call) : call.no_overload();
  if (call.args.size() != 1) return call.no_overload();
  if (call.fn == Fn::size) return size_of(call);
  return parts_of_map(call);
}

}  // namespace vozex::expr
