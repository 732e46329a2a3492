// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/transition_roles.h"

#include "engine/lab/words.h"
#include "engine/types/json.h"

namespace vozex::lab {
namespace {

using machine::TransitionIndex;

void give(std::vector<TransitionRole>& roles,
          const std::vector<TransitionIndex>& transitions,
          Trigger trigger,
          const std::string& name) {
  for (const TransitionIndex index : transitions) roles[index] = {trigger, name};
}

std::string set_text(const machine::Action& action) {
  std::vector<std::string> paths;
  paths.reserve(action.set.size());
  for (const machine::Assignment& one : action.set) paths.push_back(path_text(one.path));
  return "set " + joined(paths);
}

}  // namespace

const char* to_string(Trigger trigger) {
  switch (trigger) {
    case Trigger::event: return "event";
    case Trigger::always: return "always";
    case Trigger::done: return "done";
    case Trigger::after: return "after";
    case Trigger::every: return "every";
    case Trigger::invoked: return "invoked";
    case Trigger::failed: return "failed";
    case Trigger::each: return "each";
    case Trigger::action: return "action";
    case Trigger::overdue: return "overdue";
  }
  return "";
}

std::vector<TransitionRole> roles_of(const machine::Machine& machine) {
  std::vector<TransitionRole> roles(machine.transitions.size());
  for (std::size_t i = 0; i < roles.size(); ++i) roles[i].name = machine.transitions[i].event;
  for (const machine::State& state : machine.states) {
    give(roles, state.always, Trigger::always, "");
    give(roles, state.on_done, Trigger::done, "");
  }
  for (const machine::TimerDecl& timer : machine.timers) {
    give(roles,
         timer.transitions,
         timer.recurring ? Trigger::every : Trigger::after,
         timer_text(timer));
  }
  for (const machine::InvokeDecl& invoke : machine.invokes) {
    give(roles, invoke.on_done, Trigger::invoked, invoke.id);
    give(roles, invoke.on_error, Trigger::failed, invoke.id);
    give(roles, invoke.on_each, Trigger::each, invoke.id);
  }
  for (const machine::ManualAction& action : machine.actions)
    give(roles, action.transitions, Trigger::action, action.name);
  for (const machine::TaskDecl& task : machine.tasks)
    give(roles, task.overdue, Trigger::overdue, "");
  return roles;
}

std::string role_text(const TransitionRole& role) {
  switch (role.trigger) {
    case Trigger::event: return "on " + role.name;
    case Trigger::always: return "always";
    case Trigger::done: return "on_done";
    case Trigger::after: return "after " + role.name;
    case Trigger::every: return "every " + role.name;
    case Trigger::invoked: return "on_done of " + role.name;
    case Trigger::failed: return "on_error of " + role.name;
    case Trigger::each: return "on_each of " + role.name;
    case Trigger::action: return "action " + role.name;
    case Trigger::overdue: return "overdue";
  }
  return "";
}

std::string timer_text(const machine::TimerDecl& timer) {
  if (!timer.cron.empty()) return "cron " + timer.cron;
  if (timer.when == nullptr) return "";
  const types::Value* constant = expr::constant_of(*timer.when);
  if (constant != nullptr && constant->kind() == types::Kind::duration)
    return format_duration(constant->to_duration());
  const std::string source = source_line(timer.when);
  return source.empty() && constant != nullptr ? types::to_json(*constant) : source;
}

std::string action_text(const machine::Action& action) {
  using machine::ActionKind;
  switch (action.kind) {
    case ActionKind::set: return set_text(action);
    case ActionKind::reply: return action.error != nullptr ? "reply error" : "reply";
    case ActionKind::emit: return "emit " + action.name;
    case ActionKind::raise: return "raise " + action.name;
    case ActionKind::call:
      return "call " + action.call->operation->adapter + "." + action.call->operation->name;
    case ActionKind::start: return "start " + action.name;
    case ActionKind::log: return "log";
    case ActionKind::incident: return "incident";
    case ActionKind::send: return "send " + action.name;
    case ActionKind::cancel: return "cancel " + action.name;
  }
  return "";
}

std::string invoke_text(const machine::InvokeDecl& invoke) {
  switch (invoke.kind) {
    case machine::InvokeKind::call:
      return invoke.call.operation->adapter + "." + invoke.call.operation->name;
    case machine::InvokeKind::compensate: return "compensate";
    case machine::InvokeKind::workflow: break;
  }
  if (!invoke.one_of.empty()) return "workflow " + joined(invoke.one_of, " | ");
  const types::Value* name =
      invoke.workflow != nullptr ? expr::constant_of(*invoke.workflow) : nullptr;
  return "workflow " +
         (name != nullptr && name->is_string() ? name->as_string() : source_line(invoke.workflow));
}

std::string source_line(const expr::ProgramRef& program) {
  return program == nullptr ? "" : on_one_line(expr::source_of(*program));
}

std::string path_text(const std::vector<machine::PathStep>& path) {
  std::string out;
  for (const machine::PathStep& step : path) {
    if (step.index != nullptr) {
      out += "[" + source_line(step.index) + "]";
    } else {
      out += (out.empty() ? "" : ".") + step.field;
    }
  }
  return out;
}

}  // namespace vozex::lab
