// SPDX-License-Identifier: Apache-2.0
#include "engine/step/run.h"

#include <limits>
#include <utility>

namespace vozex::stepping {
namespace {

// As many of these as there may be are no more than all may weigh.
constexpr std::size_t k_small_effect = k_max_effect_bytes / k_max_effects;

std::size_t carried_bytes(const machine::Effect& effect) {
  const auto weigh = [](const auto& kind) -> std::size_t {
    if constexpr (requires { kind.data; }) return types::weight(kind.data);
    if constexpr (requires { kind.input; }) return types::weight(kind.input);
    if constexpr (requires { kind.result; }) return types::weight(kind.result);
    if constexpr (requires { kind.text; }) return kind.text.size();
    return 0;
  };
  return std::visit(weigh, effect);
}

}  // namespace

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

void spend(Run& run, std::uint64_t units) {
  run.cost += units;
  if (run.cost <= k_max_step_cost) return;
  refuse(run,
         "step_too_costly",
         "the step does more than " + std::to_string(k_max_step_cost) +
             " units of work; look for large texts and lists that are made or changed in a loop");
}

void spend_walk(Run& run, const Value& value) {
  if (value.is_list() || value.is_map()) spend(run, types::weight(value) / 16);
}

expr::Evaluated evaluate(Run& run, const expr::Program& program) {
  std::uint64_t units = 0;
  auto value = expr::evaluate(program, run.activation, expr::EvalLimits{.spent = &units});
  spend(run, units);
  return value;
}

tl::expected<bool, expr::EvalError> test(Run& run, const expr::Program& condition) {
  std::uint64_t units = 0;
  auto holds = expr::test(condition, run.activation, expr::EvalLimits{.spent = &units});
  spend(run, units);
  return holds;
}

void add_effect(Run& run, machine::Effect effect) {
  if (run.out.effects.size() >= k_max_effects) {
    refuse(run,
           "too_many_effects",
           "the step wants more than " + std::to_string(k_max_effects) + " things done at once");
    return;
  }
  const std::size_t bytes = carried_bytes(effect);
  if (bytes > k_small_effect) run.effect_bytes += bytes;
  if (run.effect_bytes > k_max_effect_bytes) {
    refuse(run,
           "effects_too_large",
           "what the step wants done carries more than " + std::to_string(k_max_effect_bytes) +
               " bytes");
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
