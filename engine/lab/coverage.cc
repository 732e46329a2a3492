// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/coverage.h"

#include "engine/lab/transition_roles.h"

namespace vozex::lab {
namespace {

using machine::State;
using machine::StateKind;
using machine::Transition;

bool counts(const State& state) {
  return state.index != machine::k_root && state.kind != StateKind::history_shallow &&
         state.kind != StateKind::history_deep;
}

std::string describe(const machine::Machine& machine,
                     const TransitionRole& role,
                     const Transition& transition) {
  const std::string& path = machine.states[transition.source].path;
  std::string text = (path.empty() ? machine.workflow : path) + ": " + role_text(role);
  if (transition.when != nullptr) text += " when " + source_line(transition.when);
  for (const machine::StateIndex target : transition.targets)
    text += " -> " + machine.states[target].path;
  return text;
}

}  // namespace

void CoverageMap::note(const Inhabitant& instance) {
  Reached& reached = reached_[{instance.machine->workflow, instance.machine->version}];
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
  for (const auto& [version, reached] : reached_) {
    // Of each workflow the newest version that was reached, which sorts last.
    if (!all.empty() && all.back().workflow == version.first) all.pop_back();
    Coverage coverage;
    coverage.workflow = version.first;
    coverage.version = version.second;
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
  const std::vector<TransitionRole> roles = roles_of(machine);
  for (machine::TransitionIndex i = 0; i < machine.transitions.size(); ++i) {
    ++coverage.transitions;
    if (coverage.transition_hit[i]) {
      ++coverage.transitions_reached;
    } else {
      coverage.missed_transitions.push_back({describe(machine, roles[i], machine.transitions[i]),
                                             machine.transitions[i].span.line,
                                             i});
    }
  }
}

}  // namespace vozex::lab
