// SPDX-License-Identifier: Apache-2.0
#include "engine/language/calls.h"

#include <algorithm>

#include "engine/language/literals.h"

namespace vozex::language {
namespace {

using types::Field;
using types::TypeRef;

void compile_compensation(Unit& unit, const Node& node, machine::CallDecl& call, Place place) {
  const Fields fields(node, grammar::compensate, node.span, unit.report);
  const Node* name = fields.need("call");
  if (name == nullptr) return;
  call.compensate = find_operation(unit, *name);
  if (call.compensate == nullptr) return;
  place.label = "`compensate`";
  place.result = call.operation == nullptr || call.operation->output == nullptr
                     ? types::dyn_type()
                     : call.operation->output;
  call.compensate_input =
      compile_call_input(unit, *call.compensate, fields.get("with"), name->span, place);
}

}  // namespace

machine::OperationRef find_operation(Unit& unit, const Node& name) {
  if (!has_shape(name, k_text, "`call`", unit.report)) return nullptr;
  const std::size_t dot = name.text.find('.');
  if (dot == std::string::npos) {
    unit.report.error(code::unknown_operation,
                      name.span,
                      "expected adapter.operation, got `" + name.text + "`",
                      "name both: `call: payments.refund`");
    return nullptr;
  }
  const std::string adapter = name.text.substr(0, dot);
  const std::string operation = name.text.substr(dot + 1);
  const auto found = unit.library.adapters.find(adapter);
  if (found == unit.library.adapters.end()) {
    if (!unit.missing_adapters.insert(adapter).second) return nullptr;
    const std::string near = did_you_mean(adapter, names_in(unit.library.adapters));
    unit.report.error(
        code::unknown_adapter,
        locate(unit.report.source(), name, 0, dot),
        "none of the files declares the adapter `" + adapter + "`",
        near.empty() ? "expected a file that begins with `adapter: " + adapter + "`" : near);
    return nullptr;
  }
  unit.used_adapters.insert(adapter);
  const auto declared = found->second.operations.find(operation);
  if (declared != found->second.operations.end()) return declared->second;
  // The part of its file that could not be read may hold it.
  if (found->second.document->root->cut) return nullptr;
  const auto names = names_in(found->second.operations);
  const std::string near = did_you_mean(operation, names);
  unit.report.error(code::unknown_operation,
                    locate(unit.report.source(), name, dot + 1, operation.size()),
                    "adapter `" + adapter + "` declares no operation `" + operation + "`",
                    near.empty() ? "it has: " + list_names(names) : near);
  return nullptr;
}

expr::ProgramRef compile_call_input(Unit& unit,
                                    const machine::OperationDecl& operation,
                                    const Node* with,
                                    const Span& owner,
                                    const Place& place) {
  const std::string what = "the input of " + operation.adapter + "." + operation.name;
  if (with != nullptr) return compile_value(unit, *with, {operation.input, what}, place);
  Node empty;
  empty.kind = NodeKind::map;
  empty.span = owner;
  return compile_value(unit, empty, {operation.input, what}, place);
}

machine::CallDecl compile_call(Unit& unit,
                               const Node& call,
                               const Fields& fields,
                               const Place& place) {
  machine::CallDecl made;
  made.operation = find_operation(unit, call);
  const Node* with = fields.get("with");
  const bool broken_with = fields.has("with") && with == nullptr;
  if (made.operation != nullptr && !broken_with) {
    made.input = compile_call_input(unit, *made.operation, with, call.span, place);
  } else if (with != nullptr) {
    compile_value(unit, *with, {nullptr, "`with`"}, place);
  }
  if (const Node* timeout = fields.get("timeout"))
    made.timeout = read_duration(*timeout, "`timeout`", unit.report);
  if (const Node* retry = fields.get("retry")) {
    made.retry = read_retry(*retry, unit.policies, unit.report).value_or(machine::RetryPolicy{});
    if (made.operation != nullptr)
      unit.retried.push_back({made.operation, made.retry.attempts, fields.key_span("retry")});
  }
  if (const Node* idempotency = fields.get("idempotency_key")) {
    made.idempotency_key =
        compile_value(unit,
                      *idempotency,
                      {types::simple_type(types::TypeKind::string), "`idempotency_key`"},
                      place);
  }
  if (const Node* compensate = fields.get("compensate")) {
    if (compensate->is_map()) compile_compensation(unit, *compensate, made, place);
  }
  return made;
}

std::vector<std::string> general_call_errors() {
  return {"timeout",
          "unavailable",
          "rate_limited",
          "bad_reply",
          "refused",
          "invalid_input",
          "outcome_unknown",
          "not_configured",
          "internal",
          "withdrawn"};
}

TypeRef call_error_type(const machine::OperationDecl& operation) {
  if (operation.errors.empty()) return error_type();
  std::vector<std::string> codes = general_call_errors();
  codes.insert(codes.begin(), operation.errors.begin(), operation.errors.end());
  auto type = *error_type();
  type.fields[0].type = types::enum_of(std::move(codes));
  return std::make_shared<types::Type>(std::move(type));
}

const WorkflowOutline* find_workflow(Unit& unit, const std::string& name, const Span& span) {
  const auto found = unit.library.workflows.find(name);
  if (found != unit.library.workflows.end()) return &found->second;
  const std::string near = did_you_mean(name, names_in(unit.library.workflows));
  unit.report.error(
      code::unknown_workflow,
      span,
      "none of the files defines the workflow `" + name + "`",
      near.empty() ? "expected a file that begins with `workflow: " + name + "`" : near);
  return nullptr;
}

TypeRef input_of_all(const std::vector<const WorkflowOutline*>& children) {
  if (children.size() == 1) return children.front()->input;
  std::vector<Field> fields;
  for (const WorkflowOutline* child : children) {
    for (const Field& field : child->input->fields) {
      const auto known = std::find_if(fields.begin(), fields.end(), [&](const Field& other) {
        return other.name == field.name;
      });
      if (known == fields.end()) {
        fields.push_back(field);
        continue;
      }
      if (!may_be_missing(field)) known->has_default = false;
      // The narrower of two types fits both places.
      if (types::assignable(*known->type, *field.type)) known->type = field.type;
    }
  }
  return types::object_of(std::move(fields));
}

TypeRef output_of_all(const std::vector<const WorkflowOutline*>& children) {
  if (children.empty()) return nullptr;
  for (const WorkflowOutline* child : children) {
    if (child->output == nullptr) return nullptr;
  }
  if (children.size() == 1) return children.front()->output;
  std::vector<Field> shared;
  for (const Field& field : children.front()->output->fields) {
    Field common = field;
    bool everywhere = true;
    for (const WorkflowOutline* child : children) {
      const Field* other = types::find_field(*child->output, field.name);
      everywhere = everywhere && other != nullptr &&
                   (types::assignable(*common.type, *other->type) ||
                    types::assignable(*other->type, *common.type));
      if (everywhere && !types::assignable(*common.type, *other->type)) common.type = other->type;
    }
    if (everywhere) shared.push_back(std::move(common));
  }
  return types::object_of(std::move(shared));
}

namespace {

// The options of the enum that `path`, `type.field`, names; empty when it names none.
std::vector<std::string> options_of(const Unit& unit, const std::string& path) {
  const std::size_t dot = path.find('.');
  if (dot == std::string::npos) return {};
  const auto type = unit.types.resolved().find(path.substr(0, dot));
  if (type == unit.types.resolved().end()) return {};
  for (const types::Field& field : type->second->fields) {
    if (field.name == path.substr(dot + 1)) return field.type->options;
  }
  return {};
}

void add_names(const Unit& unit, const Node& item, std::vector<ChildName>& names) {
  const std::size_t open = item.text.find('<');
  const std::size_t close = item.text.find('>', open);
  std::vector<std::string> options;
  if (close != std::string::npos)
    options = options_of(unit, item.text.substr(open + 1, close - open - 1));
  if (options.empty()) names.push_back({item.text, item.span});
  for (const std::string& option : options)
    names.push_back({item.text.substr(0, open) + option + item.text.substr(close + 1), item.span});
}

}  // namespace

std::vector<ChildName> child_names(const Unit& unit, const Node& invoke) {
  std::vector<ChildName> names;
  const Node* workflow = invoke.find("workflow");
  const Node* one_of = invoke.find("one_of");
  if (one_of != nullptr && one_of->is_sequence()) {
    for (const Node& item : one_of->items) {
      if (item.is_scalar()) add_names(unit, item, names);
    }
  } else if (workflow != nullptr && workflow->is_scalar() && !has_template(*workflow)) {
    names.push_back({workflow->text, workflow->span});
  }
  return names;
}

}  // namespace vozex::language
