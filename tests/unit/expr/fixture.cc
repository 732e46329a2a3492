// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/expr/fixture.h"

namespace vozex::expr::testing {

using types::Kind;

std::string shown(const Value& value) {
  std::string text;
  if (value.is_null()) return "null";
  if (value.is_string()) return "'" + value.as_string() + "'";
  if (value.kind() == Kind::bytes) return "b'" + value.as_string() + "'";
  if (value.kind() == Kind::type) return "type " + value.as_string();
  if (value.kind() == Kind::uint) return std::to_string(value.as_uint()) + "u";
  if (value.kind() == Kind::optional)
    return value.as_optional() == nullptr ? "none"
                                          : "optional(" + shown(*value.as_optional()) + ")";
  if (value.is_list()) {
    for (const Value& item : value.as_list()) text += (text.empty() ? "" : ", ") + shown(item);
    return "[" + text + "]";
  }
  if (value.is_map()) {
    for (const Value::MapEntry& entry : value.as_map())
      text += (text.empty() ? "" : ", ") + shown(entry.key) + ": " + shown(entry.value);
    return "{" + text + "}";
  }
  scalar_text(value, text);
  return text;
}

std::string problems_text(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += "\n";
    text += problem.code + "@" + std::to_string(problem.offset) + "+" +
            std::to_string(problem.length) + " " + problem.message;
    if (!problem.hint.empty()) text += " | " + problem.hint;
  }
  return text;
}

std::string outcome(const Compiled& program, const Activation& values) {
  if (!program) return problems_text(program.error());
  const Evaluated value = evaluate(**program, values);
  return value ? shown(*value) : "error " + value.error().code;
}

std::string outcome(std::string_view text) {
  return outcome(compile(text, payment_scope()), Values());
}
std::string template_outcome(std::string_view text) {
  return outcome(compile_template(text, payment_scope()), Values());
}

}  // namespace vozex::expr::testing
