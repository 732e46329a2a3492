// SPDX-License-Identifier: Apache-2.0
//
// What an instance could do next, told without doing it.
#include <set>
#include <utility>

#include "engine/step/execute.h"
#include "engine/step/manual.h"
#include "engine/step/run.h"
#include "engine/step/step.h"
#include "engine/step/tasks.h"

namespace vozex {
namespace {

using machine::ItemStatus;
using machine::StateIndex;
using stepping::Run;
using types::Value;

Value actor_value(const machine::Actor& actor) {
  Value::List roles;
  for (const std::string& role : actor.roles) roles.push_back(Value::string(role));
  return Value::object({{"id", Value::string(actor.id)}, {"roles", Value::list(std::move(roles))}});
}

// Active states and the root, whose `on` and `actions` apply everywhere.
std::vector<StateIndex> listening(const machine::Snapshot& snapshot) {
  std::vector<StateIndex> states{machine::k_root};
  states.insert(states.end(), snapshot.configuration.begin(), snapshot.configuration.end());
  return states;
}

std::vector<std::string> taken_events(const Run& run) {
  std::set<std::string> names;
  for (const StateIndex state : listening(run.next)) {
    for (const machine::TransitionIndex index : run.state(state).on) {
      const machine::Transition& transition = run.transition(index);
      const bool empty =
          transition.targets.empty() && transition.actions.empty() && !transition.defer;
      if (!empty) names.insert(transition.event);
    }
  }
  return {names.begin(), names.end()};
}

// Null when it can't be told: people fill in the form all the same.
Value prefill_of(Run& run, const machine::ManualAction& action) {
  auto value = stepping::value_of(run, action.prefill);
  return value ? *std::move(value) : Value();
}

std::vector<OfferedAction> offered_actions(Run& run, const machine::Actor& actor) {
  std::vector<OfferedAction> offered;
  for (const StateIndex state : listening(run.next)) {
    for (const std::uint16_t index : run.state(state).actions) {
      const machine::ManualAction& action = run.machine.actions[index];
      // An inner state's action of the same name speaks for it.
      if (stepping::find_action(run.machine, run.next, action.name) != &action) continue;
      std::optional<Error> reason = stepping::why_not(run, action, actor);
      if (!reason) reason = stepping::why_not_theirs(run, action, actor);
      offered.push_back({action.name,
                         action.title,
                         run.state(state).path,
                         !reason.has_value(),
                         reason ? reason->message : std::string(),
                         prefill_of(run, action)});
    }
  }
  return offered;
}

void add_open_work(const machine::Snapshot& snapshot, Waiting& waiting) {
  for (const machine::Invocation& invocation : snapshot.invocations) {
    for (const machine::InvokedItem& item : invocation.items) {
      if (item.status != ItemStatus::running) continue;
      if (item.call) waiting.calls.push_back(*item.call);
      if (item.child) waiting.children.push_back(*item.child);
    }
  }
  for (const machine::Undo& undo : snapshot.undo) {
    if (undo.by && !undo.done) waiting.calls.push_back(*undo.by);
  }
}

}  // namespace

Waiting waiting_for(const machine::Machine& machine,
                    const machine::Snapshot& snapshot,
                    const machine::Actor& actor,
                    Timestamp now,
                    const Value& config) {
  Waiting waiting;
  if (is_ended(snapshot.life) || machine.states.empty()) return waiting;
  machine::Snapshot unchanged = snapshot;
  StepReport unused;
  Run run(machine, unchanged, now, config, unused);
  const Value shown = actor_value(actor);
  run.activation.local.actor = &shown;
  waiting.events = taken_events(run);
  waiting.timers = snapshot.timers;
  add_open_work(snapshot, waiting);
  waiting.actions = offered_actions(run, actor);
  waiting.tasks = snapshot.tasks;
  return waiting;
}

}  // namespace vozex
