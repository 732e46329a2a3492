// SPDX-License-Identifier: Apache-2.0
#include "engine/step/run.h"

#include <limits>
#include <utility>

namespace vozex::stepping {

Run::Run(const Machine& m, Snapshot& snapshot, Timestamp at, const Value& values, StepReport& o)
    : machine(m),
      now(at),
      config(values),
      out(o),
      next(snapshot),
      draft(snapshot),
      first(snapshot.seq == 0),
      had_invokes(!snapshot.invocations.empty()),
      activation(*this) {}

void refuse(Run& run, std::string code, std::string message, StateIndex where) {
  if (run.refusal) return;
  run.refusal = Refusal{std::move(code),
                        std::move(message),
                        where != machine::k_no_state ? run.state(where).path : std::string()};
}

void add_effect(Run& run, machine::Effect effect) {
  if (run.out.effects.size() >= k_max_effects) {
    refuse(run,
           "too_many_effects",
           "the step wants more than " + std::to_string(k_max_effects) + " things done at once");
    return;
  }
  run.out.effects.push_back(std::move(effect));
}

void raise_incident(Run& run, machine::Incident incident) {
  incident.seq = run.next.seq;
  incident.at = run.now;
  incident.holds = false;
  run.incident_raised = true;
  if (run.next.incidents.size() >= machine::k_max_deferred) {
    refuse(run,
           "too_many_incidents",
           "more than " + std::to_string(machine::k_max_deferred) + " open incidents");
    return;
  }
  run.draft.incidents().push_back(incident);
  add_effect(run, machine::RaiseIncident{std::move(incident)});
}

void raise(Run& run, Occurrence occurrence) {
  if (run.queue.size() - run.queue_head >= k_max_internal_events) {
    refuse(run,
           "too_many_internal_events",
           "more than " + std::to_string(k_max_internal_events) + " internal events wait at once");
    return;
  }
  run.queue.push_back(std::move(occurrence));
}

void raise_error(Run& run, std::string_view name, const expr::EvalError& error, StateIndex where) {
  Occurrence occurrence;
  occurrence.name = name;
  occurrence.ended = std::make_unique<Ended>();
  occurrence.ended->has_error = true;
  occurrence.ended->error.code = error.code;
  occurrence.ended->error.message = error.message;
  occurrence.data = Value::object(
      {{"code", Value::string(error.code)}, {"message", Value::string(error.message)}});
  if (where != machine::k_no_state) occurrence.detail = run.state(where).path;
  raise(run, std::move(occurrence));
}

CallId next_call_id(Run& run) {
  if (run.call_index > std::numeric_limits<std::uint16_t>::max()) {
    refuse(run, "too_many_effects", "the step decides more calls than one step can name");
  }
  return CallId{run.next.id, run.next.seq, static_cast<std::uint16_t>(run.call_index++)};
}

std::uint16_t next_message_index(Run& run) {
  if (run.message_index > std::numeric_limits<std::uint16_t>::max()) {
    refuse(run, "too_many_effects", "the step sends more messages than one step can name");
  }
  return static_cast<std::uint16_t>(run.message_index++);
}

}  // namespace vozex::stepping
