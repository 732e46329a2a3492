// SPDX-License-Identifier: Apache-2.0
//
// CEL, the expression language of guards and `${...}` values: text -> tokens -> syntax tree ->
// checked against declared types -> compiled program -> value. Relies on types only. A Program is
// immutable and may be evaluated by many threads at once; evaluation reads nothing but the program
// and its Activation, so equal inputs give equal results. Semantics: the CEL language definition
// and its conformance data (github.com/google/cel-spec), with the extensions strings, math,
// optionals, encoders and two-variable comprehensions, and our own functions listed in
// docs/language/expressions.md. Tests: tests/unit/expr.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "engine/types/type.h"
#include "engine/types/value.h"

namespace vozex::expr {

using Slot = std::uint16_t;

// A name that an expression may use. `slot` is where the Activation finds its value. A variable
// that exists in the language but not in this place carries the reason (`unavailable`: "event is
// not visible in on_entry; keep what you need of it in data"), which becomes the error's text.
struct Variable {
  std::string name;
  types::TypeRef type;
  Slot slot = 0;
  std::string unavailable;
  // Members with a slot of their own, which have a value whenever the variable has one: reading
  // them doesn't make the whole.
  std::vector<std::pair<std::string, Slot>> members = {};
};

struct Scope {
  std::vector<Variable> variables;
};

// A mistake in an expression. `offset` and `length` count bytes of the source text; the language
// turns them into line and column. Codes VZ03xx belong to expressions.
struct Problem {
  std::string code;
  std::string message;
  std::string hint;
  std::size_t offset = 0;
  std::size_t length = 0;
};

class Program;
using ProgramRef = std::shared_ptr<const Program>;
using Compiled = tl::expected<ProgramRef, std::vector<Problem>>;

struct CompileLimits {
  std::size_t max_bytes = 16u << 10;
  std::size_t max_depth =
      100;  // of nesting, in the parser: hostile text must not overflow the stack
  std::size_t max_nodes = 5000;
};

// A bare expression; all its mistakes at once. With `check` off, types are not checked (conformance
// only).
struct CompileOptions {
  bool check = true;
  CompileLimits limits;
};
Compiled compile(std::string_view text, const Scope& scope, const CompileOptions& options = {});

// A scalar as authors write it where a literal could stand: text without `${` is that string;
// exactly one
// `${...}` keeps the expression's type; anything else is a string with the values written into it
// (strings as they are, other kinds as CEL's string(); null and absent optionals are an error).
// `$${` writes `${`.
Compiled compile_template(std::string_view text,
                          const Scope& scope,
                          const CompileOptions& options = {});

// Programs from programs, for values that are trees in the file. An object leaves out members that
// evaluate to an absent optional, and unwraps those present; its type is the object type of its
// members.
ProgramRef constant(types::Value value, types::TypeRef type);
ProgramRef object(std::vector<std::pair<std::string, ProgramRef>> members);
ProgramRef array(std::vector<ProgramRef> items);

// The static type of what the program gives.
const types::TypeRef& type_of(const Program& program);
// The text it was compiled from, for explanations and messages; "" for combined programs.
const std::string& source_of(const Program& program);
// Its whole text, equal for programs that do the same: the source; without one a constant as JSON,
// or "{name: text, ...}" and "[text, ...]" of what it is combined from.
std::string text_of(const Program& program);
// Its value when it needs no variables, else nullptr.
const types::Value* constant_of(const Program& program);

// What a program reads: "data.checkout_url", "event.data.amount", as far as the path is static.
struct Reference {
  std::string path;
  std::size_t offset = 0;
};
std::vector<Reference> references_of(const Program& program);
// The literal arguments of in_state(...): the language checks that they name states.
std::vector<Reference> state_queries_of(const Program& program);

// Where values come from. `variable` returns nullptr for a name without a value here (an evaluation
// error). Pointers stay valid during one evaluate().
class Activation {
 public:
  virtual ~Activation() = default;
  // What `variable` gives, without the call for what was shown before.
  const types::Value* find(Slot slot) const {
    const types::Value* there = slot < k_shown ? shown_[slot] : nullptr;
    return there != nullptr ? there : variable(slot);
  }
  virtual const types::Value* variable(Slot slot) const = 0;
  virtual bool in_state(std::string_view path) const = 0;

 protected:
  // For values that are there anyway: this one is found in this slot until nullptr is shown there.
  void show(Slot slot, const types::Value* value) { shown_[slot] = value; }

 private:
  static constexpr std::size_t k_shown = 16;  // slots from here on are always asked for
  std::array<const types::Value*, k_shown> shown_{};
};

// Code: no_such_key, no_such_field, no_such_overload, divide_by_zero, overflow, invalid_argument,
// out_of_range, no_such_variable, cost_exceeded, absent (value() of none), currency_mismatch.
struct EvalError {
  std::string code;
  std::string message;
};

struct EvalLimits {
  std::uint64_t max_cost =
      1'000'000;  // one unit a node visited, plus one per 16 bytes of text touched
  std::size_t max_result_weight = 8u << 20;  // bytes
  std::uint64_t* spent = nullptr;  // what the evaluation costs is added here, however it ends
};

using Evaluated = tl::expected<types::Value, EvalError>;
Evaluated evaluate(const Program& program,
                   const Activation& activation,
                   const EvalLimits& limits = {});

// Evaluates a guard: true, false, or an error (also when the value is not a bool).
tl::expected<bool, EvalError> test(const Program& program,
                                   const Activation& activation,
                                   const EvalLimits& limits = {});

}  // namespace vozex::expr
