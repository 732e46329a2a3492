// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/language/calls.h"
#include "engine/language/keys.h"
#include "engine/language/literals.h"
#include "engine/language/stages.h"
#include "engine/language/state_body.h"
#include "engine/language/transitions.h"

namespace vozex::language {
namespace {

using machine::InvokeDecl;
using machine::InvokeKind;
using machine::StateIndex;
using types::TypeKind;
using types::TypeRef;

// One invoke while it is compiled.
struct Site {
  Unit& unit;
  StateIndex state;
  const Node& node;
  const Fields& fields;
  Place place;     // inside the fan-out
  TypeRef result;  // of one call or child; null: none declared
  TypeRef error;
};

std::vector<const WorkflowOutline*> known_children(const Unit& unit, const Node& node) {
  std::vector<const WorkflowOutline*> children;
  for (const ChildName& child : child_names(unit, node)) {
    const auto found = unit.library.workflows.find(child.name);
    if (found != unit.library.workflows.end()) children.push_back(&found->second);
  }
  return children;
}

// The result of one call or child as far as it is known, without reporting.
TypeRef result_of(const Unit& unit, const Node& node) {
  const Node* call = node.find("call");
  if (call == nullptr || !call->is_scalar()) return output_of_all(known_children(unit, node));
  const std::size_t dot = call->text.find('.');
  if (dot == std::string::npos) return nullptr;
  const auto adapter = unit.library.adapters.find(call->text.substr(0, dot));
  if (adapter == unit.library.adapters.end()) return types::dyn_type();
  const auto operation = adapter->second.operations.find(call->text.substr(dot + 1));
  return operation == adapter->second.operations.end() ? types::dyn_type()
                                                       : operation->second->output;
}

TypeRef item_type(Unit& unit, const Node& node) {
  const Node* loop = node.find("for_each");
  if (loop == nullptr || loop->broken) return types::simple_type(TypeKind::null);
  const auto compiled = compile_loop(unit, *loop, state_place("`for_each`"));
  return compiled ? compiled->loop.type : types::simple_type(TypeKind::nothing);
}

void outline_invoke(Unit& unit, const Node& node, std::vector<types::Field>& invoked) {
  const Node* id = node.find("id");
  if (id == nullptr || !id->is_scalar()) return;
  if (!is_identifier(id->text)) {
    unit.report.error(
        code::bad_name, id->span, "`" + id->text + "` can't be an id", "use letters, digits and _");
    return;
  }
  if (const auto [first, fresh] = unit.invoke_ids.emplace(id->text, id->span); !fresh) {
    unit.report.error(
        code::duplicate_invoke,
        id->span,
        "another invoke has the id `" + id->text + "`: line " + std::to_string(first->second.line),
        "`invoked." + id->text + "` must mean one of them: choose another id");
    return;
  }
  types::Field field;
  field.name = id->text;
  TypeRef result = result_of(unit, node);
  field.type = types::list_of(invoked_item_type(item_type(unit, node), result));
  invoked.push_back(std::move(field));
}

std::vector<const Node*> entries_of(const Node& invoke) {
  std::vector<const Node*> entries;
  if (invoke.broken) return entries;
  if (invoke.is_map()) entries.push_back(&invoke);
  if (invoke.is_sequence()) {
    for (const Node& item : invoke.items) entries.push_back(&item);
  }
  return entries;
}

void compile_fan_out(Site& site, InvokeDecl& invoke) {
  Report& report = site.unit.report;
  const Node* loop = site.fields.get("for_each");
  if (loop == nullptr) {
    for (const char* key : {"limit", "join", "on_each"}) {
      if (!site.fields.has(key) || site.fields.has("for_each")) continue;
      report.error(code::conflicting_keys,
                   site.fields.key_span(key),
                   "`" + std::string(key) + "` needs a `for_each`: this invoke runs once",
                   std::string(key) == "on_each" ? "use `on_done` and `on_error`" : "");
    }
    return;
  }
  if (auto compiled = compile_loop(site.unit, *loop, site.place)) {
    invoke.for_each = std::move(compiled->list);
    site.place.item = std::move(compiled->loop);
  } else if (loop->keys.size() == 1) {
    site.place.item = Loop{loop->keys[0].text, types::simple_type(TypeKind::nothing)};
  }
  site.place.index = true;
  constexpr std::int64_t k_most = 10'000;
  if (const Node* limit = site.fields.get("limit")) {
    invoke.limit =
        static_cast<std::uint32_t>(read_int(*limit, "`limit`", 1, k_most, report).value_or(0));
  }
  const Node* join = site.fields.get("join");
  if (join == nullptr || join->text == "all") return;
  invoke.join = machine::Join::any;
  if (join->text == "any") return;
  invoke.join = machine::Join::expression;
  invoke.join_when = compile_condition(
      site.unit, *join, "`join` (all, any or a condition)", state_place("`join`"));
}

void compile_call_invoke(Site& site, InvokeDecl& invoke, const Node& call) {
  invoke.kind = InvokeKind::call;
  invoke.call = compile_call(site.unit, call, site.fields, site.place);
  if (invoke.call.operation == nullptr) {
    site.result = types::simple_type(TypeKind::nothing);
    return;
  }
  site.result = invoke.call.operation->output;
  site.error = call_error_type(*invoke.call.operation);
  if (site.fields.has("input")) {
    site.unit.report.error(code::conflicting_keys,
                           site.fields.key_span("input"),
                           "`input` belongs to `workflow`",
                           "a call's input stands below `with`");
  }
}

void compile_names(Site& site, InvokeDecl& invoke, const Node& workflow) {
  Unit& unit = site.unit;
  invoke.workflow = compile_value(
      unit, workflow, {types::simple_type(TypeKind::string), "`workflow`"}, site.place);
  const Node* one_of = site.fields.get("one_of");
  if (has_template(workflow) && !site.fields.has("one_of")) {
    unit.report.error(code::needs_one_of,
                      workflow.span,
                      "a computed workflow name needs `one_of`: the names it may be",
                      "add `one_of: [first_workflow, second_workflow]`");
  }
  if (one_of == nullptr) return;
  read_texts(*one_of, "`one_of`", unit.report);
  for (ChildName& child : child_names(unit, site.node))
    invoke.one_of.push_back(std::move(child.name));
}

void compile_workflow_invoke(Site& site, InvokeDecl& invoke, const Node& workflow) {
  Unit& unit = site.unit;
  invoke.kind = InvokeKind::workflow;
  compile_names(site, invoke, workflow);
  std::vector<const WorkflowOutline*> children;
  std::string names;
  bool all_known = true;
  for (const ChildName& wanted : child_names(unit, site.node)) {
    const WorkflowOutline* child = find_workflow(unit, wanted.name, wanted.span);
    all_known = all_known && child != nullptr;
    if (child != nullptr) children.push_back(child);
    names += (names.empty() ? "" : ", ") + wanted.name;
  }
  site.result = all_known ? output_of_all(children) : types::simple_type(TypeKind::nothing);
  for (const char* key : {"with", "timeout", "retry", "idempotency_key"}) {
    if (!site.fields.has(key)) continue;
    unit.report.error(code::conflicting_keys,
                      site.fields.key_span(key),
                      "`" + std::string(key) + "` belongs to `call`",
                      std::string(key) == "with" ? "a workflow's input stands below `input`"
                                                 : "a child workflow says this itself");
  }
  const Node* input = site.fields.get("input");
  if (children.empty() && input != nullptr)
    compile_value(unit, *input, {nullptr, "`input`"}, site.place);
  const bool other_input = site.fields.has("input") || site.fields.has("with");
  if (children.empty() || (input == nullptr && other_input)) return;
  Node empty;
  empty.kind = NodeKind::map;
  empty.span = workflow.span;
  invoke.input = compile_value(unit,
                               input == nullptr ? empty : *input,
                               {input_of_all(children), "the input of " + names},
                               site.place);
}

void compile_what(Site& site, InvokeDecl& invoke) {
  const Node* call = site.fields.get("call");
  const Node* workflow = site.fields.get("workflow");
  const Node* compensate = site.fields.get("compensate");
  const bool broken = site.fields.has("call") || site.fields.has("workflow");
  site.fields.exclusive("call", "workflow", "make them two entries of a list");
  if (call != nullptr) {
    compile_call_invoke(site, invoke, *call);
  } else if (workflow != nullptr) {
    compile_workflow_invoke(site, invoke, *workflow);
  } else if (compensate != nullptr && compensate->is_scalar()) {
    invoke.kind = InvokeKind::compensate;
    read_choice(*compensate, "`compensate`", grammar::k_compensate_words, site.unit.report);
  } else if (!broken) {
    site.unit.report.error(code::missing_key,
                           site.node.span,
                           "an `invoke` needs `call`, `workflow` or `compensate: all`");
  }
  if (call == nullptr && compensate != nullptr && compensate->is_map()) {
    site.unit.report.error(
        code::conflicting_keys,
        site.fields.key_span("compensate"),
        "`compensate: {call}` says how a `call` is undone",
        "a child workflow undoes its own calls; `compensate: all` undoes those of this instance");
  }
}

void compile_outcomes(Site& site, InvokeDecl& invoke) {
  const bool fans_out = site.fields.has("for_each");
  const std::string read_items = "`%` of a fan-out is a list of them: read `invoked." +
                                 (site.fields.has("id") ? invoke.id : "<id>") + "`" +
                                 (site.fields.has("id") ? "" : ", and give the invoke an `id`");
  const auto site_for = [&](const char* word) {
    TransitionSite made{site.state,
                        word,
                        std::string("`") + word + "`",
                        state_place(std::string("`") + word + "`"),
                        false,
                        nullptr,
                        nullptr};
    if (!fans_out) return made;
    made.place.no_result = std::string(read_items).replace(read_items.find('%'), 1, "result");
    made.place.no_error = std::string(read_items).replace(read_items.find('%'), 1, "error");
    return made;
  };
  if (const Node* node = site.fields.get("on_done")) {
    TransitionSite done = site_for("on_done");
    if (!fans_out) {
      done.place.result = site.result;
      done.place.no_result =
          "`result`: nothing says what this gives; declare `output` in the adapter or the child "
          "workflow";
    }
    invoke.on_done = compile_transitions(site.unit, *node, done);
  }
  if (const Node* node = site.fields.get("on_error")) {
    TransitionSite failed = site_for("on_error");
    if (!fans_out) failed.place.error = site.error == nullptr ? error_type() : site.error;
    invoke.on_error = compile_transitions(site.unit, *node, failed);
  }
  if (const Node* node = site.fields.get("on_each")) {
    TransitionSite each = site_for("on_each");
    each.place.item = site.place.item;
    each.place.index = true;
    invoke.on_each = compile_transitions(site.unit, *node, each);
  }
}

void compile_invoke(Unit& unit, StateIndex state, const Node& node, std::size_t number) {
  const Fields fields(node, grammar::invoke, node.span, unit.report);
  InvokeDecl invoke;
  invoke.state = state;
  invoke.span = node.keys.empty() ? node.span : node.keys[0].span;
  const Node* id = fields.get("id");
  invoke.id =
      id != nullptr ? id->text : unit.machine->states[state].path + "#" + std::to_string(number);
  Site site{unit, state, node, fields, state_place("`invoke`"), nullptr, nullptr};
  site.place.no_event =
      "`event` is not visible in `invoke`: it starts when the state has been entered; keep what "
      "you need of it in data";
  compile_fan_out(site, invoke);
  compile_what(site, invoke);
  compile_outcomes(site, invoke);
  unit.machine->states[state].invokes.push_back(
      static_cast<std::uint16_t>(unit.machine->invokes.size()));
  unit.machine->invokes.push_back(std::move(invoke));
}

}  // namespace

void outline_invokes(Unit& unit) {
  std::vector<types::Field> invoked;
  for (const Node* node : unit.state_nodes) {
    const Node* invoke = node->find("invoke");
    if (invoke == nullptr) continue;
    for (const Node* entry : entries_of(*invoke)) {
      outline_invoke(unit, *entry, invoked);
    }
  }
  unit.names.invoked = types::object_of(std::move(invoked));
}

void compile_invokes(Unit& unit, StateIndex state, const Node& node) {
  std::size_t number = 0;
  for (const Node* entry : entries_of(node)) {
    compile_invoke(unit, state, *entry, number);
    ++number;
  }
}

}  // namespace vozex::language
