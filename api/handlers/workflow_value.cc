// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/workflow_value.h"

#include "api/handlers/body.h"

namespace vozex::handlers {
namespace {

using types::Value;

const char* kind_word(machine::StateKind kind) {
  switch (kind) {
    case machine::StateKind::atomic: return "atomic";
    case machine::StateKind::compound: return "compound";
    case machine::StateKind::parallel: return "parallel";
    case machine::StateKind::final: return "final";
    case machine::StateKind::history_shallow: return "history";
    case machine::StateKind::history_deep: return "deep_history";
  }
  return "";
}

void put_summary(Object& object, const machine::Machine& machine) {
  object.text("workflow", machine.workflow)
      .number("version", machine.version)
      .text("title", machine.title)
      .text("content_hash", machine.content_hash);
}

Value transition_value(const machine::Machine& machine, machine::TransitionIndex index) {
  const machine::Transition& transition = machine.transitions[index];
  Value::List targets;
  for (const machine::StateIndex target : transition.targets)
    targets.push_back(Value::string(machine.states[target].path));
  return Object()
      .text("event", transition.event)
      .put("targets", Value::list(std::move(targets)))
      .put("guarded", Value::boolean(transition.when != nullptr))
      .put("defer", transition.defer ? Value::boolean(true) : Value())
      .number("line", transition.span.line)
      .done();
}

Value state_value(const machine::Machine& machine, const machine::State& state) {
  Value::List transitions;
  for (const auto* list : {&state.on, &state.always, &state.on_done}) {
    for (const machine::TransitionIndex index : *list)
      transitions.push_back(transition_value(machine, index));
  }
  Value::List actions;
  for (const std::uint16_t index : state.actions) {
    const machine::ManualAction& action = machine.actions[index];
    actions.push_back(Object()
                          .text("name", action.name)
                          .text("title", action.title)
                          .put("roles", types::list_of(action.roles))
                          .done());
  }
  return Object()
      .text("path", state.path)
      .text("kind", kind_word(state.kind))
      .text("title", state.title)
      .text("doc", state.doc)
      .put("transitions", Value::list(std::move(transitions)))
      .put("actions", Value::list(std::move(actions)))
      .number("timers", state.timers.size())
      .number("invokes", state.invokes.size())
      .put("task", state.task ? Value::boolean(true) : Value())
      .number("line", state.span.line)
      .done();
}

Value fields_value(const types::TypeRef& type) {
  if (!type) return Value();
  Object fields;
  for (const types::Field& field : type->fields) {
    fields.put(field.name.c_str(), Value::string(types::to_string(*field.type)));
  }
  return fields.done();
}

}  // namespace

Value summary(const machine::Machine& machine) {
  Object object;
  put_summary(object, machine);
  return object.done();
}

Value to_value(const machine::Machine& machine) {
  Object object;
  put_summary(object, machine);
  Value::List states;
  for (std::size_t i = 1; i < machine.states.size(); ++i)
    states.push_back(state_value(machine, machine.states[i]));
  Value::List events;
  for (const machine::EventDecl& event : machine.events) {
    events.push_back(
        Object().text("name", event.name).put("data", fields_value(event.data)).done());
  }
  Value::List sources;
  for (const machine::SourceFile& file : machine.sources) {
    sources.push_back(Object().text("name", file.name).text("text", file.text).done());
  }
  return object.text("doc", machine.doc)
      .put("input", fields_value(machine.input))
      .put("output", fields_value(machine.output))
      .put("data", fields_value(machine.data))
      .put("states", Value::list(std::move(states)))
      .put("events", Value::list(std::move(events)))
      .put("sources", Value::list(std::move(sources)))
      .done();
}

Value diagnostics_value(const std::vector<Diagnostic>& diagnostics) {
  Value::List list;
  for (const Diagnostic& diagnostic : diagnostics) {
    list.push_back(
        Object()
            .text("severity", diagnostic.severity == Severity::error ? "error" : "warning")
            .text("code", diagnostic.code)
            .text("message", diagnostic.message)
            .text("file", diagnostic.file)
            .number("line", diagnostic.span.line)
            .number("column", diagnostic.span.column)
            .number("length", diagnostic.span.length)
            .text("hint", diagnostic.hint)
            .done());
  }
  return Value::list(std::move(list));
}

}  // namespace vozex::handlers
