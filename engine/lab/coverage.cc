// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/coverage.h"

#include <algorithm>

namespace vozex::lab {
namespace {

using machine::State;
using machine::StateKind;
using machine::Transition;

bool counts(const State& state) {
  return state.index != machine::k_root && state.kind != StateKind::history_shallow &&
         state.kind != StateKind::history_deep;
}

// Where a transition stands in its state, for those without an event name of their own.
std::string role_of(const machine::Machine& machine, machine::TransitionIndex index) {
  const auto holds = [index](const std::vector<machine::TransitionIndex>& list) {
    return std::find(list.begin(), list.end(), index) != list.end();
  };
  for (const machine::TimerDecl& timer : machine.timers) {
    if (holds(timer.transitions)) return timer.recurring ? "every" : "after";
  }
  for (const machine::InvokeDecl& invoke : machine.invokes) {
    if (holds(invoke.on_done)) return "on_done of " + invoke.id;
    if (holds(invoke.on_error)) return "on_error of " + invoke.id;
    if (holds(invoke.on_each)) return "on_each of " + invoke.id;
  }
  for (const machine::ManualAction& action : machine.actions) {
    if (holds(action.transitions)) return "action " + action.name;
  }
  for (const machine::TaskDecl& task : machine.tasks) {
    if (holds(task.overdue)) return "overdue";
  }
  const State& source = machine.states[machine.transitions[index].source];
  if (holds(source.always)) return "always";
  if (holds(source.on_done)) return "on_done";
  return "on " + machine.transitions[index].event;
}

std::string describe(const machine::Machine& machine, machine::TransitionIndex index) {
  const Transition& transition = machine.transitions[index];
  const std::string& path = machine.states[transition.source].path;
  std::string text = (path.empty() ? machine.workflow : path) + ": " + role_of(machine, index);
  if (transition.when != nullptr) text += " when " + expr::source_of(*transition.when);
  for (const machine::StateIndex target : transition.targets)
    text += " -> " + machine.states[target].path;
  return text;
}

}  // namespace

void CoverageMap::note(const Inhabitant& instance) {
  Reached& reached = by_workflow_[instance.machine->workflow];
  if (reached.machine == nullptr) {
    reached.machine = instance.machine;
    reached.states.resize(instance.machine->states.size());
    reached.transitions.resize(instance.machine->transitions.size());
  }
  for (const std::string& path : instance.last.explanation.entered) {
    const machine::StateIndex state = instance.machine->find_state(path);
    if (state < reached.states.size()) reached.states[state] = true;
  }
  for (const machine::TransitionIndex index : instance.last.explanation.taken) {
    if (index < reached.transitions.size()) reached.transitions[index] = true;
  }
}

std::vector<Coverage> CoverageMap::result() const {
  std::vector<Coverage> all;
  for (const auto& [workflow, reached] : by_workflow_) {
    Coverage coverage;
    coverage.workflow = workflow;
    coverage.state_hit = reached.states;
    coverage.transition_hit = reached.transitions;
    summarise(coverage, *reached.machine);
    all.push_back(std::move(coverage));
  }
  return all;
}

void summarise(Coverage& coverage, const machine::Machine& machine) {
  for (const State& state : machine.states) {
    if (!counts(state)) continue;
    ++coverage.states;
    if (coverage.state_hit[state.index]) {
      ++coverage.states_reached;
    } else {
      coverage.missed_states.push_back({state.path, state.span.line, state.index});
    }
  }
  for (machine::TransitionIndex i = 0; i < machine.transitions.size(); ++i) {
    ++coverage.transitions;
    if (coverage.transition_hit[i]) {
      ++coverage.transitions_reached;
    } else {
      coverage.missed_transitions.push_back(
          {describe(machine, i), machine.transitions[i].span.line, i});
    }
  }
}

}  // namespace vozex::lab
