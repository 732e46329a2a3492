// SPDX-License-Identifier: Apache-2.0
//
// The evaluator. A node gives a pointer: to a value that is already there (constant, variable,
// element) or to the caller's scratch value when it had to be made. So guards over existing data
// allocate nothing.
#pragma once

#include <array>

#include "engine/expr/expr.h"
#include "engine/expr/meter.h"
#include "engine/expr/program.h"
#include "engine/expr/resolve.h"

namespace vozex::expr {

// Values that every program gives now and then.
struct Shared {
  static const types::Value yes;
  static const types::Value no;
  static const types::Value null;
  static const types::Value none;

  static const types::Value* boolean(bool value) { return value ? &yes : &no; }
};

class Evaluator {
 public:
  Evaluator(const Program& program, const Activation& activation, Meter& meter)
      : program_(program), activation_(activation), meter_(meter) {}

  // nullptr with the meter's error set. The result is valid as long as `scratch`, the program and
  // the activation.
  const types::Value* eval(std::uint32_t id, types::Value& scratch);

  // Of a condition; `failed` with the meter's error set, also when it is no bool.
  enum class Truth : std::uint8_t { no, yes, failed };
  Truth truth(std::uint32_t id);

 private:
  using Value = types::Value;

  static bool is_direct(const Node& node) {
    return node.op == Op::path || node.op == Op::constant || node.op == Op::local ||
           node.op == Op::variable;
  }
  const Value* direct(std::uint32_t id);
  // eval_member.cc
  const Value* variable(const Node& node);
  const Value* path(const Node& node);
  const Value* no_variable(const Node& node);
  const Value* unknown(const Node& node);
  const Value* select(const Node& node, Value& scratch);
  const Value* optional_select(const Node& node, Value& scratch);
  const Value* optional_member(const Node& node, const Value& target, Value& scratch);
  const Value* has(const Node& node, Value& scratch);
  const Value* index(const Node& node, Value& scratch);
  const Value* connective(const Node& node, Value& scratch);
  const Value* choice(const Node& node, Value& scratch);
  const Value* list(const Node& node, Value& scratch);
  const Value* map(const Node& node, Value& scratch);
  const Value* binary(const Node& node, Value& scratch);
  bool operands(const Node& node, const Value*& left, const Value*& right);
  const Value* operate(Fn fn, const Value& left, const Value& right, Value& scratch);
  const Value* call(const Node& node, Value& scratch);
  const Value* call_of_one(const Node& node, Value& scratch);
  const Value* concat(const Node& node, Value& scratch);
  const Value* wrap(const Node& node, Value& scratch);
  const Value* or_else(const Node& node, Value& scratch);

  // eval_macro.cc
  const Value* macro(const Node& node, Value& scratch);
  const Value* quantifier(const Node& node, const Value& range, Value& scratch);
  const Value* transform_to_list(const Node& node, const Value& range, Value& scratch);
  const Value* transform_to_map(const Node& node, const Value& range, Value& scratch);
  const Value* bound(const Node& node, const Value& value, Value& scratch);
  const Value* opened(const Node& node, const Value& range, Value& scratch);
  bool add_entries(const Node& node, const Value& body, const Value& key, Value::Map& entries);
  template <class Body>
  bool each(const Node& node, const Value& range, Body&& body);
  std::uint32_t child(const Node& node, std::uint32_t i) const {
    return program_.children[node.a + i];
  }

  Truth compared(const Node& node);
  Truth truth_of(const Value* value);
  // The value itself when it was made in `held`, else a copy.
  static Value taken(const Value* value, Value& held) {
    if (value == &held) return std::move(held);
    return *value;
  }
  const Value* give(Value& scratch, Value value) const {
    scratch = std::move(value);
    return &scratch;
  }
  // `found` lives in `holder`, which is about to go: move it out of there.
  const Value* survive(const Value* found,
                       const Value* base,
                       const Value& holder,
                       Value& scratch) const {
    return base == &holder && found != nullptr ? give(scratch, Value(*found)) : found;
  }
  const Value* fail(std::string_view code, std::string message) {
    meter_.fail(code, std::move(message));
    return nullptr;
  }

  const Program& program_;
  const Activation& activation_;
  Meter& meter_;
  std::array<const Value*, k_max_locals> locals_;
};

// One node of a program (the whole when it is the root), for folding.
Evaluated evaluate_node(const Program& program,
                        std::uint32_t id,
                        const Activation& activation,
                        const EvalLimits& limits);

}  // namespace vozex::expr
