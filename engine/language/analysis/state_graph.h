// SPDX-License-Identifier: Apache-2.0
//
// StateGraph: which state can lead to which, ignoring guards: exactly as transitions enter and
// leave states (targets, default states, regions beside a target, history), as SCXML's Appendix D
// computes it and engine/step carries it out. Built once for a machine in time linear in its states
// and transitions; a plain value. Tests: tests/unit/language/analysis_test.cc.
#pragma once

#include <utility>
#include <vector>

#include "engine/language/analysis/components.h"
#include "engine/machine/machine.h"

namespace vozex::language {

class StateGraph {
 public:
  // `dead` are transitions that never fire, by index: they lead nowhere.
  StateGraph(const machine::Machine& machine, const std::vector<bool>& dead);

  // Whether an instance can ever be in the state.
  bool is_reachable(machine::StateIndex state) const { return reached_[active(state)]; }
  // Whether it can be entered once more after it has been entered.
  bool is_entered_again(machine::StateIndex state) const;
  // The same, when the state is left by a transition of its own among `ways`, or by one around it.
  bool is_entered_again_by(machine::StateIndex state,
                           const std::vector<machine::TransitionIndex>& ways) const;
  // By state: whether an instance in it can later be (or is at the same time) in one of `goals`.
  std::vector<bool> leads_to(const std::vector<machine::StateIndex>& goals) const;

 private:
  using Node = std::uint32_t;
  // Three things that can happen to a state: it is active, it is entered, it is entered with its
  // default states.
  static Node active(machine::StateIndex state) { return state * 3U; }
  static Node entered(machine::StateIndex state) { return state * 3U + 1; }
  static Node defaulted(machine::StateIndex state) { return state * 3U + 2; }

  void add(Node from, Node to) { edges_[from].push_back(to); }
  void add_state(const machine::State& state);
  void add_history(const machine::State& state);
  void add_transition(const machine::Transition& transition);
  void add_path(std::vector<Node>& to,
                machine::StateIndex target,
                machine::StateIndex domain,
                const std::vector<machine::StateIndex>& targets) const;
  // What a transition enters.
  void add_targets(std::vector<Node>& to, const machine::Transition& transition) const;
  void find_reached();
  void find_components();

  const machine::Machine& machine_;
  Edges edges_;
  Edges back_;                                   // the same, from their ends
  std::vector<std::pair<Node, Node>> restored_;  // by history: only what was active before
  std::vector<bool> reached_;                    // by node
  std::vector<std::uint32_t> component_;         // by node: strongly connected
};

// The state inside which a transition happens: all active states below it are left. k_no_state when
// none is: a transition without target, or of an atomic state to itself without `reenter`.
machine::StateIndex domain_of(const machine::Machine& machine,
                              const machine::Transition& transition);

// Whether the two can be active at once: one inside the other, or in different regions.
bool can_be_together(const machine::Machine& machine, machine::StateIndex a, machine::StateIndex b);

bool is_within(const machine::Machine& machine,
               machine::StateIndex state,
               machine::StateIndex ancestor);
bool is_history(const machine::State& state);
// Neither states inside nor a history: what an instance rests in.
bool is_leaf(const machine::State& state);

}  // namespace vozex::language
