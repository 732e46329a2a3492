// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/step/migrator.h"

namespace vozex::stepping {
namespace {

using machine::k_no_state;
using machine::k_root;
using machine::State;
using machine::StateIndex;
using machine::StateKind;

bool is_innermost(const State& state) {
  return state.kind == StateKind::atomic || state.kind == StateKind::final;
}

bool is_history(const State& state) {
  return state.kind == StateKind::history_deep || state.kind == StateKind::history_shallow;
}

}  // namespace

// Where one innermost state goes, and with it its parents.
void Migrator::move_innermost(StateIndex state, std::set<StateIndex>& active) {
  const std::string& path = from_.states[state].path;
  const StateIndex moved = new_state(state);
  plan_.states.emplace_back(path, new_path(state));
  if (moved == k_no_state) {
    return obstacle(path,
                    "version " + std::to_string(to_.version) + " has no state " + new_path(state) +
                        ": map " + path + " to one");
  }
  const State& into = to_.states[moved];
  if (!is_innermost(into)) {
    return obstacle(
        path, into.path + " has states inside in the new version: map " + path + " to one of them");
  }
  if (into.kind == StateKind::final && into.parent == k_root)
    return obstacle(path, "a migration ends nothing, and " + into.path + " is an end");
  for (StateIndex at = moved; at != k_root && at != k_no_state; at = to_.states[at].parent)
    active.insert(at);
}

void Migrator::move_configuration() {
  std::set<StateIndex> active;
  for (const StateIndex state : old_.configuration) {
    if (is_innermost(from_.states[state])) move_innermost(state, active);
  }
  if (!plan_.obstacles.empty()) return;
  next_.configuration.assign(active.begin(), active.end());
  check_configuration(k_root);
  for (const StateIndex state : next_.configuration) check_configuration(state);
  run_.configuration_changed = true;
}

// SCXML's legal configuration, 3.11: one child of a compound state, all of a parallel one.
void Migrator::check_configuration(StateIndex index) {
  const State& state = to_.states[index];
  if (state.children.empty()) return;
  std::vector<std::string> active;
  std::string missing;
  for (const StateIndex child : state.children) {
    if (next_.is_active(child)) {
      active.push_back(to_.states[child].path);
    } else {
      missing = to_.states[child].path;
    }
  }
  const std::string name = state.path.empty() ? "the workflow" : state.path;
  if (state.kind == StateKind::parallel) {
    if (active.size() != state.children.size())
      obstacle(state.path, "the region " + missing + " of " + name + " would have no active state");
  } else if (active.size() != 1) {
    obstacle(state.path,
             active.empty()
                 ? name + " would have no active state"
                 : name + " would have two active states, " + active[0] + " and " + active[1]);
  }
}

void Migrator::move_history() {
  next_.history.clear();
  for (const auto& [pseudo, remembered] : old_.history) {
    const StateIndex moved = new_state(pseudo);
    if (moved == k_no_state || !is_history(to_.states[moved]) ||
        to_.states[moved].kind != from_.states[pseudo].kind) {
      plan_.forgotten.push_back(from_.states[pseudo].path);
      continue;
    }
    const StateIndex parent = to_.states[moved].parent;
    std::vector<StateIndex> states;
    for (const StateIndex state : remembered) {
      const StateIndex at = new_state(state);
      const bool deep = to_.states[moved].kind == StateKind::history_deep;
      const bool fits =
          at != k_no_state && (deep ? is_innermost(to_.states[at]) && to_.is_descendant(at, parent)
                                    : to_.states[at].parent == parent);
      if (fits) {
        states.push_back(at);
      } else {
        obstacle(from_.states[pseudo].path,
                 "it remembers " + from_.states[state].path + ", and " + to_.states[moved].path +
                     " can't remember " + new_path(state));
      }
    }
    std::sort(states.begin(), states.end());
    next_.history.emplace_back(moved, std::move(states));
  }
  std::sort(next_.history.begin(), next_.history.end());
}

}  // namespace vozex::stepping
