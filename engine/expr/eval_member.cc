// SPDX-License-Identifier: Apache-2.0
//
// Reading variables and members of what is there.
#include <fmt/format.h>

#include <algorithm>

#include "engine/expr/eval.h"
#include "engine/expr/text_form.h"

namespace vozex::expr {

using types::Kind;
using types::Value;

namespace {

std::string no_key(std::string_view name) { return "no such key: '" + std::string(name) + "'"; }

std::string no_members(const Value& value, std::string_view name) {
  return "a value of type " + type_name_of(value) + " has no member '" + std::string(name) + "'";
}

// Lists take ints, and doubles and uints that are whole.
bool list_position(const Value& index, std::size_t size, std::size_t& at, bool& is_number) {
  const auto zero = Value::integer(0);
  const auto end = Value::integer(static_cast<std::int64_t>(size));
  is_number =
      index.kind() == Kind::integer || index.kind() == Kind::uint || index.kind() == Kind::real;
  if (!is_number) return false;
  if (index.kind() == Kind::real && !(index == Value::integer(static_cast<std::int64_t>(std::min(
                                                   1e15, std::max(-1.0, index.as_real())))))) {
    is_number = false;
    return false;
  }
  if (compare(index, zero).value_or(-1) < 0 || compare(index, end).value_or(1) >= 0) return false;
  at = index.kind() == Kind::integer ? static_cast<std::size_t>(index.as_integer())
       : index.kind() == Kind::uint  ? static_cast<std::size_t>(index.as_uint())
                                     : static_cast<std::size_t>(index.as_real());
  return true;
}

// The member of a map; one probe where the declared place is right.
const Value* find_member(const Value& base, const std::string& name, std::uint16_t rank) {
  constexpr std::size_t k_probes = 4;
  if (rank == k_no_rank || !base.is_map()) return base.find(name);
  const Value::Map& entries = base.as_map();
  std::size_t at = std::min<std::size_t>(rank + 1u, entries.size());
  for (std::size_t i = 0; i < k_probes && at > 0; ++i) {
    const Value::MapEntry& entry = entries[--at];
    if (entry.key.is_string() && entry.key.as_string() == name) return &entry.value;
  }
  return base.find(name);
}

// The element of a list or map; nullptr with `error` telling why.
const Value* element(const Value& base, const Value& index, std::string_view& error) {
  if (base.is_map()) {
    const Value* found = base.find(index);
    if (found == nullptr) error = "no_such_key";
    return found;
  }
  if (!base.is_list()) {
    error = "no_such_overload";
    return nullptr;
  }
  std::size_t at = 0;
  bool is_number = false;
  if (list_position(index, base.as_list().size(), at, is_number)) return &base.as_list()[at];
  error = is_number ? "out_of_range" : "no_such_overload";
  return nullptr;
}

}  // namespace

const Value* Evaluator::variable(const Node& node) {
  const Value* value = activation_.find(node.slot);
  if (value != nullptr) return value;
  return node.null_when_absent ? &Shared::null : no_variable(node);
}

const Value* Evaluator::no_variable(const Node& node) {
  return fail("no_such_variable", "'" + program_.names[node.c] + "' has no value here");
}

const Value* Evaluator::unknown(const Node& node) {
  return fail("no_such_variable", "unknown name '" + program_.names[node.datum] + "'");
}

const Value* Evaluator::path(const Node& node) {
  const Value* value = activation_.find(node.slot);
  if (value == nullptr) return no_variable(node);
  for (std::uint32_t i = node.a; i < node.b; ++i) {
    const std::string& name = program_.names[node.datum + i];
    const Value* next = find_member(*value, name, program_.ranks[node.datum + i]);
    if (next == nullptr) {
      if (value->kind() == Kind::optional) {
        // Undeclared data with an optional inside: the rest of the chain stays optional, which
        // paths don't do.
        return fail("no_such_overload", fmt::format("'{0}' of an optional: write .?{0}", name));
      }
      if (!value->is_map()) return fail("no_such_field", no_members(*value, name));
      if (node.null_when_absent && i + 1 == node.b) return &Shared::null;
      return fail("no_such_key", no_key(name));
    }
    value = next;
  }
  return value;
}

const Value* Evaluator::select(const Node& node, Value& scratch) {
  Value held;
  const Value* base = eval(node.a, held);
  if (base == nullptr) return nullptr;
  if (base->kind() == Kind::optional) return optional_member(node, *base, scratch);
  const std::string& name = program_.names[node.datum];
  const Value* found = find_member(*base, name, program_.ranks[node.datum]);
  if (found != nullptr) return survive(found, base, held, scratch);
  if (!base->is_map()) return fail("no_such_field", no_members(*base, name));
  return node.null_when_absent ? &Shared::null : fail("no_such_key", no_key(name));
}

const Value* Evaluator::optional_select(const Node& node, Value& scratch) {
  Value held;
  const Value* base = eval(node.a, held);
  return base == nullptr ? nullptr : optional_member(node, *base, scratch);
}

const Value* Evaluator::optional_member(const Node& node, const Value& target, Value& scratch) {
  const Value* base = target.kind() == Kind::optional ? target.as_optional() : &target;
  if (base == nullptr) return &Shared::none;
  const std::string& name = program_.names[node.datum];
  if (!base->is_map()) return fail("no_such_field", no_members(*base, name));
  const Value* found = find_member(*base, name, program_.ranks[node.datum]);
  if (found == nullptr) return &Shared::none;
  if (node.null_when_absent) {
    // A declared optional inside an optional: one optional, not two.
    if (found->is_null()) return &Shared::none;
    if (found->kind() == Kind::optional) return give(scratch, Value(*found));
  }
  return give(scratch, Value::optional_of(*found));
}

const Value* Evaluator::has(const Node& node, Value&) {
  Value held;
  const Value* base = eval(node.a, held);
  if (base == nullptr) return nullptr;
  if (base->kind() == Kind::optional) base = base->as_optional();
  if (base == nullptr) return &Shared::no;
  const std::string& name = program_.names[node.datum];
  if (!base->is_map()) return fail("no_such_field", no_members(*base, name));
  const Value* found = find_member(*base, name, program_.ranks[node.datum]);
  if (found != nullptr && node.null_when_absent) {
    return Shared::boolean(!found->is_null() &&
                           (found->kind() != Kind::optional || found->as_optional() != nullptr));
  }
  return Shared::boolean(found != nullptr);
}

const Value* Evaluator::index(const Node& node, Value& scratch) {
  Value held;
  Value held_index;
  const Value* base = eval(node.a, held);
  if (base == nullptr) return nullptr;
  const Value* at = eval(node.b, held_index);
  if (at == nullptr) return nullptr;
  const bool chained = base->kind() == Kind::optional;
  const Value* inner = chained ? base->as_optional() : base;
  if (inner == nullptr) return &Shared::none;
  std::string_view error;
  const Value* found = element(*inner, *at, error);
  const bool optional = chained || node.op == Op::optional_index;
  if (found == nullptr) {
    if (optional && error != "no_such_overload") return &Shared::none;
    if (error == "no_such_key") {
      return fail(error,
                  at->is_string() ? no_key(at->as_string()) : "no such key: " + short_text(*at));
    }
    if (error == "out_of_range") {
      return fail(error,
                  "index " + short_text(*at) + " is outside a list of " +
                      std::to_string(inner->as_list().size()));
    }
    return fail(
        error,
        "a value of type " + type_name_of(*inner) + " takes no index of type " + type_name_of(*at));
  }
  if (optional) return give(scratch, Value::optional_of(*found));
  return survive(found, base, held, scratch);
}

}  // namespace vozex::expr
