// SPDX-License-Identifier: Apache-2.0
#include "engine/step/enter_exit.h"

#include <algorithm>

#include "engine/step/execute.h"
#include "engine/step/invokes.h"
#include "engine/step/sets.h"
#include "engine/step/tasks.h"
#include "engine/step/timers.h"

namespace vozex::stepping {
namespace {

using machine::k_no_state;
using machine::k_root;

void record_history(Run& run, const State& leaving) {
  for (const StateIndex pseudo : leaving.histories) {
    const bool deep = run.state(pseudo).kind == StateKind::history_deep;
    std::vector<StateIndex> states;
    for (const StateIndex active : run.next.configuration) {
      const State& state = run.state(active);
      const bool atomic = state.kind == StateKind::atomic || state.kind == StateKind::final;
      const bool mine = deep ? atomic && run.machine.is_descendant(active, leaving.index)
                             : state.parent == leaving.index;
      if (mine) states.push_back(active);
    }
    auto& history = run.draft.history();
    const auto at = std::find_if(
        history.begin(), history.end(), [&](const auto& entry) { return entry.first == pseudo; });
    if (at != history.end()) {
      at->second = std::move(states);
    } else {
      history.emplace_back(pseudo, std::move(states));
      std::sort(history.begin(), history.end());
    }
  }
}

void forget_state(Run& run, const State& state) {
  const Snapshot& next = run.next;
  if (!state.timers.empty() || state.task) disarm(run, state.index);
  if (!next.invocations.empty()) cancel_invokes(run, state.index);
  if (!next.approvals.empty()) {
    std::erase_if(run.draft.approvals(),
                  [&](const machine::Approval& a) { return a.state == state.index; });
  }
  if (!next.tasks.empty() && state.task) close_task(run, state.index);
  if (!next.incidents.empty()) {
    std::erase_if(run.draft.incidents(),
                  [&](const machine::Incident& i) { return !i.holds && i.state == state.path; });
  }
}

// All of it but for the configuration.
void leave(Run& run, const State& state) {
  for (const machine::Block& block : state.on_exit) execute_block(run, block, state.index);
  forget_state(run, state);
  run.states_to_invoke.erase(state.index);
  if (run.explain) run.out.explanation.exited.push_back(state.path);
}

void exit_state(Run& run, StateIndex index) {
  leave(run, run.state(index));
  std::vector<StateIndex>& configuration = run.draft.configuration();
  configuration.erase(std::lower_bound(configuration.begin(), configuration.end(), index));
}

// done.state.<path>: taken by the state's own `on_done`, and by whoever names it under `on`.
void raise_done_state(Run& run, StateIndex index, Value result, bool has_result) {
  const State& state = run.state(index);
  Occurrence done;
  done.owned_name = "done.state." + state.path;
  done.data = result;
  done.state = index;
  done.direct = &state.on_done;
  done.label = Label::on_done;
  done.ended = std::make_unique<Ended>();
  done.ended->result = std::move(result);
  done.ended->has_result = has_result;
  raise(run, std::move(done));
}

void enter_final(Run& run, const State& state) {
  if (state.parent == k_root && run.state(k_root).kind != StateKind::parallel) {
    run.final_state = state.index;
    return;
  }
  Value output;
  bool has_output = false;
  if (state.output != nullptr) {
    auto value = evaluate(run, *state.output);
    if (value) {
      output = *std::move(value);
      has_output = true;
    } else {
      raise_error(run, "error.execution", value.error(), state.index);
    }
  }
  if (state.parent == k_root) {
    if (is_in_final_state(run, k_root)) run.final_state = state.index;
    return;
  }
  raise_done_state(run, state.parent, std::move(output), has_output);
  const StateIndex above = run.state(state.parent).parent;
  if (above == k_no_state || run.state(above).kind != StateKind::parallel) return;
  if (!is_in_final_state(run, above)) return;
  if (above == k_root) {
    run.final_state = state.index;
  } else {
    raise_done_state(run, above, Value(), false);
  }
}

// All of it but for the configuration.
void arrive(Run& run, const State& state) {
  if (!state.timers.empty() || !state.invokes.empty() || state.task)
    run.states_to_invoke.insert_sorted(state.index);
  if (run.explain) run.out.explanation.entered.push_back(state.path);
  for (const machine::Block& block : state.on_entry) execute_block(run, block, state.index);
  if (state.kind == StateKind::final) enter_final(run, state);
}

void enter_state(Run& run, StateIndex index) {
  std::vector<StateIndex>& configuration = run.draft.configuration();
  if (configuration.empty() || configuration.back() < index) {
    configuration.push_back(index);
  } else {
    configuration.insert(std::lower_bound(configuration.begin(), configuration.end(), index),
                         index);
  }
  arrive(run, run.state(index));
}

void run_content(Run& run, const Transition& transition) {
  const bool empty = transition.targets.empty() && transition.actions.empty();
  (empty ? run.masked : run.transitioned) = true;
  run.out.explanation.taken.push_back(
      static_cast<TransitionIndex>(&transition - run.machine.transitions.data()));
  if (!transition.actions.empty()) execute_block(run, transition.actions, transition.source);
}

bool is_leaf(const State& state) {
  return state.kind == StateKind::atomic || state.kind == StateKind::final;
}

// From an atomic state to another beside it, in a compound one, of whose children one is active:
// leaves the one, enters the other. Most transitions are so, and need none of the sets.
bool is_plain(const Run& run, const Transition& transition) {
  if (transition.targets.size() != 1 || transition.targets[0] == transition.source) return false;
  const State& source = run.state(transition.source);
  const State& target = run.state(transition.targets[0]);
  return is_leaf(source) && is_leaf(target) && source.parent == target.parent &&
         source.parent != k_no_state && run.state(source.parent).kind == StateKind::compound;
}

// The last of the configuration gives its place to its sibling: all that stands before it is an
// ancestor of both or an earlier region. Only content could see the place empty.
bool can_replace(const Run& run, const Transition& transition) {
  return transition.actions.empty() && run.next.configuration.back() == transition.source;
}

void plain_microstep(Run& run, const Transition& transition) {
  const StateIndex target = transition.targets[0];
  run.changes += 2;  // left and entered
  run.configuration_changed = true;
  if (can_replace(run, transition)) {
    leave(run, run.state(transition.source));
    run.draft.configuration().back() = target;
    run_content(run, transition);
    arrive(run, run.state(target));
    return;
  }
  exit_state(run, transition.source);
  run_content(run, transition);
  enter_state(run, target);
}

}  // namespace

bool is_in_final_state(const Run& run, StateIndex index) {
  const State& state = run.state(index);
  if (state.kind == StateKind::compound) {
    for (const StateIndex child : state.children) {
      if (run.state(child).kind == StateKind::final && run.next.is_active(child)) return true;
    }
    return false;
  }
  if (state.kind != StateKind::parallel) return false;
  for (const StateIndex child : state.children) {
    if (!is_in_final_state(run, child)) return false;
  }
  return true;
}

void exit_states(Run& run, const StateSet& leaving) {
  // History remembers what was active before any of them is left.
  for (const StateIndex index : leaving) {
    if (!run.state(index).histories.empty()) record_history(run, run.state(index));
  }
  for (std::size_t i = leaving.size(); i-- > 0;) exit_state(run, leaving[i]);
  if (leaving.empty()) return;
  run.configuration_changed = true;
  ++run.changes;
}

void enter_states(Run& run, const StateSet& entering) {
  for (const StateIndex index : entering) enter_state(run, index);
  if (entering.empty()) return;
  run.configuration_changed = true;
  ++run.changes;
}

void microstep(Run& run, const TransitionList& enabled) {
  if (++run.microsteps > k_max_microsteps) {
    refuse(run,
           "too_many_microsteps",
           "the step does not come to rest: more than " + std::to_string(k_max_microsteps) +
               " microsteps; look for `always` transitions that lead back to where they started",
           enabled.empty() ? k_no_state : enabled[0]->source);
    return;
  }
  if (run.out.explanation.microsteps < 0xFFFF) ++run.out.explanation.microsteps;
  if (enabled.size() == 1 && is_plain(run, *enabled[0])) {
    plain_microstep(run, *enabled[0]);
    return;
  }
  StateSet leaving;
  if (enabled.size() == 1) {
    leaving = compute_exit_set(run, *enabled[0]);
  } else {
    for (const Transition* transition : enabled) {
      for (const StateIndex state : compute_exit_set(run, *transition))
        leaving.insert_sorted(state);
    }
  }
  exit_states(run, leaving);
  // Entered are those that are not active once the others are left; computed before the content
  // runs, which can't change the configuration.
  const StateSet entering = compute_entry_set(run, enabled);
  for (const Transition* transition : enabled) run_content(run, *transition);
  enter_states(run, entering);
}

}  // namespace vozex::stepping
