// SPDX-License-Identifier: Apache-2.0
#include "engine/step/sets.h"

namespace vozex::stepping {
namespace {

using machine::k_no_state;
using machine::k_root;

bool is_history(const State& state) {
  return state.kind == StateKind::history_shallow || state.kind == StateKind::history_deep;
}

bool is_within(const Machine& machine, StateIndex state, StateIndex ancestor) {
  return state == ancestor || machine.is_descendant(state, ancestor);
}

const std::vector<StateIndex>* recorded(const Snapshot& snapshot, StateIndex history) {
  for (const auto& [pseudo, states] : snapshot.history) {
    if (pseudo == history) return &states;
  }
  return nullptr;
}

// What entering a history state leads to: what was recorded, or its default.
const std::vector<StateIndex>& history_value(const Run& run, const State& history) {
  const std::vector<StateIndex>* states = recorded(run.next, history.index);
  return states != nullptr ? *states : history.initial;
}

// Defaults that lead from history to history are followed this far.
constexpr int k_max_history_hops = 8;

void add_effective(const Run& run, StateIndex target, StateSet& out, int hops) {
  const State& state = run.state(target);
  if (!is_history(state)) {
    out.insert_sorted(target);
    return;
  }
  if (hops == 0) return;
  for (const StateIndex inner : history_value(run, state)) add_effective(run, inner, out, hops - 1);
}

bool any_below(const Machine& machine, const StateSet& set, StateIndex ancestor) {
  for (const StateIndex state : set) {
    if (machine.is_descendant(state, ancestor)) return true;
  }
  return false;
}

void add_ancestor_states_to_enter(const Run& run,
                                  StateIndex state,
                                  StateIndex ancestor,
                                  StateSet& to_enter);

void add_descendant_states_to_enter(const Run& run,
                                    StateIndex index,
                                    StateSet& to_enter,
                                    int hops) {
  const State& state = run.state(index);
  if (is_history(state)) {
    if (hops == 0) return;
    const std::vector<StateIndex>& value = history_value(run, state);
    for (const StateIndex inner : value)
      add_descendant_states_to_enter(run, inner, to_enter, hops - 1);
    for (const StateIndex inner : value)
      add_ancestor_states_to_enter(run, inner, state.parent, to_enter);
    return;
  }
  to_enter.insert_sorted(index);
  if (state.kind == StateKind::compound) {
    for (const StateIndex inner : state.initial)
      add_descendant_states_to_enter(run, inner, to_enter, hops);
    for (const StateIndex inner : state.initial)
      add_ancestor_states_to_enter(run, inner, index, to_enter);
  } else if (state.kind == StateKind::parallel) {
    for (const StateIndex child : state.children) {
      if (to_enter.contains(child) || any_below(run.machine, to_enter, child)) continue;
      add_descendant_states_to_enter(run, child, to_enter, hops);
    }
  }
}

void add_ancestor_states_to_enter(const Run& run,
                                  StateIndex index,
                                  StateIndex ancestor,
                                  StateSet& to_enter) {
  for (StateIndex above = run.state(index).parent; above != k_no_state && above != ancestor;
       above = run.state(above).parent) {
    if (above == k_root) return;
    to_enter.insert_sorted(above);
    if (run.state(above).kind != StateKind::parallel) continue;
    for (const StateIndex child : run.state(above).children) {
      if (to_enter.contains(child) || any_below(run.machine, to_enter, child)) continue;
      add_descendant_states_to_enter(run, child, to_enter, k_max_history_hops);
    }
  }
}

bool all_within(const Machine& machine, const StateSet& states, StateIndex ancestor) {
  for (const StateIndex state : states) {
    if (!is_within(machine, state, ancestor)) return false;
  }
  return true;
}

// Whether the child of the parallel `domain` above `state` holds one of the targets: only such
// regions are left.
bool region_is_left(const Machine& machine,
                    StateIndex state,
                    StateIndex domain,
                    const StateSet& targets) {
  StateIndex region = state;
  while (machine.states[region].parent != domain) region = machine.states[region].parent;
  for (const StateIndex target : targets) {
    if (target == domain || is_within(machine, target, region)) return true;
  }
  return false;
}

// The usual case, without sets: one target that is no history.
StateIndex domain_of_one(const Machine& machine, const Transition& transition) {
  const StateIndex target = transition.targets[0];
  const StateIndex source = transition.source;
  if (!transition.reenter && is_within(machine, target, source)) return source;
  StateIndex above = machine.states[source].parent;
  while (above != k_no_state && above != k_root) {
    const bool joins = machine.states[above].kind == StateKind::compound;
    if (joins && machine.is_descendant(target, above)) return above;
    above = machine.states[above].parent;
  }
  return k_root;
}

// An atomic state to itself without `reenter` leaves and enters nothing: like a targetless
// transition it runs beside one of another region that leaves them both, and must not enter its
// state behind it.
bool stays(const Run& run, const Transition& transition) {
  const StateKind kind = run.state(transition.source).kind;
  if (transition.reenter || (kind != StateKind::atomic && kind != StateKind::final)) return false;
  return get_transition_domain(run, transition) == transition.source;
}

// An atomic state beside the source: the only one that is entered.
bool enters_itself_only(const Run& run, const Transition& transition) {
  if (transition.targets.size() != 1) return false;
  const State& target = run.state(transition.targets[0]);
  const bool atomic = target.kind == StateKind::atomic || target.kind == StateKind::final;
  return atomic && target.parent == get_transition_domain(run, transition);
}

}  // namespace

StateSet get_effective_target_states(const Run& run, const Transition& transition) {
  StateSet targets;
  for (const StateIndex target : transition.targets)
    add_effective(run, target, targets, k_max_history_hops);
  return targets;
}

StateIndex find_lcca(const Machine& machine, const StateSet& states) {
  if (states.empty()) return k_root;
  for (StateIndex above = machine.states[states[0]].parent; above != k_no_state;
       above = machine.states[above].parent) {
    const bool joins = above == k_root || machine.states[above].kind == StateKind::compound;
    bool holds_all = joins;
    for (std::size_t i = 0; holds_all && i < states.size(); ++i) {
      holds_all = machine.is_descendant(states[i], above);
    }
    if (holds_all) return above;
  }
  return k_root;
}

StateIndex get_transition_domain(const Run& run, const Transition& transition) {
  if (transition.targets.size() == 1 && !is_history(run.state(transition.targets[0]))) {
    return domain_of_one(run.machine, transition);
  }
  StateSet states = get_effective_target_states(run, transition);
  if (states.empty()) return k_no_state;
  if (!transition.reenter && all_within(run.machine, states, transition.source))
    return transition.source;
  states.insert_sorted(transition.source);
  return find_lcca(run.machine, states);
}

StateSet compute_exit_set(const Run& run, const Transition& transition) {
  StateSet left;
  const StateIndex domain = get_transition_domain(run, transition);
  if (domain == k_no_state) return left;
  const bool by_region = run.state(domain).kind == StateKind::parallel;
  StateSet targets;
  if (by_region) targets = get_effective_target_states(run, transition);
  for (const StateIndex state : run.next.configuration) {
    if (!run.machine.is_descendant(state, domain)) continue;
    if (by_region && !region_is_left(run.machine, state, domain, targets)) continue;
    left.push_back(state);
  }
  return left;
}

StateSet compute_entry_set(const Run& run, const TransitionList& transitions) {
  StateSet to_enter;
  if (transitions.size() == 1 && enters_itself_only(run, *transitions[0])) {
    const StateIndex target = transitions[0]->targets[0];
    if (!run.next.is_active(target)) to_enter.push_back(target);
    return to_enter;
  }
  for (const Transition* transition : transitions) {
    if (transition->targets.empty() || stays(run, *transition)) continue;
    for (const StateIndex target : transition->targets) {
      add_descendant_states_to_enter(run, target, to_enter, k_max_history_hops);
    }
    const StateIndex domain = get_transition_domain(run, *transition);
    for (const StateIndex target : get_effective_target_states(run, *transition)) {
      // A source that is its own target without `reenter` stays, and so does all above it.
      if (target != domain) add_ancestor_states_to_enter(run, target, domain, to_enter);
    }
  }
  StateSet fresh;
  for (const StateIndex state : to_enter) {
    if (state != k_root && !run.next.is_active(state)) fresh.push_back(state);
  }
  return fresh;
}

StateSet compute_initial_set(const Run& run) {
  StateSet to_enter;
  const State& root = run.state(k_root);
  if (root.kind == StateKind::parallel) {
    for (const StateIndex child : root.children) {
      add_descendant_states_to_enter(run, child, to_enter, k_max_history_hops);
    }
    return to_enter;
  }
  for (const StateIndex target : root.initial) {
    add_descendant_states_to_enter(run, target, to_enter, k_max_history_hops);
  }
  for (const StateIndex target : root.initial)
    add_ancestor_states_to_enter(run, target, k_root, to_enter);
  return to_enter;
}

}  // namespace vozex::stepping
