// SPDX-License-Identifier: Apache-2.0
#include "engine/step/select.h"

#include <string>

#include "engine/step/sets.h"

namespace vozex::stepping {
namespace {

using machine::k_no_state;

// More than this many lines of explanation help nobody.
constexpr std::size_t k_max_considered = 500;

std::string label_of(const Occurrence* occurrence, const Transition& transition) {
  if (occurrence == nullptr) return "";
  switch (occurrence->label) {
    case Label::named:
      return transition.event.empty() ? std::string(occurrence->text()) : transition.event;
    case Label::on_done: return "on_done";
    case Label::on_error: return "on_error";
    case Label::on_each: return "on_each";
    case Label::after: return "after " + occurrence->detail;
    case Label::every: return "every " + occurrence->detail;
    case Label::action: return "action " + occurrence->detail;
    case Label::overdue: return "overdue";
  }
  return "";
}

void explain(Run& run,
             const Transition& transition,
             const Occurrence* occurrence,
             std::string_view result) {
  std::vector<machine::Considered>& considered = run.out.explanation.considered;
  if (!run.explain || considered.size() >= k_max_considered) return;
  considered.push_back(
      {run.state(transition.source).path,
       label_of(occurrence, transition),
       transition.when != nullptr ? expr::source_of(*transition.when) : std::string(),
       std::string(result),
       transition.span.line});
}

// What is known of one selection: with parallel regions an ancestor's transition is met once for
// each region.
struct Selection {
  Run& run;
  const Occurrence* occurrence;
  TransitionList& enabled;
  SmallList<const Transition*, 8> refused = {};
};

bool holds_guard(Selection& selection, const Transition& transition) {
  Run& run = selection.run;
  if (selection.enabled.contains(&transition)) return true;
  if (selection.refused.contains(&transition)) return false;
  const auto holds = test(run, *transition.when);
  if (holds && *holds) return true;
  selection.refused.push_back(&transition);
  if (holds) {
    explain(run, transition, selection.occurrence, "false");
    return false;
  }
  explain(run, transition, selection.occurrence, "error: " + holds.error().message);
  if (!run.failed_guards.contains(&transition)) {
    run.failed_guards.push_back(&transition);
    raise_error(run, "error.execution", holds.error(), transition.source);
  }
  return false;
}

bool is_enabled(Selection& selection, const Transition& transition) {
  return transition.when == nullptr || holds_guard(selection, transition);
}

bool matches(const Transition& transition, std::string_view event) {
  if (transition.event == event) return true;
  if (transition.event.empty() || transition.event.back() != '*') return false;
  return machine::event_matches(transition.event, event);
}

const Transition* first_enabled(Selection& selection, const State& state) {
  Run& run = selection.run;
  if (selection.occurrence == nullptr) {
    for (const TransitionIndex index : state.always) {
      if (is_enabled(selection, run.transition(index))) return &run.transition(index);
    }
    return nullptr;
  }
  const Occurrence& occurrence = *selection.occurrence;
  if (occurrence.state == state.index && occurrence.direct != nullptr) {
    for (const TransitionIndex index : *occurrence.direct) {
      if (is_enabled(selection, run.transition(index))) return &run.transition(index);
    }
  }
  if (!occurrence.by_name) return nullptr;
  if (state.on.empty()) return nullptr;
  const std::string_view name = occurrence.text();
  for (const TransitionIndex index : state.on) {
    const Transition& transition = run.transition(index);
    if (matches(transition, name) && is_enabled(selection, transition)) return &transition;
  }
  return nullptr;
}

void select_for(Selection& selection, StateIndex atomic) {
  for (StateIndex at = atomic; at != k_no_state; at = selection.run.state(at).parent) {
    const Transition* transition = first_enabled(selection, selection.run.state(at));
    if (transition == nullptr) continue;
    if (!selection.enabled.contains(transition)) selection.enabled.push_back(transition);
    return;
  }
}

bool intersects(const StateSet& a, const StateSet& b) {
  for (const StateIndex state : a) {
    if (std::binary_search(b.begin(), b.end(), state)) return true;
  }
  return false;
}

// A transition in a descendant pre-empts; otherwise the earlier one in document order does.
TransitionList remove_conflicting_transitions(Selection& selection) {
  Run& run = selection.run;
  TransitionList filtered;
  for (const Transition* candidate : selection.enabled) {
    const StateSet leaves = compute_exit_set(run, *candidate);
    bool preempted = false;
    TransitionList removed;
    for (const Transition* kept : filtered) {
      if (!intersects(leaves, compute_exit_set(run, *kept))) continue;
      if (run.machine.is_descendant(candidate->source, kept->source)) {
        removed.push_back(kept);
      } else {
        preempted = true;
        break;
      }
    }
    if (preempted) {
      explain(run, *candidate, selection.occurrence, "preempted");
      continue;
    }
    for (const Transition* gone : removed) {
      explain(run, *gone, selection.occurrence, "preempted");
      filtered.erase(gone);
    }
    filtered.push_back(candidate);
  }
  return filtered;
}

// An event that one region takes is not kept for later by another.
void drop_deferring(TransitionList& enabled) {
  bool takes = false;
  for (const Transition* transition : enabled) takes = takes || !transition->defer;
  if (!takes) return;
  TransitionList taking;
  for (const Transition* transition : enabled) {
    if (!transition->defer) taking.push_back(transition);
  }
  enabled = taking;
}

void select(Selection& selection) {
  Run& run = selection.run;
  for (const StateIndex index : run.next.configuration) {
    const StateKind kind = run.state(index).kind;
    if (kind == StateKind::atomic || kind == StateKind::final) select_for(selection, index);
  }
  if (selection.enabled.size() > 1) {
    drop_deferring(selection.enabled);
    selection.enabled = remove_conflicting_transitions(selection);
  }
  if (run.explain) {
    for (const Transition* transition : selection.enabled) {
      explain(run, *transition, selection.occurrence, transition->defer ? "deferred" : "taken");
    }
  }
}

}  // namespace

TransitionList select_transitions(Run& run, const Occurrence& occurrence) {
  TransitionList enabled;
  Selection selection{run, &occurrence, enabled};
  select(selection);
  return enabled;
}

TransitionList select_eventless_transitions(Run& run) {
  TransitionList enabled;
  Selection selection{run, nullptr, enabled};
  select(selection);
  return enabled;
}

}  // namespace vozex::stepping
