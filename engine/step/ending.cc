// SPDX-License-Identifier: Apache-2.0
//
// How an instance ends: SCXML's exitInterpreter, its output or error, and the word to its parent.
#include <utility>

#include "engine/step/execute.h"
#include "engine/step/invokes.h"
#include "engine/step/macrostep.h"

namespace vozex::stepping {
namespace {

using machine::k_no_state;
using machine::Life;
using machine::Outcome;

// When nobody can take errors any more.
void require_no_errors(Run& run) {
  if (run.machine.errors != machine::ErrorMode::incident) return;
  for (std::size_t i = run.queue_head; i < run.queue.size(); ++i) {
    const Occurrence& occurrence = run.queue[i];
    const bool of_invoke = occurrence.ended != nullptr && !occurrence.ended->invoke.empty();
    if (of_invoke || !occurrence.text().starts_with("error.")) continue;
    const bool told = occurrence.ended != nullptr && occurrence.ended->has_error;
    refuse(run,
           told ? occurrence.ended->error.code : std::string(occurrence.text()),
           told ? occurrence.ended->error.message : std::string(occurrence.text()));
    if (run.refusal->state.empty()) run.refusal->state = occurrence.detail;
    return;
  }
}

void report_end(Run& run) {
  const Snapshot& next = run.next;
  if (next.replied) return;
  run.draft.set_replied();
  machine::Reply reply;
  reply.final = true;
  reply.ok = next.life == Life::completed;
  reply.result = next.output;
  reply.error = next.error;
  add_effect(run, std::move(reply));
}

void decide_output(Run& run, const State& final) {
  auto output = value_of(run, final.output);
  if (output && final.output != nullptr && final.outcome == Outcome::completed) {
    output = conform(*std::move(output), run.machine.output.get());
  }
  if (output) {
    run.draft.output() = *std::move(output);
  } else {
    raise_error(run, "error.execution", output.error(), final.index);
  }
  if (final.outcome == Outcome::completed) return;
  machine::ErrorInfo& error = run.draft.error();
  error = machine::ErrorInfo{};
  error.code = !final.error_code.empty() ? final.error_code : to_string(final.outcome);
  auto message = value_of(run, final.error_message);
  if (message) {
    error.message = text_of(*message);
  } else {
    raise_error(run, "error.execution", message.error(), final.index);
  }
}

Life life_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::completed: return Life::completed;
    case Outcome::failed: return Life::failed;
    case Outcome::cancelled: return Life::cancelled;
  }
  return Life::completed;
}

// SCXML's exitInterpreter. The final states stay in the configuration, to be looked at.
void leave_all(Run& run) {
  const std::vector<StateIndex> active = run.next.configuration;
  for (auto it = active.rbegin(); it != active.rend(); ++it) {
    for (const machine::Block& block : run.state(*it).on_exit) execute_block(run, block, *it);
    cancel_invokes(run, *it);
  }
}

}  // namespace

void end_instance(Run& run) {
  if (run.cancelled) {
    run.draft.set_life(Life::cancelled);
    run.draft.error() = machine::ErrorInfo{};
    run.draft.error().code = "cancelled";
  } else {
    const State& final = run.state(run.final_state);
    run.draft.set_life(life_of(final.outcome));
    leave_all(run);
    decide_output(run, final);
  }
  run.draft.timers().clear();
  run.draft.sends().clear();
  run.draft.approvals().clear();
  if (!run.next.tasks.empty()) run.draft.tasks().clear();
  run.states_to_invoke.clear();
  std::erase_if(run.draft.invocations(),
                [](const machine::Invocation& open) { return open.state != k_no_state; });
  std::erase_if(run.draft.incidents(), [](const machine::Incident& incident) {
    return !incident.call || !incident.state.empty();
  });
  require_no_errors(run);
  if (run.refusal) return;
  report_end(run);
  if (run.machine.key_reusable) add_effect(run, machine::UnbindKey{"", run.next.key});
}

}  // namespace vozex::stepping
