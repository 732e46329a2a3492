// SPDX-License-Identifier: Apache-2.0
//
// Comprehensions. The range is held while its elements are visited by pointer; a result that points
// into it is copied before it goes.
#include "engine/expr/eval.h"

namespace vozex::expr {

using types::Kind;
using types::Value;

// Runs `body` for each element with the locals set; stops early when it returns false. False when
// the range can't be iterated.
template <class Body>
bool Evaluator::each(const Node& node, const Value& range, Body&& body) {
  if (range.is_list()) {
    std::int64_t position = 0;
    for (const Value& item : range.as_list()) {
      const Value index = Value::integer(position++);
      locals_[node.slot] = node.two_variables ? &index : &item;
      if (node.two_variables) locals_[node.slot + 1u] = &item;
      if (!body(index)) break;
    }
    return true;
  }
  if (!range.is_map()) {
    return meter_.fail("no_such_overload",
                       "a value of type " + type_name_of(range) + " can't be iterated");
  }
  for (const Value::MapEntry& entry : range.as_map()) {
    locals_[node.slot] = &entry.key;
    if (node.two_variables) locals_[node.slot + 1u] = &entry.value;
    if (!body(entry.key)) break;
  }
  return true;
}

const Value* Evaluator::macro(const Node& node, Value& scratch) {
  Value held;
  const Value* range = eval(child(node, 0), held);
  if (range == nullptr) return nullptr;
  switch (node.macro) {
    case Macro::all:
    case Macro::exists:
    case Macro::exists_one: return quantifier(node, *range, scratch);
    case Macro::map:
    case Macro::filter:
    case Macro::transform_list: return transform_to_list(node, *range, scratch);
    case Macro::transform_map:
    case Macro::transform_map_entry: return transform_to_map(node, *range, scratch);
    case Macro::bind: return bound(node, *range, scratch);
    case Macro::opt_map:
    case Macro::opt_flat_map: return opened(node, *range, scratch);
  }
  return nullptr;
}

const Value* Evaluator::quantifier(const Node& node, const Value& range, Value& scratch) {
  const bool counting = node.macro == Macro::exists_one;
  const Truth decisive = node.macro == Macro::all ? Truth::no : Truth::yes;
  bool decided = false;
  std::size_t hits = 0;
  std::optional<EvalError> first;
  const bool iterable = each(node, range, [&](const Value&) {
    const Truth value = truth(child(node, 1));
    if (value == Truth::failed) {
      if (meter_.fatal()) return false;
      if (!first) first = meter_.take_error();
      return !counting;
    }
    if (value == Truth::yes) ++hits;
    if (counting || value != decisive) return true;
    decided = true;
    return false;
  });
  if (!iterable) return nullptr;
  if (meter_.fatal()) return nullptr;
  if (first && !decided) return fail(first->code, std::move(first->message));
  if (counting) return give(scratch, Value::boolean(hits == 1));
  return give(scratch, Value::boolean(decided == (node.macro == Macro::exists)));
}

const Value* Evaluator::transform_to_list(const Node& node, const Value& range, Value& scratch) {
  Value::List items;
  bool failed = false;
  const bool iterable = each(node, range, [&](const Value&) {
    const bool filter = node.macro == Macro::filter;
    if (filter || node.filtered) {
      const Truth kept = truth(child(node, filter ? 1 : 2));
      failed = kept == Truth::failed;
      if (kept != Truth::yes) return !failed;
    }
    Value held;
    const Value* value = filter ? locals_[node.slot] : eval(child(node, 1), held);
    failed = value == nullptr || !meter_.charge_built(sizeof(Value));
    if (!failed) items.push_back(taken(value, held));
    return !failed;
  });
  if (!iterable || failed || !meter_.charge_built(32)) return nullptr;
  return give(scratch, Value::list(std::move(items)));
}

bool Evaluator::add_entries(const Node& node,
                            const Value& body,
                            const Value& key,
                            Value::Map& entries) {
  if (!meter_.charge_built(sizeof(Value::MapEntry))) return false;
  if (node.macro == Macro::transform_map) {
    entries.push_back({key, body});
    return true;
  }
  if (!body.is_map())
    return meter_.fail("no_such_overload", "transformMapEntry() wants an entry {key: value}");
  entries.insert(entries.end(), body.as_map().begin(), body.as_map().end());
  return true;
}

const Value* Evaluator::transform_to_map(const Node& node, const Value& range, Value& scratch) {
  Value::Map entries;
  bool failed = false;
  const bool iterable = each(node, range, [&](const Value& key) {
    if (node.filtered) {
      const Truth kept = truth(child(node, 2));
      failed = kept == Truth::failed;
      if (kept != Truth::yes) return !failed;
    }
    Value held;
    const Value* value = eval(child(node, 1), held);
    failed = value == nullptr || !add_entries(node, *value, key, entries);
    return !failed;
  });
  if (!iterable || failed || !meter_.charge_built(32)) return nullptr;
  const std::size_t count = entries.size();
  Value made = Value::map(std::move(entries));
  if (made.as_map().size() != count)
    return fail("invalid_argument", "two entries of a map have the same key");
  return give(scratch, std::move(made));
}

const Value* Evaluator::bound(const Node& node, const Value& value, Value& scratch) {
  locals_[node.slot] = &value;
  const Value* result = eval(child(node, 1), scratch);
  // It may point into the bound value, which the caller holds no longer than this call.
  return result == nullptr || result == &scratch ? result : give(scratch, Value(*result));
}

const Value* Evaluator::opened(const Node& node, const Value& range, Value& scratch) {
  if (range.kind() != Kind::optional)
    return fail("no_such_overload", "optMap() and optFlatMap() take an optional");
  const Value* inner = range.as_optional();
  if (inner == nullptr) return give(scratch, Value::optional_none());
  const Value* result = bound(node, *inner, scratch);
  if (result == nullptr) return nullptr;
  if (node.macro == Macro::opt_map) return give(scratch, Value::optional_of(Value(*result)));
  if (result->kind() != Kind::optional)
    return fail("no_such_overload", "optFlatMap() wants an optional from its body");
  return result;
}

}  // namespace vozex::expr
