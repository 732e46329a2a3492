// SPDX-License-Identifier: Apache-2.0
// Transitions that can never fire: their guard is never true, one before them always fires first,
// or the states inside take every such event.
#include <algorithm>

#include "engine/language/checks/checks.h"

namespace vozex::language {
namespace {

using machine::Machine;
using machine::State;
using machine::StateIndex;
using machine::Transition;
using machine::TransitionIndex;

std::string line_of(const Transition& transition) {
  return "line " + std::to_string(transition.span.line);
}

// ---- guards ----

std::string why_never(const Facts& facts, TransitionIndex index) {
  const Transition& transition = facts.machine.transitions[index];
  if (expr::constant_of(*transition.when) != nullptr) return "its `when` is always false";
  const auto predicate =
      expr::predicate_of(*transition.when, types_for(facts.machine, facts.list(index), transition));
  if (!predicate || predicate->never())
    return "its `when` asks for two things that exclude each other";
  return "its `when` asks for a state that can't be active together with " +
         name_of(facts.machine, transition.source);
}

void check_guards(const Facts& facts, Report& report) {
  const Machine& machine = facts.machine;
  for (TransitionIndex i = 0; i < machine.transitions.size(); ++i) {
    const Transition& transition = machine.transitions[i];
    if (!facts.guards[i].never || !facts.is_reachable(transition.source)) continue;
    report.warning(code::guard_never_true,
                   transition.span,
                   "this can never fire: " + why_never(facts, i),
                   "correct the `when`, or remove the transition");
  }
  for (const machine::ManualAction& action : machine.actions) {
    if (action.when == nullptr || !facts.is_reachable(action.state)) continue;
    const Alternatives place{Site::always, action.state, 0, {}};
    const auto predicate = expr::predicate_of(*action.when, types_for(machine, place));
    if (!predicate || !predicate->never()) continue;
    report.warning(code::guard_never_true,
                   action.span,
                   "nobody can ever take `" + action.name + "`: its `when` is never true",
                   "correct the `when`, or remove the action");
  }
}

// ---- behind others ----

// The one transition before this that takes all that it could, if a single one does.
const Transition* taken_by(const Facts& facts, const Alternatives& list, std::size_t position) {
  const Transition& later = facts.machine.transitions[list.transitions[position]];
  const auto& products = facts.guards[list.transitions[position]].predicate->products;
  const auto types = types_for(facts.machine, list, later);
  for (std::size_t j = 0; j < position; ++j) {
    const TransitionIndex before = list.transitions[j];
    const Guard& guard = facts.guards[before];
    if (!guard.predicate || facts.dead[before]) continue;
    if (list.site == Site::on &&
        !takes_all_of(facts.machine.transitions[before].event, later.event))
      continue;
    const bool all = std::all_of(products.begin(), products.end(), [&](const auto& product) {
      return expr::covers({&*guard.predicate}, product, types);
    });
    if (all) return &facts.machine.transitions[before];
  }
  return nullptr;
}

void say_shadowed(const Facts& facts,
                  const Alternatives& list,
                  std::size_t position,
                  Report& report) {
  const Transition& later = facts.machine.transitions[list.transitions[position]];
  const Transition* taker = taken_by(facts, list, position);
  std::string why = "those before it leave nothing over";
  std::string hint = "remove it, or narrow the `when` of one before it";
  if (taker != nullptr && taker->when == nullptr) {
    why = taker->event != later.event
              ? "`" + taker->event + "` of " + line_of(*taker) + " takes every `" + later.event +
                    "` first"
              : "that of " + line_of(*taker) + " has no `when` and always fires first";
    hint = "put it first, or give the other a `when`";
  } else if (taker != nullptr && later.when == nullptr) {
    why = "the `when` of " + line_of(*taker) + " holds for every value, and is first";
  } else if (taker != nullptr) {
    why = "whenever its `when` holds, that of " + line_of(*taker) + " does, too, and is first";
    hint = "put the narrower one first";
  }
  report.warning(code::shadowed_transition, later.span, "this can never fire: " + why, hint);
}

void check_order(const Facts& facts, Report& report) {
  for (const Alternatives& list : facts.lists) {
    if (!facts.is_reachable(list.state)) continue;
    const std::size_t count = std::min(list.transitions.size(), k_max_compared);
    for (std::size_t i = 0; i < count; ++i) {
      const TransitionIndex index = list.transitions[i];
      if (facts.dead[index] && !facts.guards[index].never) say_shadowed(facts, list, i, report);
    }
  }
}

// ---- inside ----

// By state: whether it takes the event whatever its guards say.
std::vector<bool> always_taken_in(const Facts& facts, const std::string& event) {
  std::vector<bool> taken(facts.machine.states.size(), false);
  for (const State& state : facts.machine.states) {
    taken[state.index] = std::any_of(state.on.begin(), state.on.end(), [&](TransitionIndex index) {
      return facts.guards[index].always &&
             machine::event_matches(facts.machine.transitions[index].event, event);
    });
  }
  return taken;
}

// Whether each leaf below the state that can be reached has a taker between them.
bool is_taken_below(const Facts& facts, StateIndex state, const std::vector<bool>& taken) {
  bool any = false;
  const StateIndex end = facts.machine.states[state].end;
  for (StateIndex at = state + 1; at < end; ++at) {
    const State& inside = facts.machine.states[at];
    if (taken[at]) {
      any = any || facts.is_reachable(at);
      at = static_cast<StateIndex>(inside.end - 1);
      continue;
    }
    if (is_leaf(inside) && facts.is_reachable(at)) return false;
  }
  return any;
}

void check_inside(const Facts& facts, Report& report) {
  std::map<std::string, std::vector<TransitionIndex>> by_event;
  for (const Alternatives& list : facts.lists) {
    if (list.site != Site::on || is_leaf(facts.machine.states[list.state])) continue;
    for (const TransitionIndex index : list.transitions) {
      const std::string& event = facts.machine.transitions[index].event;
      if (!event.ends_with('*') && facts.may_fire(index)) by_event[event].push_back(index);
    }
  }
  std::size_t passes = 0;
  for (const auto& [event, transitions] : by_event) {
    if (++passes > k_max_event_passes) return;
    const auto taken = always_taken_in(facts, event);
    for (const TransitionIndex index : transitions) {
      const Transition& transition = facts.machine.transitions[index];
      if (!is_taken_below(facts, transition.source, taken)) continue;
      report.warning(code::shadowed_transition,
                     transition.span,
                     "this can never fire: every state inside " +
                         name_of(facts.machine, transition.source) + " takes `" + event +
                         "` itself",
                     "remove it, or let one of the states inside leave the event to it");
    }
  }
}

}  // namespace

void check_transitions(const Facts& facts, Report& report) {
  check_guards(facts, report);
  check_order(facts, report);
  check_inside(facts, report);
}

}  // namespace vozex::language
