// SPDX-License-Identifier: Apache-2.0
//
// Runs cases of the Common Expression Language's public conformance tests: {id, expr, container?,
// type_env?, bindings?, disable_check?, check_only?, expect: {value | error | deduced_type},
// profile}.
#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "engine/expr/calendar.h"
#include "engine/expr/compile.h"
#include "tests/conformance/case_files.h"

namespace vozex::conformance {
namespace {

using expr::Slot;
using nlohmann::json;
using types::Kind;
using types::Value;

std::string decode_base64(const std::string& text) {
  const auto program = expr::compile("base64.decode(x)", {{{"x", types::dyn_type(), 0, ""}}});
  struct One : expr::Activation {
    Value value;
    const Value* variable(Slot) const override { return &value; }
    bool in_state(std::string_view) const override { return false; }
  } one;
  one.value = Value::string(text);
  const auto decoded = expr::evaluate(**program, one);
  if (!decoded) throw std::runtime_error("bad base64 in a case: " + text);
  return decoded->as_string();
}

double double_of(const json& value) {
  if (value.is_number()) return value.get<double>();
  const auto text = value.get<std::string>();
  if (text == "NaN") return std::nan("");
  if (text == "Infinity") return HUGE_VAL;
  if (text == "-Infinity") return -HUGE_VAL;
  return std::stod(text);
}

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

Value value_of(const json& typed) {
  const auto type = typed.at("type").get<std::string>();
  const json& value = typed.at("value");
  if (type == "null") return Value();
  if (type == "bool") return Value::boolean(value.get<bool>());
  if (type == "int") return Value::integer(std::stoll(text_of(value)));
  if (type == "uint") return Value::uint(std::stoull(text_of(value)));
  if (type == "double") return Value::real(double_of(value));
  if (type == "string") return Value::string(value.get<std::string>());
  if (type == "bytes") return Value::bytes(decode_base64(value.get<std::string>()));
  if (type == "type") return Value::type(value.get<std::string>());
  if (type == "timestamp") return Value::timestamp(*expr::read_timestamp(value.get<std::string>()));
  if (type == "duration") return Value::duration(*expr::read_duration(value.get<std::string>()));
  if (type == "optional")
    return value.is_null() ? Value::optional_none() : Value::optional_of(value_of(value));
  if (type == "list") {
    Value::List items;
    for (const json& item : value) items.push_back(value_of(item));
    return Value::list(std::move(items));
  }
  if (type == "map") {
    Value::Map entries;
    for (const json& entry : value)
      entries.push_back({value_of(entry.at(0)), value_of(entry.at(1))});
    return Value::map(std::move(entries));
  }
  throw std::runtime_error("a case has a value of unknown type " + type);
}

// Stricter than CEL's ==: kinds must be equal, NaN equals NaN.
bool identical(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (a.kind() == Kind::real) {
    return (std::isnan(a.as_real()) && std::isnan(b.as_real())) ||
           (a.as_real() == b.as_real() && std::signbit(a.as_real()) == std::signbit(b.as_real()));
  }
  if (a.is_list()) {
    return std::equal(
        a.as_list().begin(), a.as_list().end(), b.as_list().begin(), b.as_list().end(), identical);
  }
  if (a.is_map()) {
    return std::equal(a.as_map().begin(),
                      a.as_map().end(),
                      b.as_map().begin(),
                      b.as_map().end(),
                      [](const Value::MapEntry& x, const Value::MapEntry& y) {
                        return identical(x.key, y.key) && identical(x.value, y.value);
                      });
  }
  return a == b;
}

// "list(param(T))" -> "list<T>": the notation of function signatures.
std::string signature_type(std::string text) {
  for (std::size_t at = text.find("param("); at != std::string::npos; at = text.find("param(")) {
    const std::size_t end = text.find(')', at);
    text = text.substr(0, at) + text.substr(at + 6, end - at - 6) + text.substr(end + 1);
  }
  for (char& c : text) {
    if (c == '(') c = '<';
    if (c == ')') c = '>';
  }
  return text;
}

struct Setting {
  expr::Scope scope;
  expr::Surroundings surroundings;
  expr::TyArena arena;
};

types::TypeRef type_of_text(Setting& setting, const std::string& text) {
  expr::FunctionDecl decl;
  if (!expr::add_signature(decl, setting.arena, "() " + signature_type(text))) {
    throw std::runtime_error("a case has the unreadable type " + text);
  }
  return expr::to_type(*decl.overloads[0].result);
}

void declare_function(Setting& setting, const json& declared) {
  expr::FunctionDecl& decl = setting.surroundings.functions.emplace_back();
  decl.name = declared.at("name").get<std::string>();
  for (const json& overload : declared.at("overloads")) {
    std::string params;
    std::string target;
    bool first = overload.value("member", false);
    for (const json& param : overload.at("params")) {
      const std::string text = signature_type(param.get<std::string>());
      if (first)
        target = text + ".";
      else
        params.append(params.empty() ? "" : ", ").append(text);
      first = false;
    }
    const std::string signature =
        target + "(" + params + ") " + signature_type(overload.at("result").get<std::string>());
    if (!expr::add_signature(decl, setting.arena, signature))
      throw std::runtime_error("unreadable " + signature);
  }
}

void read_setting(const json& test, Setting& setting) {
  setting.surroundings.container = test.value("container", "");
  for (const json& declared : test.value("type_env", json::array())) {
    if (declared.contains("overloads")) {
      declare_function(setting, declared);
      continue;
    }
    setting.scope.variables.push_back(
        {declared.at("name").get<std::string>(),
         type_of_text(setting, declared.at("type").get<std::string>()),
         static_cast<Slot>(setting.scope.variables.size()),
         ""});
  }
}

class Bindings : public expr::Activation {
 public:
  Bindings(const json& test, expr::Scope& scope) {
    const json bindings = test.value("bindings", json::object());
    for (const auto& [name, typed] : bindings.items()) {
      const auto known = std::find_if(scope.variables.begin(),
                                      scope.variables.end(),
                                      [&, key = name](const auto& v) { return v.name == key; });
      Slot slot = 0;
      if (known == scope.variables.end()) {
        slot = static_cast<Slot>(scope.variables.size());
        scope.variables.push_back({name, types::dyn_type(), slot, ""});
      } else {
        slot = known->slot;
      }
      values_[slot] = value_of(typed);
    }
  }
  const Value* variable(Slot slot) const override {
    const auto found = values_.find(slot);
    return found == values_.end() ? nullptr : &found->second;
  }
  bool in_state(std::string_view) const override { return false; }

 private:
  std::map<Slot, Value> values_;
};

// Why the case fails, or "".
std::string failure_of(const json& test) {
  Setting setting;
  read_setting(test, setting);
  const Bindings bindings(test, setting.scope);
  const json& expect = test.at("expect");
  expr::CompileOptions options;
  options.check = !test.value("disable_check", false);
  const auto program = expr::compile_in(
      test.at("expr").get<std::string>(), setting.scope, setting.surroundings, options);
  const bool wants_error = expect.contains("error");
  if (!program) {
    return wants_error ? ""
                       : "expected a value, got a compile error: " + program.error()[0].message;
  }
  if (expect.contains("deduced_type")) {
    const auto wanted = expect.at("deduced_type").get<std::string>();
    const std::string& deduced = expr::deduced_type_of(**program);
    if (deduced != wanted) return "expected type " + wanted + ", deduced " + deduced;
  }
  if (test.value("check_only", false))
    return wants_error ? "expected an error, the expression compiles" : "";
  const auto value = expr::evaluate(**program, bindings);
  if (!value) return wants_error ? "" : "expected a value, got the error: " + value.error().message;
  if (wants_error)
    return "expected an error, got a " + std::string(types::to_string(value->kind()));
  if (!expect.contains("value") || identical(*value, value_of(expect.at("value")))) return "";
  return "got another value, of kind " + std::string(types::to_string(value->kind())) + ", than " +
         expect.at("value").dump();
}

void run_case(const json& test, Report& report) {
  const std::string failure = failure_of(test);
  if (failure.empty()) {
    report.pass();
    return;
  }
  report.fail(test.at("id").get<std::string>(),
              "`" + test.at("expr").get<std::string>() + "`: " + failure);
}

}  // namespace

CaseKind cel_cases() { return {"CEL", "expr", run_case}; }

}  // namespace vozex::conformance
