// SPDX-License-Identifier: Apache-2.0
#include "engine/step/execute.h"

#include "engine/types/depth.h"
#include "engine/types/json.h"

namespace vozex::stepping {
namespace {

using machine::Action;
using machine::ActionKind;

Executed execute_log(Run& run, const Action& action) {
  auto value = value_of(run, action.value);
  if (!value) return tl::unexpected(value.error());
  std::string text = text_of(*value);
  if (!action.name.empty()) text = action.name + (text.empty() ? "" : ": " + text);
  add_effect(run, machine::LogLine{std::move(text)});
  return {};
}

Executed execute_incident(Run& run, const Action& action, StateIndex where) {
  auto value = value_of(run, action.value);
  if (!value) return tl::unexpected(value.error());
  machine::Incident incident;
  incident.code = action.name.empty() ? "raised" : action.name;
  incident.message = text_of(*value);
  incident.state = where != machine::k_no_state ? run.state(where).path : "";
  raise_incident(run, std::move(incident));
  return {};
}

Executed execute_once(Run& run, const Action& action, StateIndex where) {
  if (action.when != nullptr) {
    const auto holds = test(run, *action.when);
    if (!holds) return tl::unexpected(holds.error());
    if (!*holds) return {};
  }
  switch (action.kind) {
    case ActionKind::set: return assign(run, action.set);
    case ActionKind::reply: return execute_reply(run, action);
    case ActionKind::emit: return execute_emit(run, action);
    case ActionKind::raise: return execute_raise(run, action);
    case ActionKind::call: return execute_call(run, action);
    case ActionKind::start: return execute_start(run, action);
    case ActionKind::log: return execute_log(run, action);
    case ActionKind::incident: return execute_incident(run, action, where);
    case ActionKind::send: return execute_send(run, action);
    case ActionKind::cancel: return execute_cancel(run, action);
  }
  return {};
}

// Lends a value to the loop variable and gives the outer one back: blocks don't nest, entries may.
class EachScope {
 public:
  explicit EachScope(Run& run) : run_(run), outer_(run.activation.local.each) {}
  ~EachScope() { run_.activation.local.each = outer_; }
  EachScope(const EachScope&) = delete;
  EachScope& operator=(const EachScope&) = delete;
  void show(const Value& value) { run_.activation.local.each = &value; }

 private:
  Run& run_;
  const Value* outer_;
};

Executed execute_action(Run& run, const Action& action, StateIndex where) {
  if (action.for_each == nullptr) return execute_once(run, action, where);
  auto list = evaluate(run, *action.for_each);
  if (!list) return tl::unexpected(list.error());
  if (!list->is_list()) return failed("no_such_overload", "for_each wants a list");
  if (list->as_list().size() > machine::k_max_items) {
    return failed("out_of_range",
                  "for_each over " + std::to_string(list->as_list().size()) + " items; at most " +
                      std::to_string(machine::k_max_items));
  }
  EachScope scope(run);
  for (const Value& item : list->as_list()) {
    scope.show(item);
    Executed done = execute_once(run, action, where);
    if (!done || run.refusal) return done;
  }
  return {};
}

}  // namespace

void execute_block(Run& run, const machine::Block& block, StateIndex where) {
  for (const Action& action : block) {
    if (run.refusal) return;
    const Executed done = execute_action(run, action, where);
    if (done) continue;
    const bool communication = done.error().code == "no_such_receiver";
    raise_error(
        run, communication ? "error.communication" : "error.execution", done.error(), where);
    return;
  }
}

tl::expected<Value, expr::EvalError> value_of(Run& run, const expr::ProgramRef& program) {
  if (program == nullptr) return Value();
  auto value = evaluate(run, *program);
  if (!value) return value;
  spend_walk(run, *value);
  if (types::is_deeper_than(*value, types::k_max_value_depth)) {
    return failed(
        "out_of_range",
        "a value nested deeper than " + std::to_string(types::k_max_value_depth) + " levels");
  }
  if (value->kind() != types::Kind::optional) return value;
  const Value* present = value->as_optional();
  return present != nullptr ? *present : Value();
}

std::string text_of(const Value& value) {
  if (value.is_null()) return "";
  return value.is_string() ? value.as_string() : types::to_json(value);
}

}  // namespace vozex::stepping
