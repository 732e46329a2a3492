// SPDX-License-Identifier: Apache-2.0
#include "engine/step/step.h"

#include <algorithm>
#include <utility>

#include "engine/step/causation.h"
#include "engine/step/invokes.h"
#include "engine/step/kept.h"
#include "engine/step/macrostep.h"
#include "engine/step/process.h"
#include "engine/step/run.h"
#include "engine/step/tasks.h"

namespace vozex {
namespace {

using machine::Disposition;
using machine::Event;
using machine::Life;
using machine::Snapshot;
using stepping::Processed;
using stepping::Run;

Processed refused(std::string code, std::string message) {
  Processed processed;
  processed.disposition = Disposition::rejected;
  processed.rejection = Error{ErrorClass::refused, std::move(code), std::move(message), {}};
  return processed;
}

bool is_operation(const Event& event) {
  return std::holds_alternative<machine::Moved>(event.cause) ||
         std::holds_alternative<machine::Patched>(event.cause) ||
         std::holds_alternative<machine::Resumed>(event.cause) ||
         std::holds_alternative<machine::Suspended>(event.cause);
}

Processed operate(Run& run, const Event& event) {
  run.event = &event;
  if (const auto* moved = std::get_if<machine::Moved>(&event.cause))
    return stepping::move_to(run, *moved);
  if (const auto* patched = std::get_if<machine::Patched>(&event.cause))
    return stepping::patch(run, *patched);
  if (std::holds_alternative<machine::Suspended>(event.cause)) return stepping::suspend(run);
  Processed processed = stepping::resume(run);
  // The queue goes on waiting, with a fresh incident in place of the one that was thought mended.
  if (run.refusal) {
    stepping::hold(run, nullptr);
    processed.disposition = Disposition::incident;
  }
  return processed;
}

// What still matters to an ended instance: how its withdrawn calls ended.
Processed process_ended(Run& run, const Event& event) {
  if (std::holds_alternative<machine::TaskMoved>(event.cause))
    return refused("task_closed", "the task is closed: the instance has ended");
  if (std::holds_alternative<machine::ActionTaken>(event.cause) || is_operation(event)) {
    return refused("instance_ended",
                   "the instance has ended: " + std::string(to_string(run.next.life)));
  }
  if (const auto* call = std::get_if<machine::CallEnded>(&event.cause)) {
    run.event = &event;
    run.out.explanation.note = "end of a call of an ended instance";
    if (stepping::call_ended(run, *call)) return {Disposition::ended, std::nullopt};
    return {Disposition::stale, std::nullopt};
  }
  run.out.explanation.note = "the instance has ended";
  const bool external = std::holds_alternative<machine::External>(event.cause);
  return {external ? Disposition::ended : Disposition::stale, std::nullopt};
}

Processed enqueue(Run& run, const Event& event) {
  const std::string life = to_string(run.next.life);
  if (std::holds_alternative<machine::ActionTaken>(event.cause)) {
    return refused("instance_" + life,
                   "the instance is " + life + ": actions wait until it is resumed");
  }
  // Results of what is under way are few and must not be lost; events from outside can be sent
  // again.
  const bool external = std::holds_alternative<machine::External>(event.cause);
  const bool fits = stepping::has_room_for(run, event);
  if (external && (!fits || run.next.queued.size() >= machine::k_max_deferred)) {
    return refused("queue_full", "the instance is " + life + " and its queue is full");
  }
  const auto* child = std::get_if<machine::ChildEnded>(&event.cause);
  run.draft.queued().push_back(child != nullptr && !fits ? stepping::without_result(event, *child)
                                                         : event);
  run.out.explanation.note = "the instance is " + life;
  return {Disposition::queued, std::nullopt};
}

bool is_cancellation(const Event& event) {
  return event.name == "cancel" && std::holds_alternative<machine::External>(event.cause);
}

// What is to end doesn't wait until it is mended: what holds it, and what queued behind that, no
// longer matters.
void stop_resting(Run& run) {
  run.draft.set_life(Life::running);
  run.draft.queued().clear();
  std::erase_if(run.draft.incidents(),
                [](const machine::Incident& incident) { return incident.holds; });
}

Processed decide(Run& run,
                 const Event& event,
                 Timestamp before,
                 std::unique_ptr<Event>& normalised) {
  if (is_ended(run.next.life)) return process_ended(run, event);
  if (is_operation(event)) {
    stepping::follow(run, event, before);
    return operate(run, event);
  }
  // Nothing of the machine moves, so held instances let people sort out who does what, too.
  if (const auto* moved = std::get_if<machine::TaskMoved>(&event.cause))
    return stepping::move_task(run, *moved);
  if (run.next.life != Life::running) {
    if (!is_cancellation(event)) return enqueue(run, event);
    stop_resting(run);
  }
  stepping::follow(run, event, before);
  Processed processed;
  if (!run.refusal) processed = stepping::process_event(run, event, normalised);
  if (processed.rejection) return processed;
  if (!run.refusal) stepping::finish(run);
  if (!run.refusal) return processed;
  stepping::hold(run, &event);
  processed.disposition = Disposition::incident;
  return processed;
}

// Keeps the memory.
void clear(StepReport& out) {
  out.effects.clear();
  machine::Explanation& explanation = out.explanation;
  explanation.considered.clear();
  explanation.exited.clear();
  explanation.entered.clear();
  explanation.taken.clear();
  explanation.microsteps = 0;
  explanation.note.clear();
  if (!out.rejection.code.empty()) out.rejection = Error{};
}

}  // namespace

void step_in_place(StepReport& out,
                   const machine::Machine& machine,
                   Snapshot& snapshot,
                   const Event& event,
                   Timestamp now,
                   const types::Value& config,
                   StepOptions options) {
  clear(out);
  const Timestamp before = snapshot.at;
  Run run(machine, snapshot, std::max(now, before), config, out);
  run.draft.advance(run.now);
  run.explain = options.explain;
  std::unique_ptr<Event> normalised;
  Processed processed = decide(run, event, before, normalised);
  out.disposition = processed.disposition;
  if (!processed.rejection) {
    stepping::share_out(run);
    return;
  }
  out.rejection = *std::move(processed.rejection);
  out.effects.clear();
  run.draft.restore();
}

StepOutcome step(const machine::Machine& machine,
                 const Snapshot& snapshot,
                 const Event& event,
                 Timestamp now,
                 const types::Value& config) {
  StepOutcome out;
  out.next = snapshot;
  step_in_place(out, machine, out.next, event, now, config);
  return out;
}

}  // namespace vozex
