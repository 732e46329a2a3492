// SPDX-License-Identifier: Apache-2.0
// Ends that cut work short: of the regions beside, or of the end itself.
#include <algorithm>

#include "engine/language/checks/checks.h"

namespace vozex::language {
namespace {

using machine::InvokeDecl;
using machine::InvokeKind;
using machine::k_no_state;
using machine::k_root;
using machine::Machine;
using machine::State;
using machine::StateIndex;
using machine::StateKind;
using machine::Transition;
using machine::TransitionIndex;

bool is_work(const InvokeDecl& invoke) {
  const bool reads = invoke.kind == InvokeKind::call && invoke.call.operation != nullptr &&
                     invoke.call.operation->read_only;
  return !reads;
}

// By state: itself or the first state inside that has work which an end would cut short.
std::vector<StateIndex> first_with_work(const Facts& facts) {
  const Machine& machine = facts.machine;
  std::vector<StateIndex> first(machine.states.size(), k_no_state);
  for (std::size_t i = machine.states.size(); i-- > 0;) {
    const State& state = machine.states[i];
    const bool works =
        facts.is_reachable(state.index) &&
        std::any_of(state.invokes.begin(), state.invokes.end(), [&](std::uint16_t number) {
          return is_work(machine.invokes[number]);
        });
    if (works) first[i] = state.index;
    if (first[i] != k_no_state && state.parent != k_no_state) first[state.parent] = first[i];
  }
  return first;
}

// A state with work in a region beside the one that the transition stands in.
StateIndex work_beside(const Machine& machine,
                       StateIndex source,
                       const std::vector<StateIndex>& with_work) {
  for (StateIndex at = source; at != k_root; at = machine.states[at].parent) {
    const State& parent = machine.states[machine.states[at].parent];
    if (parent.kind != StateKind::parallel) continue;
    for (const StateIndex region : parent.children) {
      if (region != at && with_work[region] != k_no_state) return with_work[region];
    }
  }
  return k_no_state;
}

void check_cut_short(const Facts& facts, Report& report) {
  const Machine& machine = facts.machine;
  const auto with_work = first_with_work(facts);
  for (TransitionIndex i = 0; i < machine.transitions.size(); ++i) {
    const Transition& transition = machine.transitions[i];
    const auto end =
        std::find_if(transition.targets.begin(), transition.targets.end(), [&](StateIndex target) {
          const State& state = machine.states[target];
          return state.kind == StateKind::final && state.parent == k_root;
        });
    if (end == transition.targets.end() || !facts.may_fire(i)) continue;
    const StateIndex beside = work_beside(machine, transition.source, with_work);
    if (beside == k_no_state) continue;
    report.warning(code::work_cut_short,
                   transition.span,
                   "this ends the workflow in `" + machine.states[*end].path + "` while `" +
                       machine.states[beside].path +
                       "` in the region beside may be at work: its `invoke` is given up",
                   "end the region instead and wait for all with `on_done` of the parallel state, "
                   "or let the parallel state itself decide");
  }
}

// What an end calls is sent, but nothing here can take its failure.
void check_calls_at_the_end(const Facts& facts, Report& report) {
  for (const State& state : facts.machine.states) {
    const bool end = state.kind == StateKind::final && state.parent == k_root;
    if (!end || !facts.is_reachable(state.index)) continue;
    for (const machine::Block& block : state.on_entry) {
      for (const machine::Action& action : block) {
        if (action.call == nullptr || action.call->operation == nullptr ||
            action.call->operation->read_only)
          continue;
        report.warning(code::call_at_the_end,
                       action.span,
                       "the workflow has ended in `" + state.path + "` when " +
                           action.call->operation->adapter + "." + action.call->operation->name +
                           " is called: nobody waits for it or takes its failure",
                       "make it the `invoke` of a state before this one, with `on_done` to here");
      }
    }
  }
}

}  // namespace

void check_ends(const Facts& facts, Report& report) {
  check_cut_short(facts, report);
  check_calls_at_the_end(facts, report);
}

}  // namespace vozex::language
