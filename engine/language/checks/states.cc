// SPDX-License-Identifier: Apache-2.0
// States as a whole: those that nothing leads to, those that nothing leads out of, those that are
// left as soon as they are entered; and targets that go nowhere.
#include <algorithm>

#include "engine/language/checks/checks.h"

namespace vozex::language {
namespace {

using machine::k_no_state;
using machine::k_root;
using machine::Machine;
using machine::State;
using machine::StateIndex;
using machine::StateKind;
using machine::Transition;
using machine::TransitionIndex;

// ---- reach ----

// The first dead transition to each state: its only ways in are such.
std::vector<std::uint32_t> lines_of_dead_ways_in(const Facts& facts) {
  std::vector<std::uint32_t> lines(facts.machine.states.size(), 0);
  for (std::size_t i = 0; i < facts.dead.size(); ++i) {
    if (!facts.dead[i]) continue;
    for (const StateIndex target : facts.machine.transitions[i].targets) {
      if (lines[target] == 0) lines[target] = facts.machine.transitions[i].span.line;
    }
  }
  return lines;
}

void check_reach(const Facts& facts, Report& report) {
  const auto dead_ways_in = lines_of_dead_ways_in(facts);
  for (const State& state : facts.machine.states) {
    const bool parent_reached = state.parent == k_no_state || facts.is_reachable(state.parent);
    if (is_history(state) || facts.is_reachable(state.index) || !parent_reached) continue;
    const std::uint32_t line = dead_ways_in[state.index];
    report.warning(
        code::unreachable_state,
        state.span,
        "nothing leads to `" + state.path + "`" +
            (line == 0 ? ""
                       : ": the transition of line " + std::to_string(line) + " can never fire"),
        line == 0 ? "name it as the target of a transition that can happen, or remove it"
                  : "mend that transition, or remove the state");
  }
}

// ---- ways out ----

// Whether something can lead out of a state: a transition with a target in it, in one around it, or
// in a region beside it. Counted once for the whole machine. The reserved `cancel` is a way out for
// those who give up, not one that the lifecycle takes.
class WaysOut {
 public:
  explicit WaysOut(const Facts& facts)
      : machine_(facts.machine), moves_(machine_.states.size(), false), before_(1, 0) {
    for (TransitionIndex i = 0; i < machine_.transitions.size(); ++i) {
      const Transition& transition = machine_.transitions[i];
      if (!transition.targets.empty() && !facts.dead[i] && transition.event != "cancel")
        moves_[transition.source] = true;
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
  const Machine& machine_;
  std::vector<bool> moves_;
  std::vector<std::uint32_t> before_;  // how many of the states before this index have one
};

void say_stuck(const Facts& facts, const State& state, Report& report) {
  if (state.kind == StateKind::atomic) {
    report.warning(
        code::stuck_state,
        state.span,
        "nothing leads out of `" + state.path + "`: an instance stays there for ever",
        "make it an end with `type: final`, or give it an event, a timer, a call or an action with "
        "a target");
    return;
  }
  const std::string& parent = facts.machine.states[state.parent].path;
  report.warning(code::stuck_state,
                 state.span,
                 "`" + state.path + "` ends only `" + parent +
                     "`, and nothing leads out of that: an instance stays there for ever",
                 "add `on_done: <state>` to `" + parent +
                     "`; only a final state at the top level ends the workflow");
}

// Calls, children and tasks without a target may still be what the state is for: it waits for its
// end, which never comes.
void check_ways_out(const Facts& facts, Report& report) {
  const WaysOut ways_out(facts);
  for (const State& state : facts.machine.states) {
    const bool top_end = state.kind == StateKind::final && state.parent == k_root;
    if (!is_leaf(state) || top_end || !facts.is_reachable(state.index)) continue;
    if (!ways_out.exist(state.index)) say_stuck(facts, state, report);
  }
}

// ---- left at once ----

std::vector<std::string> what_never_happens(const Facts& facts, const State& state) {
  std::vector<std::string> keys;
  const auto has_timer = [&](bool recurring) {
    return std::any_of(state.timers.begin(), state.timers.end(), [&](std::uint16_t i) {
      return facts.machine.timers[i].recurring == recurring;
    });
  };
  if (!state.on.empty()) keys.emplace_back("on");
  if (has_timer(false)) keys.emplace_back("after");
  if (has_timer(true)) keys.emplace_back("every");
  if (!state.invokes.empty()) keys.emplace_back("invoke");
  if (state.task) keys.emplace_back("task");
  if (!state.actions.empty()) keys.emplace_back("actions");
  return keys;
}

void check_left_at_once(const Facts& facts, Report& report) {
  for (const State& state : facts.machine.states) {
    if (state.index == k_root || state.always.empty() || !facts.is_reachable(state.index)) continue;
    const auto keys = what_never_happens(facts, state);
    if (keys.empty() || !facts.leaves_at_once(state.index)) continue;
    report.warning(code::left_at_once,
                   state.span,
                   "`always` leaves `" + state.path + "` as soon as it is entered: its " +
                       list_names(keys) + " can never happen",
                   "give `always` a `when`, or move the rest to the state that it leads to");
  }
}

// ---- targets that go nowhere ----

void check_idle_targets(const Facts& facts, Report& report) {
  const Machine& machine = facts.machine;
  for (TransitionIndex i = 0; i < machine.transitions.size(); ++i) {
    const Transition& transition = machine.transitions[i];
    const State& source = machine.states[transition.source];
    const bool to_itself =
        transition.targets.size() == 1 && transition.targets[0] == transition.source;
    // Where something runs in the state its author was asked, and has said `reenter: false`.
    const bool asked = !source.timers.empty() || !source.invokes.empty() || source.task;
    if (!to_itself || transition.reenter || asked || !is_leaf(source) || facts.dead[i]) continue;
    report.warning(
        code::idle_target,
        transition.span,
        "this is in `" + source.path + "` already: without `reenter` the target changes nothing",
        "leave out `target`, or say `reenter: true` to run `on_exit` and `on_entry`");
  }
}

}  // namespace

void check_states(const Facts& facts, Report& report) {
  check_reach(facts, report);
  check_ways_out(facts, report);
  check_left_at_once(facts, report);
  check_idle_targets(facts, report);
}

}  // namespace vozex::language
