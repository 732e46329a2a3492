// SPDX-License-Identifier: Apache-2.0
#include "engine/step/process.h"

#include <utility>

#include "engine/step/invokes.h"
#include "engine/step/macrostep.h"
#include "engine/step/manual.h"
#include "engine/step/timers.h"

namespace vozex::stepping {
namespace {

using machine::Disposition;
using machine::Event;

Disposition effect_of(const Run& run) {
  if (run.transitioned || run.configuration_changed || run.data_changed)
    return Disposition::transitioned;
  return run.incident_raised ? Disposition::incident : Disposition::ignored;
}

Processed rejected(std::string code, std::string message) {
  Processed processed;
  processed.disposition = Disposition::rejected;
  processed.rejection = Error{ErrorClass::refused, std::move(code), std::move(message), {}};
  return processed;
}

bool is_cancelling(const Run& run) {
  for (const machine::Invocation& invocation : run.next.invocations) {
    if (invocation.state == machine::k_root && invocation.invoke == k_cancel_invoke) return true;
  }
  return false;
}

// What the file says of events that nobody takes.
Processed unhandled(Run& run, const Event& event) {
  const std::string text = state_text(run.machine, run.next);
  run.out.explanation.note = "no active state takes " + event.name;
  const machine::EventDecl* decl = run.machine.find_event(event.name);
  switch (decl != nullptr ? decl->unhandled : machine::Unhandled::ignore) {
    case machine::Unhandled::ignore: return {Disposition::ignored, std::nullopt};
    case machine::Unhandled::defer: defer(run, event); return {Disposition::deferred, std::nullopt};
    case machine::Unhandled::reject:
      return rejected("event_not_accepted", event.name + " is not accepted in state " + text);
    case machine::Unhandled::incident: {
      machine::Incident incident;
      incident.code = "event_not_accepted";
      incident.message = event.name + " arrived in state " + text + ", where nothing takes it";
      raise_incident(run, std::move(incident));
      return {Disposition::incident, std::nullopt};
    }
  }
  return {};
}

Processed process_external(Run& run, const Event& event) {
  Occurrence occurrence;
  occurrence.name = event.name;
  occurrence.event = &event;
  switch (take(run, occurrence)) {
    case Taken::taken: return {effect_of(run), std::nullopt};
    case Taken::deferred: defer(run, event); return {Disposition::deferred, std::nullopt};
    case Taken::nobody: break;
  }
  if (run.stopped()) return {effect_of(run), std::nullopt};
  if (event.name == "cancel" && !is_cancelling(run)) {
    run.transitioned = true;
    cancel_instance(run);
    settle(run);
    return {Disposition::transitioned, std::nullopt};
  }
  return unhandled(run, event);
}

Processed stale(Run& run, std::string note) {
  run.out.explanation.note = std::move(note);
  return {Disposition::stale, std::nullopt};
}

Processed process_timer(Run& run, const Event& event, const machine::TimerDue& due) {
  std::optional<Occurrence> occurrence = timer_due(run, due);
  if (!occurrence) return stale(run, "timer of an earlier entry, or cancelled");
  if (!due.state.empty()) {
    take(run, *occurrence);
    return {effect_of(run), std::nullopt};
  }
  // A delayed send to itself: an event like any other.
  Event sent;
  sent.id = event.id;
  sent.name = std::string(occurrence->text());
  sent.source = "instance:" + run.next.id.text();
  sent.time = run.now;
  sent.data = occurrence->data;
  sent.tenant = run.next.tenant;
  return process_external(run, sent);
}

Processed process_end(Run& run, bool known, const char* what) {
  if (!known) return stale(run, std::string("end of a ") + what + " that nothing waits for");
  settle(run);
  // The end of something withdrawn is recorded; it may have started an undoing call.
  return {effect_of(run), std::nullopt};
}

Processed process_action(Run& run, const Event& event, std::unique_ptr<Event>& normalised) {
  normalised = std::make_unique<Event>();
  Admission admission = admit_action(run, event, *normalised);
  if (admission.rejection) {
    Processed processed;
    processed.disposition = Disposition::rejected;
    processed.rejection = std::move(admission.rejection);
    return processed;
  }
  if (admission.waiting) {
    run.out.rejection =
        Error{ErrorClass::refused, "approvals_missing", run.out.explanation.note, {}};
    return {Disposition::waiting, std::nullopt};
  }
  run.event = normalised.get();
  const machine::ActionTaken& taken = std::get<machine::ActionTaken>(normalised->cause);
  if (admission.occurrence->direct->empty()) return {Disposition::ignored, std::nullopt};
  if (take(run, *admission.occurrence) == Taken::nobody && !run.refusal) {
    return rejected("action_not_available",
                    taken.name + " is not available now: none of its transitions is enabled");
  }
  return {effect_of(run), std::nullopt};
}

}  // namespace

Processed process_event(Run& run, const Event& event, std::unique_ptr<Event>& normalised) {
  run.event = &event;
  if (const auto* due = std::get_if<machine::TimerDue>(&event.cause))
    return process_timer(run, event, *due);
  if (const auto* call = std::get_if<machine::CallEnded>(&event.cause)) {
    return process_end(run, call_ended(run, *call), "call");
  }
  if (const auto* child = std::get_if<machine::ChildEnded>(&event.cause)) {
    return process_end(run, child_ended(run, *child), "child");
  }
  if (std::holds_alternative<machine::ActionTaken>(event.cause))
    return process_action(run, event, normalised);
  return process_external(run, event);
}

}  // namespace vozex::stepping
