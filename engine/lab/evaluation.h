// SPDX-License-Identifier: Apache-2.0
//
// Expressions by themselves: a text and the values of its names in, a value or what is wrong out.
// For scripts, editors and tests (`vozex eval`). Names are as dynamic as the JSON they come from.
// Pure: equal arguments give equal answers; there is no `now` unless a variable is called so.
// Values in JSON: types/json.h, without loss machine/lossless.h. Reference: docs/tools.md. Tests:
// tests/unit/lab.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "engine/base/diagnostic.h"
#include "engine/types/value.h"

namespace vozex::lab {

inline constexpr std::size_t k_max_eval_line_bytes = 1u << 20;
inline constexpr std::size_t k_max_eval_variables = 1000;

// A mistake in the text has a place and a code VZ03xx; a failed evaluation has neither place nor
// hint and a code of expr::EvalError. Never empty when it comes as an error.
using EvalAnswer = tl::expected<types::Value, std::vector<Diagnostic>>;

// `variables` is a map; null stands for none.
EvalAnswer evaluate_text(std::string_view expression, const types::Value& variables);

// {"$timestamp": "..."} and its kin are read as what they stand for. Errors: malformed_json,
// wrong_shape, corrupt_value.
tl::expected<types::Value, Diagnostic> eval_variables(std::string_view json);

struct EvalForm {
  bool lossless = false;  // {"$uint": "1"} instead of 1, so that the kind is kept
  bool kind = false;      // "type" beside "value"
};

// The answer as one JSON object: {"value": ...} or {"error": {"code", "message", ...}}.
types::Value eval_value(const EvalAnswer& answer, const EvalForm& form);

// One line {"expr": ..., "vars": {...}} answered in one line, without its end. An "id" comes back.
// Never fails: whatever is wrong with the line is its answer.
std::string eval_line(std::string_view line, const EvalForm& form);
std::string eval_line_too_long();

}  // namespace vozex::lab
