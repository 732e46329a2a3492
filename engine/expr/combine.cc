// SPDX-License-Identifier: Apache-2.0
//
// Programs from programs, what is asked of a program, and running one.
#include <algorithm>

#include "engine/expr/dictionary.h"
#include "engine/expr/eval.h"
#include "engine/expr/program.h"
#include "engine/expr/text_form.h"
#include "engine/types/json.h"

namespace vozex::expr {

using types::Kind;
using types::Value;

namespace {

const Program& member_program(const std::pair<Value, ProgramRef>& member) { return *member.second; }

// The type of what stays of a member: an optional that is present is unwrapped.
types::Field field_of(const std::string& name, const types::TypeRef& type) {
  types::Field field;
  field.name = name;
  field.type = type;
  return field;
}

void settle_constant(Program& program, const EvalLimits& limits);

bool run(const Program& program, const Activation& activation, Meter& meter, Value& out);

bool run_dictionary(const Program& program,
                    const Activation& activation,
                    Meter& meter,
                    Value& out) {
  Value::Map entries;
  for (std::size_t i = 0; i + 1 < program.members.size(); i += 2) {
    Value key;
    Value value;
    if (!meter.charge(1) || !run(member_program(program.members[i]), activation, meter, key) ||
        !run(member_program(program.members[i + 1]), activation, meter, value))
      return false;
    if (!key.is_string())
      return meter.fail("no_such_overload", "a key must be string, this is " + type_name_of(key));
    if (value.kind() == Kind::optional) {
      if (value.as_optional() == nullptr) continue;
      value = Value(*value.as_optional());
    }
    entries.push_back({std::move(key), std::move(value)});
  }
  const std::size_t count = entries.size();
  if (!meter.charge_built(count * sizeof(Value::MapEntry) + 32)) return false;
  out = Value::map(std::move(entries));
  if (out.as_map().size() == count) return true;
  return meter.fail("invalid_argument", "a map has a key twice");
}

bool run(const Program& program, const Activation& activation, Meter& meter, Value& out) {
  if (program.constant) {
    out = *program.constant;
    return meter.charge(1);
  }
  if (program.form == Program::Form::expression) {
    Evaluator evaluator(program, activation, meter);
    const Value* value = evaluator.eval(program.root, out);
    if (value != nullptr && value != &out) out = *value;
    return value != nullptr;
  }
  if (program.form == Program::Form::dictionary)
    return run_dictionary(program, activation, meter, out);
  Value::List items;
  Value::Map entries;
  for (const auto& member : program.members) {
    Value value;
    if (!meter.charge(1) || !run(member_program(member), activation, meter, value)) return false;
    if (program.form == Program::Form::array) {
      items.push_back(std::move(value));
      continue;
    }
    if (value.kind() == Kind::optional) {
      if (value.as_optional() == nullptr) continue;
      value = Value(*value.as_optional());
    }
    entries.push_back({member.first, std::move(value)});
  }
  if (!meter.charge_built(items.size() * sizeof(Value) + entries.size() * sizeof(Value::MapEntry) +
                          32))
    return false;
  out = program.form == Program::Form::array ? Value::list(std::move(items))
                                             : Value::map(std::move(entries));
  return true;
}

class NoVariables : public Activation {
 public:
  const Value* variable(Slot) const override { return nullptr; }
  bool in_state(std::string_view) const override { return false; }
};

void settle_constant(Program& program, const EvalLimits& limits) {
  const bool known = std::all_of(program.members.begin(), program.members.end(), [](const auto& m) {
    return m.second->constant.has_value();
  });
  if (!known) return;
  Meter meter(limits);
  Value value;
  if (run(program, NoVariables(), meter, value)) program.constant = std::move(value);
}

}  // namespace

ProgramRef constant(Value value, types::TypeRef type) {
  auto program = std::make_shared<Program>();
  program->type = type == nullptr ? types::dyn_type() : std::move(type);
  program->constants.push_back(value);
  program->nodes.emplace_back();
  program->constant = std::move(value);
  return program;
}

ProgramRef object(std::vector<std::pair<std::string, ProgramRef>> members) {
  auto program = std::make_shared<Program>();
  program->form = Program::Form::object;
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
    return a.first < b.first;
  });
  std::vector<types::Field> fields;
  for (auto& [name, member] : members) {
    fields.push_back(field_of(name, member->type));
    program->references.insert(
        program->references.end(), member->references.begin(), member->references.end());
    program->state_queries.insert(
        program->state_queries.end(), member->state_queries.begin(), member->state_queries.end());
    program->members.emplace_back(Value::string(name), std::move(member));
  }
  program->type = types::object_of(std::move(fields));
  settle_constant(*program, EvalLimits{});
  return program;
}

ProgramRef array(std::vector<ProgramRef> items) {
  auto program = std::make_shared<Program>();
  program->form = Program::Form::array;
  types::TypeRef element;
  for (ProgramRef& item : items) {
    if (element == nullptr) element = item->type;
    if (!types::equal(*element, *item->type)) element = types::dyn_type();
    program->references.insert(
        program->references.end(), item->references.begin(), item->references.end());
    program->state_queries.insert(
        program->state_queries.end(), item->state_queries.begin(), item->state_queries.end());
    program->members.emplace_back(Value(), std::move(item));
  }
  program->type = types::list_of(element == nullptr ? types::dyn_type() : element);
  settle_constant(*program, EvalLimits{});
  return program;
}

ProgramRef dictionary(std::vector<std::pair<ProgramRef, ProgramRef>> entries,
                      types::TypeRef element) {
  auto program = std::make_shared<Program>();
  program->form = Program::Form::dictionary;
  for (auto& [key, value] : entries) {
    for (ProgramRef* part : {&key, &value}) {
      const Program& read = **part;
      program->references.insert(
          program->references.end(), read.references.begin(), read.references.end());
      program->state_queries.insert(
          program->state_queries.end(), read.state_queries.begin(), read.state_queries.end());
      program->members.emplace_back(Value(), std::move(*part));
    }
  }
  program->type = types::map_of(std::move(element));
  settle_constant(*program, EvalLimits{});
  return program;
}

const types::TypeRef& type_of(const Program& program) { return program.type; }
const std::string& source_of(const Program& program) { return program.source; }
std::string text_of(const Program& program) {
  if (!program.source.empty()) return program.source;
  if (program.constant) return types::to_json(*program.constant);
  const bool is_list = program.form == Program::Form::array;
  const bool has_keys = program.form == Program::Form::dictionary;
  std::string text;
  for (std::size_t i = 0; i < program.members.size(); ++i) {
    const auto& [name, member] = program.members[i];
    const bool follows_key = has_keys && i % 2 == 1;
    if (!text.empty()) text += follows_key ? ": " : ", ";
    if (program.form == Program::Form::object) text += name.as_string() + ": ";
    text += text_of(*member);
  }
  return is_list ? "[" + text + "]" : "{" + text + "}";
}

const Value* constant_of(const Program& program) {
  return program.constant ? &*program.constant : nullptr;
}
std::vector<Reference> references_of(const Program& program) { return program.references; }
std::vector<Reference> state_queries_of(const Program& program) { return program.state_queries; }

Evaluated evaluate(const Program& program, const Activation& activation, const EvalLimits& limits) {
  Meter meter(limits);
  Value value;
  if (!run(program, activation, meter, value)) return tl::unexpected(meter.take_error());
  if (meter.built_anything() && !within_weight(value, limits.max_result_weight)) {
    return tl::unexpected(EvalError{
        "cost_exceeded",
        "the result is bigger than " + std::to_string(limits.max_result_weight) + " bytes"});
  }
  return value;
}

tl::expected<bool, EvalError> test(const Program& program,
                                   const Activation& activation,
                                   const EvalLimits& limits) {
  Meter meter(limits);
  if (program.form == Program::Form::expression) {
    const auto truth = Evaluator(program, activation, meter).truth(program.root);
    if (truth != Evaluator::Truth::failed) return truth == Evaluator::Truth::yes;
    return tl::unexpected(meter.take_error());
  }
  Value value;
  if (!run(program, activation, meter, value)) return tl::unexpected(meter.take_error());
  return tl::unexpected(
      EvalError{"no_such_overload", "a condition must be bool, this is " + type_name_of(value)});
}

}  // namespace vozex::expr
