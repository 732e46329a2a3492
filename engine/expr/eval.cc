// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/eval.h"

#include "engine/expr/text_form.h"

namespace vozex::expr {

using types::Kind;
using types::Value;

const Value Shared::yes = Value::boolean(true);
const Value Shared::no = Value::boolean(false);
const Value Shared::null;
const Value Shared::none = Value::optional_none();

const Value* Evaluator::eval(std::uint32_t id, Value& scratch) {
  if (!meter_.charge(1)) return nullptr;
  const Node& node = program_.nodes[id];
  switch (node.op) {
    case Op::constant: return &program_.constants[node.datum];
    case Op::variable: return variable(node);
    case Op::path: return path(node);
    case Op::local: return locals_[node.slot];
    case Op::unknown: return unknown(node);
    case Op::select: return select(node, scratch);
    case Op::optional_select: return optional_select(node, scratch);
    case Op::has: return has(node, scratch);
    case Op::index:
    case Op::optional_index: return index(node, scratch);
    case Op::all_of:
    case Op::any_of: return connective(node, scratch);
    case Op::choice: return choice(node, scratch);
    case Op::list: return list(node, scratch);
    case Op::map: return map(node, scratch);
    case Op::macro: return macro(node, scratch);
    case Op::binary: return binary(node, scratch);
    case Op::call: return call(node, scratch);
    case Op::concat: return concat(node, scratch);
    case Op::wrap: return wrap(node, scratch);
    case Op::present: {
      Value held;
      const Value* value = eval(node.a, held);
      if (value == nullptr) return nullptr;
      return Shared::boolean(!value->is_null() &&
                             (value->kind() != Kind::optional || value->as_optional() != nullptr));
    }
    case Op::or_else: return or_else(node, scratch);
  }
  return nullptr;
}

// A node that needs no scratch value.
const Value* Evaluator::direct(std::uint32_t id) {
  if (!meter_.charge(1)) return nullptr;
  const Node& node = program_.nodes[id];
  if (node.op == Op::path) return path(node);
  if (node.op == Op::constant) return &program_.constants[node.datum];
  return node.op == Op::local ? locals_[node.slot] : variable(node);
}

namespace {

// By comparison, in the order of Fn: bit 0 says whether it holds for less, bit 1 for equal, bit 2
// for greater.
constexpr std::array<std::uint8_t, 6> k_holds_for{0b010, 0b101, 0b001, 0b011, 0b100, 0b110};
static_assert(static_cast<int>(Fn::greater_equal) - static_cast<int>(Fn::equal) == 5);

bool is_comparison(Fn fn) { return fn >= Fn::equal && fn <= Fn::greater_equal; }

bool holds(Fn comparison, std::int64_t x, std::int64_t y) {
  const int order = 1 + (x > y ? 1 : 0) - (x < y ? 1 : 0);
  const auto row = static_cast<std::size_t>(comparison) - static_cast<std::size_t>(Fn::equal);
  return (k_holds_for[row] >> order & 1) != 0;
}

// False on overflow, and for what is no such operator: then the general way says what is wrong.
bool calculated(Fn fn, std::int64_t x, std::int64_t y, std::int64_t& result) {
  if (fn == Fn::add) return !__builtin_add_overflow(x, y, &result);
  if (fn == Fn::subtract) return !__builtin_sub_overflow(x, y, &result);
  return fn == Fn::multiply && !__builtin_mul_overflow(x, y, &result);
}

}  // namespace

// Most guards compare two values that are there.
Evaluator::Truth Evaluator::compared(const Node& node) {
  const Value* left = nullptr;
  const Value* right = nullptr;
  if (!meter_.charge(1) || !operands(node, left, right)) return Truth::failed;
  if (left->kind() == Kind::integer && right->kind() == Kind::integer)
    return holds(node.fn, left->as_integer(), right->as_integer()) ? Truth::yes : Truth::no;
  Value scratch;
  return truth_of(operate(node.fn, *left, *right, scratch));
}

Evaluator::Truth Evaluator::truth(std::uint32_t id) {
  const Node& node = program_.nodes[id];
  if (is_direct(node)) return truth_of(direct(id));
  if (node.op == Op::binary && is_comparison(node.fn) && is_direct(program_.nodes[node.a]) &&
      is_direct(program_.nodes[node.b])) {
    return compared(node);
  }
  Value held;
  return truth_of(eval(id, held));
}

Evaluator::Truth Evaluator::truth_of(const Value* value) {
  if (value == nullptr) return Truth::failed;
  if (value->kind() == Kind::boolean) return value->as_boolean() ? Truth::yes : Truth::no;
  meter_.fail("no_such_overload", "a condition must be bool, this is " + type_name_of(*value));
  return Truth::failed;
}

// && and || are commutative: an error counts only when no other operand decides.
const Value* Evaluator::connective(const Node& node, Value&) {
  const bool conjunction = node.op == Op::all_of;
  const Truth decisive = conjunction ? Truth::no : Truth::yes;
  std::optional<EvalError> first;
  for (std::uint32_t i = 0; i < node.b; ++i) {
    const Truth value = truth(child(node, i));
    if (value == decisive) return Shared::boolean(!conjunction);
    if (value != Truth::failed) continue;
    if (meter_.fatal()) return nullptr;
    if (!first) first = meter_.take_error();
  }
  if (!first) return Shared::boolean(conjunction);
  return fail(first->code, std::move(first->message));
}

const Value* Evaluator::choice(const Node& node, Value& scratch) {
  const Truth condition = truth(node.a);
  if (condition == Truth::failed) return nullptr;
  return eval(condition == Truth::yes ? node.b : node.c, scratch);
}

const Value* Evaluator::list(const Node& node, Value& scratch) {
  const Value& optional = program_.constants[node.datum];
  Value::List items;
  items.reserve(node.b);
  for (std::uint32_t i = 0; i < node.b; ++i) {
    Value held;
    const Value* value = eval(child(node, i), held);
    if (value == nullptr) return nullptr;
    if (optional.is_list() && optional.as_list()[i].as_boolean()) {
      if (value->kind() != Kind::optional)
        return fail("no_such_overload", "[?x] takes an optional");
      value = value->as_optional();
      if (value == nullptr) continue;
    }
    items.push_back(taken(value, held));
  }
  if (!meter_.charge_built(items.size() * sizeof(Value) + 32)) return nullptr;
  return give(scratch, Value::list(std::move(items)));
}

const Value* Evaluator::map(const Node& node, Value& scratch) {
  const Value& optional = program_.constants[node.datum];
  Value::Map entries;
  entries.reserve(node.b / 2);
  for (std::uint32_t i = 0; i < node.b; i += 2) {
    Value key;
    Value held;
    const Value* made_key = eval(child(node, i), key);
    if (made_key == nullptr) return nullptr;
    const Kind kind = made_key->kind();
    if (kind != Kind::string && kind != Kind::integer && kind != Kind::uint &&
        kind != Kind::boolean) {
      return fail("no_such_overload",
                  "a value of type " + type_name_of(*made_key) + " can't be a key");
    }
    const Value* value = eval(child(node, i + 1), held);
    if (value == nullptr) return nullptr;
    if (optional.is_list() && optional.as_list()[i / 2].as_boolean()) {
      if (value->kind() != Kind::optional)
        return fail("no_such_overload", "{?k: v} takes an optional");
      value = value->as_optional();
      if (value == nullptr) continue;
    }
    entries.push_back({taken(made_key, key), taken(value, held)});
  }
  if (!meter_.charge_built(entries.size() * sizeof(Value::MapEntry) + 32)) return nullptr;
  const std::size_t count = entries.size();
  Value made = Value::map(std::move(entries));
  if (made.as_map().size() != count) return fail("invalid_argument", "a map has a key twice");
  return give(scratch, std::move(made));
}

// Most guards compare what is already there: no scratch values for those.
const Value* Evaluator::binary(const Node& node, Value& scratch) {
  const Value* left = nullptr;
  const Value* right = nullptr;
  if (is_direct(program_.nodes[node.a]) && is_direct(program_.nodes[node.b])) {
    return operands(node, left, right) ? operate(node.fn, *left, *right, scratch) : nullptr;
  }
  Value held_left;
  Value held_right;
  left = eval(node.a, held_left);
  right = left == nullptr ? nullptr : eval(node.b, held_right);
  return right == nullptr ? nullptr : operate(node.fn, *left, *right, scratch);
}

// Of a node both of whose parts are direct.
bool Evaluator::operands(const Node& node, const Value*& left, const Value*& right) {
  left = direct(node.a);
  right = left == nullptr ? nullptr : direct(node.b);
  return right != nullptr;
}

const Value* Evaluator::operate(Fn fn, const Value& left, const Value& right, Value& scratch) {
  if (left.kind() == Kind::integer && right.kind() == Kind::integer) {
    const std::int64_t x = left.as_integer();
    const std::int64_t y = right.as_integer();
    if (is_comparison(fn)) return Shared::boolean(holds(fn, x, y));
    std::int64_t result = 0;
    if (calculated(fn, x, y, result)) return give(scratch, Value::integer(result));
  } else if (fn == Fn::equal || fn == Fn::not_equal) {
    bool same = false;
    if (!equals(left, right, meter_, same)) return nullptr;
    return Shared::boolean(same == (fn == Fn::equal));
  }
  const std::array<const Value*, 2> args{&left, &right};
  Call call{fn, args, scratch, meter_, nullptr};
  return call_operator(call) ? &scratch : nullptr;
}

const Value* Evaluator::call_of_one(const Node& node, Value& scratch) {
  Value held;
  const std::uint32_t id = child(node, 0);
  const Value* value = is_direct(program_.nodes[id]) ? direct(id) : eval(id, held);
  if (value == nullptr) return nullptr;
  Call made{node.fn, {&value, 1}, scratch, meter_, nullptr};
  return dispatch(made) ? &scratch : nullptr;
}

const Value* Evaluator::call(const Node& node, Value& scratch) {
  if (node.b == 1 && node.fn != Fn::in_state) return call_of_one(node, scratch);
  constexpr std::size_t k_few = 4;
  std::array<Value, k_few> held;
  std::array<const Value*, k_few> few{};
  std::vector<Value> more_held;
  std::vector<const Value*> more;
  const bool many = node.b > k_few;
  if (many) {
    more_held.resize(node.b);
    more.resize(node.b);
  }
  for (std::uint32_t i = 0; i < node.b; ++i) {
    const Value* value = eval(child(node, i), many ? more_held[i] : held[i]);
    if (value == nullptr) return nullptr;
    (many ? more[i] : few[i]) = value;
  }
  const std::span<const Value* const> args =
      many ? std::span<const Value* const>(more)
           : std::span<const Value* const>(few.data(), node.b);
  if (node.fn == Fn::in_state) {
    if (node.b != 1 || !args[0]->is_string())
      return fail("no_such_overload", "in_state takes the name of a state");
    return Shared::boolean(activation_.in_state(args[0]->as_string()));
  }
  Call made{node.fn,
            args,
            scratch,
            meter_,
            node.datum == 0 ? nullptr : program_.patterns[node.datum - 1].get()};
  return dispatch(made) ? &scratch : nullptr;
}

const Value* Evaluator::concat(const Node& node, Value& scratch) {
  std::string text;
  for (std::uint32_t i = 0; i < node.b; ++i) {
    Value held;
    const Value* value = eval(child(node, i), held);
    if (value == nullptr || !append_text(*value, text, meter_)) return nullptr;
  }
  if (!meter_.charge_text(text.size()) || !meter_.charge_built(text.size())) return nullptr;
  return give(scratch, Value::string(std::move(text)));
}

const Value* Evaluator::wrap(const Node& node, Value& scratch) {
  Value held;
  const Value* value = eval(node.a, held);
  if (value == nullptr) return nullptr;
  if (value->is_null()) return &Shared::none;
  if (value->kind() == Kind::optional) return survive(value, value, held, scratch);
  return give(scratch, Value::optional_of(*value));
}

const Value* Evaluator::or_else(const Node& node, Value& scratch) {
  Value held;
  const Value* value = eval(node.a, held);
  if (value == nullptr) return nullptr;
  const Value* holder = value;
  if (value->kind() == Kind::optional) value = value->as_optional();
  if (value == nullptr || value->is_null()) return eval(node.b, scratch);
  return survive(value, holder, held, scratch);
}

Evaluated evaluate_node(const Program& program,
                        std::uint32_t id,
                        const Activation& activation,
                        const EvalLimits& limits) {
  Meter meter(limits);
  Evaluator evaluator(program, activation, meter);
  Value scratch;
  const Value* value = evaluator.eval(id, scratch);
  if (value == nullptr) return tl::unexpected(meter.take_error());
  if (meter.built_anything() && !within_weight(*value, limits.max_result_weight)) {
    return tl::unexpected(EvalError{"cost_exceeded", "the result is too big"});
  }
  if (value != &scratch) scratch = *value;
  return scratch;
}

}  // namespace vozex::expr
