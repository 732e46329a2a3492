// SPDX-License-Identifier: Apache-2.0
// Parser, checker and evaluator of expressions, typed, unchecked, and as a text with ${...}.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/expr/expr.h"
#include "engine/types/json.h"

namespace {

using namespace vozex;
using types::TypeKind;
using types::Value;

constexpr std::array<const char*, 8> k_names{"data", "n", "s", "l", "m", "o", "t", "b"};

types::TypeRef type_of_name(std::size_t slot) {
  switch (slot) {
    case 1: return types::simple_type(TypeKind::integer);
    case 2: return types::simple_type(TypeKind::string);
    case 3: return types::list_of(types::simple_type(TypeKind::integer));
    case 4: return types::map_of(types::simple_type(TypeKind::integer));
    case 5: return types::optional_of(types::simple_type(TypeKind::string));
    case 6: return types::simple_type(TypeKind::timestamp);
    case 7: return types::simple_type(TypeKind::boolean);
    default: return types::dyn_type();
  }
}

class Values : public expr::Activation {
 public:
  Values()
      : values_{*types::parse_json(R"({"a": [1, {"b": "x"}], "k": 1.5, "s": "text", "e": null})"),
                Value::integer(3),
                Value::string("h\xC3\xA9llo"),
                *types::parse_json("[3, 1, 2]"),
                *types::parse_json(R"({"a": 1, "b": 2})"),
                Value::optional_of(Value::string("here")),
                Value::timestamp(Timestamp{std::chrono::hours{500'000}}),
                Value::boolean(true)} {}
  const Value* variable(expr::Slot slot) const override {
    return slot < values_.size() ? &values_[slot] : nullptr;
  }
  bool in_state(std::string_view path) const override { return path == "a.b"; }

 private:
  std::array<Value, 8> values_;
};

expr::Scope scope() {
  expr::Scope scope;
  for (std::size_t i = 0; i < k_names.size(); ++i) {
    scope.variables.push_back({k_names[i], type_of_name(i), static_cast<expr::Slot>(i), ""});
  }
  return scope;
}

void run(const expr::Compiled& program, const Values& values) {
  if (!program) return;
  // A cost that one run of the fuzzer pays in well under a second.
  expr::EvalLimits limits;
  limits.max_cost = 200'000;
  const auto value = expr::evaluate(**program, values, limits);
  if (value) (void)types::to_json(*value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const expr::Scope k_scope = scope();
  static const Values k_values;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  expr::CompileOptions unchecked;
  unchecked.check = false;
  run(expr::compile(text, k_scope), k_values);
  run(expr::compile(text, k_scope, unchecked), k_values);
  run(expr::compile_template(text, k_scope), k_values);
  return 0;
}
