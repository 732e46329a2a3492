// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/evaluation.h"

#include <utility>

#include "engine/expr/expr.h"
#include "engine/language/source_text.h"
#include "engine/machine/lossless.h"
#include "engine/types/json.h"

namespace vozex::lab {
namespace {

using types::Value;

class Variables final : public expr::Activation {
 public:
  explicit Variables(const Value::Map& map) : map_(map) {}
  const Value* variable(expr::Slot slot) const override { return &map_[slot].value; }
  bool in_state(std::string_view) const override { return false; }

 private:
  const Value::Map& map_;
};

Diagnostic mistake(std::string code, std::string message, std::string hint = "") {
  Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.message = std::move(message);
  diagnostic.hint = std::move(hint);
  return diagnostic;
}

std::vector<Diagnostic> diagnostics_of(const std::vector<expr::Problem>& problems,
                                       std::string_view expression) {
  const language::SourceText source("expression", std::string(expression));
  std::vector<Diagnostic> all;
  for (const expr::Problem& problem : problems) {
    Diagnostic one = mistake(problem.code, problem.message, problem.hint);
    one.file = source.name();
    one.span = source.span(problem.offset, problem.offset + problem.length);
    all.push_back(std::move(one));
  }
  sort_diagnostics(all);
  return all;
}

tl::unexpected<std::vector<Diagnostic>> failed(Diagnostic one) {
  return tl::unexpected(std::vector<Diagnostic>{std::move(one)});
}

tl::expected<Value, Diagnostic> variables_of(const Value& plain) {
  if (plain.is_null()) return Value::map({});
  if (!plain.is_map()) {
    return tl::unexpected(
        mistake("wrong_shape", "vars: expected an object of names and values", "write {\"a\": 1}"));
  }
  Value::Map map;
  for (const Value::MapEntry& entry : plain.as_map()) {
    auto value = machine::from_plain(entry.value);
    if (!value) {
      return tl::unexpected(mistake(value.error().code,
                                    "vars." + entry.key.as_string() + ": " + value.error().message,
                                    "docs/tools.md has the forms of kinds that JSON lacks"));
    }
    map.push_back({entry.key, *std::move(value)});
  }
  return Value::map(std::move(map));
}

Value problem_value(const Diagnostic& one) {
  Value value =
      Value::object({{"code", Value::string(one.code)}, {"message", Value::string(one.message)}});
  if (one.span.line != 0) {
    value = value.with("line", Value::integer(one.span.line))
                .with("column", Value::integer(one.span.column))
                .with("length", Value::integer(one.span.length));
  }
  return one.hint.empty() ? value : value.with("hint", Value::string(one.hint));
}

// The first in the members of the error itself; all of them in `problems` when there are several.
Value error_value(const std::vector<Diagnostic>& problems) {
  Value value = problem_value(problems.front());
  if (problems.size() == 1) return value;
  Value::List list;
  for (const Diagnostic& one : problems) list.push_back(problem_value(one));
  return value.with("problems", Value::list(std::move(list)));
}

EvalAnswer answer_of(const Value& request) {
  if (!request.is_map()) {
    return failed(mistake("wrong_shape",
                          "expected an object with \"expr\" and \"vars\"",
                          R"(write {"expr": "a + 1", "vars": {"a": 1}})"));
  }
  const Value* expression = request.find("expr");
  if (expression == nullptr || !expression->is_string()) {
    return failed(mistake("wrong_shape",
                          "\"expr\": expected a text, the expression",
                          R"(write {"expr": "a + 1", "vars": {"a": 1}})"));
  }
  const Value* given = request.find("vars");
  const auto variables = variables_of(given != nullptr ? *given : Value());
  if (!variables) return failed(variables.error());
  return evaluate_text(expression->as_string(), *variables);
}

}  // namespace

EvalAnswer evaluate_text(std::string_view expression, const Value& variables) {
  static const Value::Map k_none;
  const Value::Map& map = variables.is_map() ? variables.as_map() : k_none;
  if (map.size() > k_max_eval_variables) {
    return failed(mistake("too_many",
                          "at most " + std::to_string(k_max_eval_variables) + " variables, got " +
                              std::to_string(map.size())));
  }
  expr::Scope scope;
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (!map[i].key.is_string()) continue;
    scope.variables.push_back(
        {map[i].key.as_string(), types::dyn_type(), static_cast<expr::Slot>(i), ""});
  }
  const expr::Compiled program = expr::compile(expression, scope);
  if (!program) return tl::unexpected(diagnostics_of(program.error(), expression));
  expr::Evaluated value = expr::evaluate(**program, Variables(map));
  if (!value) return failed(mistake(value.error().code, value.error().message));
  return *std::move(value);
}

tl::expected<Value, Diagnostic> eval_variables(std::string_view json) {
  const auto plain = types::parse_json(json);
  if (!plain) return tl::unexpected(mistake(plain.error().code, "vars: " + plain.error().message));
  return variables_of(*plain);
}

Value eval_value(const EvalAnswer& answer, const EvalForm& form) {
  if (!answer) return Value::object({{"error", error_value(answer.error())}});
  const Value value =
      Value::object({{"value", form.lossless ? machine::to_plain(*answer) : *answer}});
  return form.kind ? value.with("type", Value::string(types::to_string(answer->kind()))) : value;
}

std::string eval_line(std::string_view line, const EvalForm& form) {
  const auto request = types::parse_json(line, {k_max_eval_line_bytes});
  if (!request) {
    return types::to_json(
        eval_value(failed(mistake(request.error().code, request.error().message)), form));
  }
  const Value answer = eval_value(answer_of(*request), form);
  const Value* id = request->find("id");
  return types::to_json(id != nullptr ? answer.with("id", *id) : answer);
}

std::string eval_line_too_long() {
  return types::to_json(eval_value(
      failed(mistake("line_too_long",
                     "a line has at most " + std::to_string(k_max_eval_line_bytes) + " bytes")),
      {}));
}

}  // namespace vozex::lab
