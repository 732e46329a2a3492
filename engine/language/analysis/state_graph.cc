// SPDX-License-Identifier: Apache-2.0
#include "engine/language/analysis/state_graph.h"

#include <algorithm>

namespace vozex::language {

using machine::k_no_state;
using machine::k_root;
using machine::Machine;
using machine::State;
using machine::StateIndex;
using machine::StateKind;
using machine::Transition;
using machine::TransitionIndex;

bool is_history(const State& state) {
  return state.kind == StateKind::history_deep || state.kind == StateKind::history_shallow;
}

bool is_leaf(const State& state) {
  return state.kind == StateKind::atomic || state.kind == StateKind::final;
}

bool is_within(const Machine& machine, StateIndex state, StateIndex ancestor) {
  return state == ancestor || machine.is_descendant(state, ancestor);
}

bool can_be_together(const Machine& machine, StateIndex a, StateIndex b) {
  if (is_within(machine, a, b) || is_within(machine, b, a)) return true;
  StateIndex above = machine.states[a].parent;
  while (!machine.is_descendant(b, above)) above = machine.states[above].parent;
  return machine.states[above].kind == StateKind::parallel;
}

StateIndex domain_of(const Machine& machine, const Transition& transition) {
  if (transition.targets.empty()) return k_no_state;
  const auto all_inside = [&](StateIndex domain) {
    return std::all_of(transition.targets.begin(),
                       transition.targets.end(),
                       [&](StateIndex target) { return machine.is_descendant(target, domain); });
  };
  const State& source = machine.states[transition.source];
  const bool to_itself = transition.targets.size() == 1 && transition.targets[0] == source.index;
  if (!transition.reenter && to_itself && is_leaf(source)) return k_no_state;
  if (!transition.reenter && (to_itself || all_inside(source.index))) return source.index;
  for (StateIndex above = source.parent; above != k_no_state;
       above = machine.states[above].parent) {
    const bool joins = above == k_root || machine.states[above].kind == StateKind::compound;
    if (joins && all_inside(above)) return above;
  }
  return k_root;
}

StateGraph::StateGraph(const Machine& machine, const std::vector<bool>& dead)
    : machine_(machine), edges_(machine.states.size() * 3) {
  for (const State& state : machine.states) add_state(state);
  for (std::size_t i = 0; i < machine.transitions.size(); ++i) {
    if (!dead[i]) add_transition(machine.transitions[i]);
  }
  find_reached();
  find_components();
}

void StateGraph::add_state(const State& state) {
  if (is_history(state)) {
    add_history(state);
    return;
  }
  const StateIndex index = state.index;
  add(entered(index), active(index));
  add(defaulted(index), entered(index));
  if (state.parent != k_no_state) add(active(index), active(state.parent));
  if (state.kind == StateKind::parallel) {
    for (const StateIndex region : state.children) add(defaulted(index), defaulted(region));
  }
  for (const StateIndex inside : state.initial)
    add_path(edges_[defaulted(index)], inside, index, state.initial);
}

void StateGraph::add_history(const State& state) {
  for (const StateIndex fallback : state.initial)
    add_path(edges_[defaulted(state.index)], fallback, state.parent, state.initial);
  const State& parent = machine_.states[state.parent];
  if (state.kind == StateKind::history_shallow) {
    for (const StateIndex child : parent.children)
      restored_.emplace_back(defaulted(state.index), defaulted(child));
    return;
  }
  for (StateIndex inside = parent.index + 1; inside < parent.end; ++inside) {
    if (!is_history(machine_.states[inside]))
      restored_.emplace_back(defaulted(state.index), entered(inside));
  }
}

// The target with its default states, what is entered on the way down to it, and the regions beside
// it.
void StateGraph::add_path(std::vector<Node>& to,
                          StateIndex target,
                          StateIndex domain,
                          const std::vector<StateIndex>& targets) const {
  to.push_back(defaulted(target));
  for (StateIndex above = machine_.states[target].parent;
       above != k_no_state && above != domain && above != k_root;
       above = machine_.states[above].parent) {
    to.push_back(entered(above));
    if (machine_.states[above].kind != StateKind::parallel) continue;
    for (const StateIndex region : machine_.states[above].children) {
      const bool aimed_at = std::any_of(targets.begin(), targets.end(), [&](StateIndex other) {
        return is_within(machine_, other, region);
      });
      if (!aimed_at) to.push_back(defaulted(region));
    }
  }
}

void StateGraph::add_targets(std::vector<Node>& to, const Transition& transition) const {
  const StateIndex domain = domain_of(machine_, transition);
  for (const StateIndex target : transition.targets) {
    if (target == domain) {
      to.push_back(defaulted(target));
    } else {
      add_path(to, target, domain, transition.targets);
    }
  }
}

void StateGraph::add_transition(const Transition& transition) {
  const StateIndex domain = domain_of(machine_, transition);
  if (domain == k_no_state) return;
  add_targets(edges_[active(transition.source)], transition);
  // One that leaves a parallel state ends the regions beside it, too.
  for (StateIndex above = machine_.states[transition.source].parent;
       above != k_no_state && machine_.is_descendant(above, domain);
       above = machine_.states[above].parent) {
    if (machine_.states[above].kind == StateKind::parallel)
      add_targets(edges_[active(above)], transition);
  }
}

void StateGraph::find_reached() {
  reached_.assign(edges_.size(), false);
  std::vector<Node> waiting{defaulted(k_root)};
  reached_[waiting.back()] = true;
  while (!waiting.empty()) {
    const Node at = waiting.back();
    waiting.pop_back();
    for (const Node next : edges_[at]) {
      if (reached_[next]) continue;
      reached_[next] = true;
      waiting.push_back(next);
    }
  }
}

void StateGraph::find_components() {
  for (const auto& [from, to] : restored_) add(from, to);
  back_.resize(edges_.size());
  for (Node from = 0; from < edges_.size(); ++from) {
    for (const Node to : edges_[from]) back_[to].push_back(from);
  }
  component_ = components(edges_);
}

bool StateGraph::is_entered_again(StateIndex state) const {
  return reached_[active(state)] && component_[active(state)] == component_[entered(state)];
}

bool StateGraph::is_entered_again_by(StateIndex state,
                                     const std::vector<TransitionIndex>& ways) const {
  std::vector<Node> waiting;
  const StateIndex parent = machine_.states[state].parent;
  if (parent != k_no_state) waiting.push_back(active(parent));
  for (const TransitionIndex way : ways) {
    if (domain_of(machine_, machine_.transitions[way]) != k_no_state)
      add_targets(waiting, machine_.transitions[way]);
  }
  std::vector<bool> seen(edges_.size(), false);
  while (!waiting.empty()) {
    const Node at = waiting.back();
    waiting.pop_back();
    if (at == entered(state)) return true;
    if (seen[at]) continue;
    seen[at] = true;
    waiting.insert(waiting.end(), edges_[at].begin(), edges_[at].end());
  }
  return false;
}

std::vector<bool> StateGraph::leads_to(const std::vector<StateIndex>& goals) const {
  std::vector<bool> seen(edges_.size(), false);
  std::vector<Node> waiting;
  waiting.reserve(goals.size());
  for (const StateIndex goal : goals) waiting.push_back(active(goal));
  while (!waiting.empty()) {
    const Node at = waiting.back();
    waiting.pop_back();
    if (seen[at]) continue;
    seen[at] = true;
    waiting.insert(waiting.end(), back_[at].begin(), back_[at].end());
    // Beside a region the others go on by themselves.
    const State& state = machine_.states[at / 3];
    if (at == defaulted(state.index) && state.parent != k_no_state &&
        machine_.states[state.parent].kind == StateKind::parallel)
      waiting.push_back(active(state.parent));
  }
  std::vector<bool> result(machine_.states.size());
  for (const State& state : machine_.states) result[state.index] = seen[active(state.index)];
  return result;
}

}  // namespace vozex::language
