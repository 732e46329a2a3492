// SPDX-License-Identifier: Apache-2.0
#include "engine/step/macrostep.h"

#include <utility>

#include "engine/base/planted.h"
#include "engine/step/enter_exit.h"
#include "engine/step/invokes.h"
#include "engine/step/kept.h"
#include "engine/step/select.h"
#include "engine/step/tasks.h"
#include "engine/step/timers.h"

namespace vozex::stepping {
namespace {

using machine::Event;

bool is_error(std::string_view name) { return name.starts_with("error."); }

machine::Event as_event(const Run& run, const Occurrence& occurrence) {
  if (occurrence.event != nullptr) return *occurrence.event;
  Event event;
  event.name = std::string(occurrence.text());
  event.source = "internal";
  event.time = run.now;
  event.data = occurrence.shown_data();
  event.tenant = run.next.tenant;
  return event;
}

// An error that no active state takes: SCXML would go on silently.
void untaken_error(Run& run, const Occurrence& occurrence) {
  if (occurrence.ended != nullptr && !occurrence.ended->invoke.empty()) {
    leave_failure_open(run, occurrence);
    return;
  }
  if (run.machine.errors != machine::ErrorMode::incident) return;
  std::string code = std::string(occurrence.text());
  std::string message = code;
  if (occurrence.ended != nullptr) {
    const machine::ErrorInfo& error = occurrence.ended->error;
    code = error.code;
    message = error.message;
  }
  refuse(run, code.empty() ? "error.execution" : std::move(code), std::move(message));
  if (run.refusal->state.empty()) run.refusal->state = occurrence.detail;
}

void note_deferring(Run& run, const TransitionList& enabled) {
  for (const Transition* transition : enabled) {
    run.out.explanation.taken.push_back(
        static_cast<TransitionIndex>(transition - run.machine.transitions.data()));
  }
}

void process_internal(Run& run, const Occurrence& occurrence) {
  if (++run.internal_events > k_max_internal_events) {
    refuse(run,
           "too_many_internal_events",
           "the step does not come to rest: more than " + std::to_string(k_max_internal_events) +
               " internal events");
    return;
  }
  if (!still_speaks(run, occurrence)) return;
  run.activation.set_occurrence(&occurrence);
  const TransitionList enabled = select_transitions(run, occurrence);
  if (enabled.empty()) {
    if (is_error(occurrence.text())) untaken_error(run, occurrence);
  } else if (enabled[0]->defer) {
    note_deferring(run, enabled);
    defer(run, as_event(run, occurrence));
  } else {
    microstep(run, enabled);
  }
  run.activation.set_occurrence(nullptr);
}

// Whether any active state has eventless transitions at all: usually none does.
bool may_go_on(const Run& run) {
  if (!run.state(machine::k_root).always.empty()) return true;
  for (const StateIndex index : run.next.configuration) {
    if (!run.state(index).always.empty()) return true;
  }
  return false;
}

// Offers deferred events again, in order of arrival, from the first after each change of
// configuration.
void offer_deferred(Run& run) {
  const std::vector<Event>& deferred = run.next.deferred;
  while (run.changes != run.offered_at && !run.stopped()) {
    run.offered_at = run.changes;
    for (std::size_t i = 0;
         i < deferred.size() && run.changes == run.offered_at && !run.stopped();) {
      Occurrence occurrence;
      occurrence.owned_name = deferred[i].name;
      occurrence.event = &deferred[i];
      run.activation.set_occurrence(&occurrence);
      const TransitionList enabled = select_transitions(run, occurrence);
      if (enabled.empty() || enabled[0]->defer) {
        ++i;
        run.activation.set_occurrence(nullptr);
        if (run.queue.size() > run.queue_head) settle(run);  // a guard failed
        continue;
      }
      std::vector<Event>& left = run.draft.deferred();
      const Event event = std::move(left[i]);
      left.erase(left.begin() + static_cast<std::ptrdiff_t>(i));
      occurrence.event = &event;
      run.activation.set_occurrence(&occurrence);
      microstep(run, enabled);
      run.activation.set_occurrence(nullptr);
      settle(run);
    }
  }
}

void start_entered(Run& run) {
  const StateSet entered = run.states_to_invoke;
  run.states_to_invoke.clear();
  for (const StateIndex state : entered) {
    if (run.refusal) return;
    arm_timers(run, state);
    start_invokes(run, state);
  }
}

}  // namespace

Taken take(Run& run, const Occurrence& occurrence) {
  run.activation.set_occurrence(&occurrence);
  const TransitionList enabled = select_transitions(run, occurrence);
  Taken taken = Taken::nobody;
  if (!enabled.empty()) {
    taken = enabled[0]->defer ? Taken::deferred : Taken::taken;
    if (taken == Taken::taken) {
      microstep(run, enabled);
    } else {
      note_deferring(run, enabled);
    }
  }
  run.activation.set_occurrence(nullptr);
  settle(run);
  return taken;
}

void settle(Run& run) {
  while (!run.stopped()) {
    if (may_go_on(run)) {
      const TransitionList enabled = select_eventless_transitions(run);
      if (!enabled.empty()) {
        microstep(run, enabled);
        continue;
      }
    }
    if (run.queue_head == run.queue.size()) {
      if (run.queue_head == 0) return;
      run.queue.clear();
      run.queue_head = 0;
      return;
    }
    const Occurrence occurrence = std::move(run.queue[run.queue_head++]);
    process_internal(run, occurrence);
  }
}

void defer(Run& run, Event event) {
  if (run.next.deferred.size() >= machine::k_max_deferred) {
    refuse(run,
           "too_many_deferred",
           "more than " + std::to_string(machine::k_max_deferred) + " deferred events");
    return;
  }
  if (!has_room_for(run, event.data)) {
    refuse(run,
           "deferred_too_large",
           "more than " + std::to_string(k_max_kept_bytes) + " bytes of events would wait");
    return;
  }
  std::vector<Event>& deferred = run.draft.deferred();
  deferred.insert(VOZEX_PLANTED(deferred_reversed) ? deferred.begin() : deferred.end(),
                  std::move(event));
}

void finish(Run& run) {
  while (!run.stopped()) {
    if (run.next.deferred.empty()) {
      run.offered_at = run.changes;
    } else {
      offer_deferred(run);
      if (run.stopped()) break;
    }
    if (!run.states_to_invoke.empty()) start_entered(run);
    if (!run.machine.tasks.empty() && !run.refusal) open_tasks(run);
    if (run.refusal || run.queue_head == run.queue.size()) break;
    settle(run);
  }
  if (!run.refusal && run.stopped()) end_instance(run);
  derive(run);
}

}  // namespace vozex::stepping
