// SPDX-License-Identifier: Apache-2.0
#include "engine/step/manual.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/step/tasks.h"
#include "engine/types/validate.h"

namespace vozex::stepping {
namespace {

using machine::Actor;
using machine::Approval;
using machine::ManualAction;

Error refused(std::string code, std::string message) {
  return Error{ErrorClass::refused, std::move(code), std::move(message), {}};
}

tl::expected<Value, Error> fitting_form(const ManualAction& action, const Value& form) {
  static const types::TypeRef k_nothing = types::object_of({});
  const Value given = form.is_null() ? Value::map({}) : form;
  // What a person has filled in is never dropped in silence where there is nothing to fill in.
  const bool declared = action.form != nullptr;
  auto valid = declared ? types::validate(given, *action.form)
                        : types::validate(given, *k_nothing, types::Unknown::refuse);
  if (valid) return *std::move(valid);
  Error error{ErrorClass::invalid,
              "invalid_form",
              (declared ? "the form of " + action.name : action.name + " takes no form") + ": " +
                  types::describe(valid.error()),
              {}};
  for (const types::Fault& fault : valid.error())
    error.details.push_back({fault.pointer, fault.message});
  return tl::unexpected(std::move(error));
}

Approval& approval_of(Run& run, const ManualAction& action) {
  std::vector<Approval>& approvals = run.draft.approvals();
  for (Approval& approval : approvals) {
    if (approval.state == action.state && approval.action == action.name) return approval;
  }
  approvals.push_back({action.state, action.name, {}});
  return approvals.back();
}

// One of several approvals. True when it was the last that was missing.
tl::expected<bool, Error> approve(Run& run, const ManualAction& action, const Actor& actor) {
  Approval& approval = approval_of(run, action);
  if (std::find(approval.actors.begin(), approval.actors.end(), actor.id) !=
      approval.actors.end()) {
    return tl::unexpected(refused("already_approved",
                                  actor.id + " has approved " + action.name +
                                      " already; it wants " + std::to_string(action.approvals) +
                                      " different people"));
  }
  if (actor.id.empty()) {
    return tl::unexpected(Error{ErrorClass::invalid,
                                "actor_needed",
                                action.name + " wants " + std::to_string(action.approvals) +
                                    " different people: say who you are",
                                {}});
  }
  approval.actors.push_back(actor.id);
  if (approval.actors.size() >= action.approvals) {
    std::erase_if(run.draft.approvals(), [&](const Approval& a) {
      return a.state == action.state && a.action == action.name;
    });
    return true;
  }
  run.out.explanation.note = action.name + ": " + std::to_string(approval.actors.size()) + " of " +
                             std::to_string(action.approvals) + " approvals";
  give_back(run, action, actor);
  return false;
}

bool knows_action(const Machine& machine, std::string_view name) {
  return std::any_of(machine.actions.begin(),
                     machine.actions.end(),
                     [&](const ManualAction& action) { return action.name == name; });
}

}  // namespace

const ManualAction* find_action(const Machine& machine,
                                const Snapshot& snapshot,
                                std::string_view name) {
  const auto declares = [&](StateIndex state) -> const ManualAction* {
    for (const std::uint16_t index : machine.states[state].actions) {
      if (machine.actions[index].name == name) return &machine.actions[index];
    }
    return nullptr;
  };
  const ManualAction* found = nullptr;
  std::uint16_t depth = 0;
  for (const StateIndex state : snapshot.configuration) {
    const ManualAction* action = declares(state);
    if (action == nullptr || (found != nullptr && machine.states[state].depth <= depth)) continue;
    found = action;
    depth = machine.states[state].depth;
  }
  return found != nullptr ? found : declares(machine::k_root);
}

std::optional<Error> why_not(Run& run, const ManualAction& action, const Actor& actor) {
  if (!has_role(actor, action.roles)) {
    return refused("not_allowed", action.name + " wants the role " + join_or(action.roles));
  }
  if (action.when == nullptr) return std::nullopt;
  const auto holds = test(run, *action.when);
  if (holds && *holds) return std::nullopt;
  const std::string why =
      holds ? "its condition doesn't hold" : "its condition failed: " + holds.error().message;
  return refused("action_not_available", action.name + " is not available now: " + why);
}

Admission admit_action(Run& run, const machine::Event& event, machine::Event& normalised) {
  Admission admission;
  const auto& taken = std::get<machine::ActionTaken>(event.cause);
  if (taken.task) {
    admission.rejection = why_not_open(run, *taken.task);
    if (admission.rejection) return admission;
  }
  const ManualAction* action = find_action(run.machine, run.next, taken.name);
  if (action == nullptr) {
    const bool known = knows_action(run.machine, taken.name);
    admission.rejection = refused(
        "action_not_available",
        known ? taken.name + " is not available in state " + state_text(run.machine, run.next)
              : "workflow " + run.machine.workflow + " has no action " + taken.name);
    return admission;
  }
  admission.rejection = why_not(run, *action, taken.actor);
  if (!admission.rejection) admission.rejection = why_not_as_task(run, *action, taken);
  if (admission.rejection) return admission;
  auto form = fitting_form(*action, taken.form);
  if (!form) {
    admission.rejection = form.error();
    return admission;
  }
  normalised = event;
  std::get<machine::ActionTaken>(normalised.cause).form = *std::move(form);
  if (action->approvals > 1) {
    auto last = approve(run, *action, taken.actor);
    if (!last) {
      admission.rejection = last.error();
      return admission;
    }
    if (!*last) {
      admission.waiting = true;
      return admission;
    }
  }
  Occurrence occurrence;
  occurrence.name = normalised.name;
  occurrence.by_name = false;
  occurrence.event = &normalised;
  occurrence.state = action->state;
  occurrence.direct = &action->transitions;
  occurrence.label = Label::action;
  occurrence.detail = action->name;
  admission.occurrence = std::move(occurrence);
  return admission;
}

}  // namespace vozex::stepping
