// SPDX-License-Identifier: Apache-2.0
//
// Every function, operator and method of the language: its id, and in function.cc its signatures as
// text. The checker picks an overload by static types; the evaluator dispatches on the id and on
// what the values are, so values of type dyn behave as typed ones do. Constant tables, made once.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "engine/expr/ty.h"

namespace vozex::expr {

enum class Fn : std::uint8_t {
  unknown,
  // operators
  add,
  subtract,
  multiply,
  divide,
  modulo,
  negate,
  logical_not,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  index,
  optional_index,
  conditional,
  // standard
  size,
  contains,
  starts_with,
  ends_with,
  matches,
  to_bool,
  to_bytes,
  to_double,
  to_int,
  to_string,
  to_uint,
  to_type,
  to_dyn,
  to_timestamp,
  to_duration,
  get_date,
  get_day_of_month,
  get_day_of_week,
  get_day_of_year,
  get_full_year,
  get_hours,
  get_milliseconds,
  get_minutes,
  get_month,
  get_seconds,
  // strings
  char_at,
  index_of,
  last_index_of,
  join,
  lower_ascii,
  upper_ascii,
  replace,
  split,
  substring,
  trim,
  format,
  quote,
  reverse,
  // math
  greatest,
  least,
  ceil,
  floor,
  round,
  trunc,
  abs,
  sign,
  is_nan,
  is_inf,
  is_finite,
  bit_and,
  bit_or,
  bit_xor,
  bit_not,
  shift_left,
  shift_right,
  sqrt,
  // encoders
  base64_encode,
  base64_decode,
  // optionals
  optional_of,
  optional_none,
  optional_of_non_zero,
  has_value,
  value,
  or_optional,
  or_value,
  unwrap,
  // ours
  sum,
  slice,
  keys,
  values,
  scale,
  add_period,
  in_state,
  // made by the emitter: sum of a map's values, for values().sum()
  sum_values,
};

struct Overload {
  bool member = false;
  std::vector<const Ty*> params;  // target first
  const Ty* result = nullptr;
  bool variadic = false;  // the last parameter repeats
};

struct FunctionDecl {
  std::string name;  // "size", "math.greatest", "_+_"
  Fn fn = Fn::unknown;
  std::vector<Overload> overloads;
};

// nullptr when there is none.
const FunctionDecl* find_function(std::string_view name);
const FunctionDecl& function_of(Fn fn);
const std::deque<FunctionDecl>& all_functions();

// Whether `name` starts some function's name up to a dot: "math", "optional".
bool is_function_namespace(std::string_view name);

// "+" for Fn::add; empty for what is no operator.
std::string_view operator_text(Fn fn);

// Reads "list<A>.slice(int, int) list<A>" or "size(string) int": single capital letters are type
// parameters. False when malformed.
bool add_signature(FunctionDecl& decl, TyArena& arena, std::string_view signature);

// As an author would write it: "list<A>.slice(int, int)".
std::string signature_text(const FunctionDecl& decl, const Overload& overload);

}  // namespace vozex::expr
