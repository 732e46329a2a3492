// SPDX-License-Identifier: Apache-2.0
//
// What ops do to an instance: move, patch, suspend, resume; and the queue of held instances.
#include <algorithm>
#include <utility>

#include "engine/step/enter_exit.h"
#include "engine/step/invokes.h"
#include "engine/step/macrostep.h"
#include "engine/step/process.h"
#include "engine/step/sets.h"
#include "engine/types/validate.h"

namespace vozex::stepping {
namespace {

using machine::Disposition;
using machine::Event;
using machine::Life;

Processed refused(std::string code, std::string message) {
  Processed processed;
  processed.disposition = Disposition::rejected;
  processed.rejection = Error{ErrorClass::refused, std::move(code), std::move(message), {}};
  return processed;
}

// A refused operation changes nothing: whoever asked is told why.
Processed verdict(const Run& run) {
  if (run.refusal) return refused(run.refusal->code, run.refusal->message);
  return {Disposition::transitioned, std::nullopt};
}

Processed skip(Run& run) {
  if (run.next.queued.empty()) return refused("nothing_to_skip", "no event is queued");
  run.draft.queued().erase(run.next.queued.begin());
  return {Disposition::transitioned, std::nullopt};
}

// The innermost active ancestor, or the root: what stands outside it stays as it is.
StateIndex move_source(const Run& run, StateIndex target) {
  StateIndex above = run.state(target).parent;
  while (above != machine::k_root && !run.next.is_active(above)) above = run.state(above).parent;
  return above;
}

// RFC 7396; lists are replaced.
Value merge_patch(const Value& target, const Value& patch, int depth) {
  if (!patch.is_map() || depth == 0) return patch;
  Value merged = target.is_map() ? target : Value::map({});
  for (const Value::MapEntry& entry : patch.as_map()) {
    if (!entry.key.is_string()) continue;
    const std::string& name = entry.key.as_string();
    if (entry.value.is_null()) {
      merged = merged.without(name);
      continue;
    }
    const Value* old = merged.find(name);
    merged =
        merged.with(name, merge_patch(old != nullptr ? *old : Value(), entry.value, depth - 1));
  }
  return merged;
}

constexpr int k_max_patch_depth = 64;

// What must come back when one of the queued events is refused.
struct Checkpoint {
  Snapshot next;
  std::size_t effects;
  std::size_t effect_bytes;
  std::uint32_t call_index;
  std::uint32_t message_index;
  std::uint32_t caused;
  StateSet states_to_invoke;
};

Checkpoint remember(const Run& run) {
  return {run.next,
          run.out.effects.size(),
          run.effect_bytes,
          run.call_index,
          run.message_index,
          run.caused,
          run.states_to_invoke};
}

void go_back(Run& run, Checkpoint checkpoint) {
  run.draft.replace(std::move(checkpoint.next));
  run.out.effects.resize(checkpoint.effects);
  run.effect_bytes = checkpoint.effect_bytes;
  run.call_index = checkpoint.call_index;
  run.message_index = checkpoint.message_index;
  run.caused = checkpoint.caused;
  run.states_to_invoke = checkpoint.states_to_invoke;
  run.queue.clear();
  run.queue_head = 0;
  run.final_state = machine::k_no_state;
  run.cancelled = false;
  run.activation.set_occurrence(nullptr);
  run.activation.forget(machine::k_slot_invoked);
}

void add_holding_incident(Run& run, const Refusal& refusal) {
  machine::Incident incident;
  incident.seq = run.next.seq;
  incident.code = refusal.code;
  incident.message = refusal.message;
  incident.at = run.now;
  incident.holds = true;
  incident.state = refusal.state;
  run.draft.set_life(Life::held);
  run.draft.incidents().push_back(incident);
  run.out.effects.push_back(machine::RaiseIncident{std::move(incident)});
}

// False when the event was refused: the instance is held again, the event first in its queue.
bool replay(Run& run, std::vector<Event>& normalised) {
  Checkpoint checkpoint = remember(run);
  std::vector<Event>& queued = run.draft.queued();
  normalised.push_back(std::move(queued.front()));
  queued.erase(queued.begin());
  std::unique_ptr<Event> form;
  // Rejections have nobody to hear them any more: the event is dropped, as its sender was told
  // `queued`.
  process_event(run, normalised.back(), form);
  run.event = nullptr;
  run.activation.forget(machine::k_slot_actor);
  if (!run.refusal) return true;
  const Refusal refusal = *std::move(run.refusal);
  run.refusal.reset();
  go_back(run, std::move(checkpoint));
  add_holding_incident(run, refusal);
  return false;
}

}  // namespace

void hold(Run& run, const Event* event) {
  const Refusal refusal = *run.refusal;
  run.out.effects.clear();
  run.caused = 0;
  run.draft.restore();
  run.draft.advance(run.now);
  if (event != nullptr) run.draft.queued().insert(run.next.queued.begin(), *event);
  add_holding_incident(run, refusal);
  run.out.explanation.note = "refused: " + refusal.message;
}

Processed move_to(Run& run, const machine::Moved& moved) {
  if (moved.target.empty()) return skip(run);
  const StateIndex target = run.machine.find_state(moved.target);
  if (target == machine::k_no_state || target == machine::k_root) {
    return refused("unknown_state",
                   "workflow " + run.machine.workflow + " has no state " + moved.target);
  }
  const Life life = run.next.life;
  Transition jump;
  jump.source = move_source(run, target);
  jump.targets = {target};
  exit_states(run, compute_exit_set(run, jump));
  TransitionList jumps;
  jumps.push_back(&jump);
  enter_states(run, compute_entry_set(run, jumps));
  settle(run);
  finish(run);
  if (!is_ended(run.next.life)) run.draft.set_life(life);
  return verdict(run);
}

Processed patch(Run& run, const machine::Patched& patched) {
  const bool resting = run.next.life != Life::running;
  Value data = merge_patch(run.next.data, patched.data, k_max_patch_depth);
  if (run.machine.data != nullptr) {
    auto valid = types::validate(data, *run.machine.data, types::Unknown::refuse);
    if (!valid) {
      Processed processed = refused("invalid_data", types::describe(valid.error()));
      processed.rejection->kind = ErrorClass::invalid;
      for (const types::Fault& fault : valid.error())
        processed.rejection->details.push_back({fault.pointer, fault.message});
      return processed;
    }
    data = *std::move(valid);
  }
  run.draft.data() = std::move(data);
  run.data_changed = true;
  run.data_may_grow = true;
  if (resting) {
    // What is held looks at its data when it is resumed.
    refresh_keys(run);
    if (!run.refusal) check_invariants(run);
    if (!run.refusal) check_bounds(run);
    return verdict(run);
  }
  settle(run);
  finish(run);
  return verdict(run);
}

Processed suspend(Run& run) {
  if (run.next.life != Life::running)
    return refused("not_running", "the instance is " + std::string(to_string(run.next.life)));
  run.draft.set_life(Life::suspended);
  return {Disposition::transitioned, std::nullopt};
}

Processed resume(Run& run) {
  if (run.next.life == Life::running)
    return refused("not_held", "the instance is neither held nor suspended");
  run.draft.set_life(Life::running);
  std::erase_if(run.draft.incidents(),
                [](const machine::Incident& incident) { return incident.holds; });
  // A patch while held may have enabled something.
  settle(run);
  std::vector<Event> replayed;
  replayed.reserve(run.next.queued.size());
  while (!run.next.queued.empty() && !run.stopped()) {
    if (!replay(run, replayed)) break;
  }
  finish(run);
  return {Disposition::transitioned, std::nullopt};
}

}  // namespace vozex::stepping
