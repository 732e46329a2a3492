// SPDX-License-Identifier: Apache-2.0
// States as a whole: those that nothing leads to, and those that nothing leads out of.
#include <algorithm>

#include "engine/language/stages.h"

namespace vozex::language {
namespace {

using machine::k_no_state;
using machine::k_root;
using machine::State;
using machine::StateIndex;
using machine::StateKind;
using machine::TransitionIndex;

// Every transition that stands in a state, wherever it hangs.
std::vector<std::vector<TransitionIndex>> transitions_by_state(const machine::Machine& machine) {
  std::vector<std::vector<TransitionIndex>> by_state(machine.states.size());
  for (TransitionIndex i = 0; i < machine.transitions.size(); ++i)
    by_state[machine.transitions[i].source].push_back(i);
  return by_state;
}

// Marks what can become active, ignoring guards.
class Reach {
 public:
  explicit Reach(const machine::Machine& machine)
      : machine_(machine),
        by_state_(transitions_by_state(machine)),
        reached_(machine.states.size(), false) {
    enter(k_root);
    while (!waiting_.empty()) {
      const StateIndex state = waiting_.back();
      waiting_.pop_back();
      for (const TransitionIndex index : by_state_[state]) {
        for (const StateIndex target : machine_.transitions[index].targets) enter(target);
      }
    }
  }

  bool reached(StateIndex state) const { return reached_[state]; }

 private:
  void mark(StateIndex state) {
    if (reached_[state]) return;
    reached_[state] = true;
    waiting_.push_back(state);
    if (machine_.states[state].kind != StateKind::parallel) return;
    for (const StateIndex region : machine_.states[state].children) enter(region);
  }

  // The state, those around it, and where entering it leads.
  void enter(StateIndex state) {
    if (reached_[state]) return;
    for (StateIndex above = machine_.states[state].parent; above != k_no_state;
         above = machine_.states[above].parent)
      mark(above);
    mark(state);
    for (const StateIndex inside : machine_.states[state].initial) enter(inside);
  }

  const machine::Machine& machine_;
  std::vector<std::vector<TransitionIndex>> by_state_;
  std::vector<bool> reached_;
  std::vector<StateIndex> waiting_;
};

void check_reach(Unit& unit, const Reach& reach) {
  const machine::Machine& machine = *unit.machine;
  for (const State& state : machine.states) {
    const bool parent_reached = state.parent == k_no_state || reach.reached(state.parent);
    if (reach.reached(state.index) || !parent_reached) continue;
    unit.report.warning(code::unreachable_state,
                        state.span,
                        "nothing leads to `" + state.path + "`",
                        "name it as the target of a transition, or remove it");
  }
}

// Whether something can lead out of a state: a transition with a target in it, in one around it, or
// in a region beside it. Counted once for the whole machine.
class WaysOut {
 public:
  explicit WaysOut(const machine::Machine& machine)
      : machine_(machine), moves_(machine.states.size(), false), before_(1, 0) {
    for (const machine::Transition& transition : machine.transitions) {
      if (!transition.targets.empty()) moves_[transition.source] = true;
    }
    for (const bool moves : moves_) before_.push_back(before_.back() + (moves ? 1U : 0U));
  }

  bool exist(StateIndex state) const {
    for (StateIndex at = state; at != k_no_state; at = machine_.states[at].parent) {
      const State& here = machine_.states[at];
      const bool beside = here.kind == StateKind::parallel && before_[here.end] > before_[at];
      if (moves_[at] || beside) return true;
    }
    return false;
  }

 private:
  const machine::Machine& machine_;
  std::vector<bool> moves_;
  std::vector<std::uint32_t> before_;  // how many of the states before this index have one
};

// Calls, children and tasks without a target may still be what the state is for: it waits for its
// end, which never comes.
void check_ways_out(Unit& unit, const Reach& reach) {
  const machine::Machine& machine = *unit.machine;
  const WaysOut ways_out(machine);
  for (const State& state : machine.states) {
    if (state.kind != StateKind::atomic || !reach.reached(state.index) ||
        ways_out.exist(state.index))
      continue;
    unit.report.warning(
        code::stuck_state,
        state.span,
        "nothing leads out of `" + state.path + "`: an instance stays there for ever",
        "make it an end with `type: final`, or give it an event, a timer, a call or an action with "
        "a target");
  }
}

}  // namespace

void check_states(Unit& unit) {
  if (has_errors(unit.document.diagnostics)) return;
  const Reach reach(*unit.machine);
  check_reach(unit, reach);
  check_ways_out(unit, reach);
}

}  // namespace vozex::language
