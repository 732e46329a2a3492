// SPDX-License-Identifier: Apache-2.0
#include "engine/language/analysis/programs.h"

namespace vozex::language {
namespace {

using machine::Action;
using machine::ActionKind;
using machine::Machine;

class Visitor {
 public:
  explicit Visitor(const std::function<void(const UsedProgram&)>& visit) : visit_(visit) {}

  void see(const expr::ProgramRef& program, Use use, const Span& span) const {
    if (program != nullptr) visit_({*program, use, span});
  }

  void set(const std::vector<machine::Assignment>& assignments) const {
    for (const machine::Assignment& assignment : assignments) {
      see(assignment.value, Use::stored, assignment.span);
      for (const machine::PathStep& step : assignment.path)
        see(step.index, Use::condition, assignment.span);
    }
  }

  void call(const machine::CallDecl& call, const Span& span) const {
    see(call.input, Use::passed, span);
    see(call.idempotency_key, Use::key, span);
    see(call.compensate_input, Use::passed, span);
  }

  void action(const Action& action) const {
    see(action.when, Use::condition, action.span);
    see(action.for_each, Use::stored, action.span);
    set(action.set);
    see(action.value, use_of(action.kind), action.span);
    see(action.error, Use::failure, action.span);
    see(action.delay, Use::moment, action.span);
    if (action.call != nullptr) call(*action.call, action.span);
  }

  void state(const machine::State& state) const {
    see(state.status, Use::status, state.span);
    see(state.output, Use::output, state.span);
    see(state.error_message, Use::failure, state.span);
  }

  void invoke(const machine::InvokeDecl& invoke) const {
    call(invoke.call, invoke.span);
    see(invoke.workflow, Use::key, invoke.span);
    see(invoke.input, Use::passed, invoke.span);
    see(invoke.for_each, Use::stored, invoke.span);
    see(invoke.join_when, Use::condition, invoke.span);
  }

  void task(const machine::TaskDecl& task) const {
    for (const expr::ProgramRef* shown :
         {&task.queue, &task.roles, &task.assignee, &task.title, &task.supervisors})
      see(*shown, Use::task, task.span);
    for (const machine::Escalation& step : task.escalations) {
      for (const expr::ProgramRef* shown : {&step.queue, &step.roles, &step.assignee})
        see(*shown, Use::task, step.span);
    }
    see(task.due, Use::moment, task.span);
  }

 private:
  static Use use_of(ActionKind kind) {
    switch (kind) {
      case ActionKind::emit: return Use::emitted;
      case ActionKind::reply: return Use::output;
      case ActionKind::log:
      case ActionKind::incident: return Use::text;
      case ActionKind::raise:
      case ActionKind::start:
      case ActionKind::send:
      case ActionKind::call: return Use::passed;
      case ActionKind::set:
      case ActionKind::cancel: return Use::stored;
    }
    return Use::stored;
  }

  const std::function<void(const UsedProgram&)>& visit_;
};

void visit_declarations(const Machine& machine, const Visitor& visitor) {
  static const Span nowhere;
  visitor.see(machine.key, Use::key, nowhere);
  for (const auto* fields : {&machine.data_fields, &machine.input_defaults}) {
    for (const machine::DataField& field : *fields)
      visitor.see(field.default_value, Use::stored, nowhere);
  }
  for (const machine::AliasDecl& alias : machine.aliases)
    visitor.see(alias.value, Use::key, alias.span);
  for (const machine::AliasDecl& field : machine.search)
    visitor.see(field.value, Use::search, field.span);
  for (const machine::EventDecl& event : machine.events) {
    for (const machine::MatchForm& form : event.match)
      visitor.see(form.value, Use::key, event.span);
  }
  for (const machine::StartRule& rule : machine.start_rules) {
    visitor.see(rule.when, Use::condition, rule.span);
    visitor.see(rule.input, Use::passed, rule.span);
  }
  for (const machine::StartSchedule& schedule : machine.start_schedules)
    visitor.see(schedule.input, Use::passed, schedule.span);
  for (const machine::Invariant& invariant : machine.invariants)
    visitor.see(invariant.holds, Use::condition, invariant.span);
  for (const machine::Property& property : machine.properties) {
    visitor.see(property.first, Use::condition, property.span);
    visitor.see(property.second, Use::condition, property.span);
  }
  for (const machine::Migration& migration : machine.migrations) visitor.set(migration.set);
}

}  // namespace

void for_each_action(const Machine& machine, const std::function<void(const Action&)>& visit) {
  const auto block = [&](const machine::Block& actions) {
    for (const Action& action : actions) visit(action);
  };
  for (const machine::State& state : machine.states) {
    for (const machine::Block& actions : state.on_entry) block(actions);
    for (const machine::Block& actions : state.on_exit) block(actions);
  }
  for (const machine::Transition& transition : machine.transitions) block(transition.actions);
}

void for_each_program(const Machine& machine,
                      const std::function<void(const UsedProgram&)>& visit) {
  const Visitor visitor(visit);
  visit_declarations(machine, visitor);
  for (const machine::State& state : machine.states) visitor.state(state);
  for_each_action(machine, [&](const Action& action) { visitor.action(action); });
  for (const machine::Transition& transition : machine.transitions)
    visitor.see(transition.when, Use::condition, transition.span);
  for (const machine::TimerDecl& timer : machine.timers)
    visitor.see(timer.when, Use::moment, timer.span);
  for (const machine::InvokeDecl& invoke : machine.invokes) visitor.invoke(invoke);
  for (const machine::ManualAction& action : machine.actions) {
    visitor.see(action.when, Use::condition, action.span);
    visitor.see(action.prefill, Use::task, action.span);
  }
  for (const machine::TaskDecl& task : machine.tasks) visitor.task(task);
}

}  // namespace vozex::language
