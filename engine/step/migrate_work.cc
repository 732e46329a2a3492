// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/step/execute.h"
#include "engine/step/invokes.h"
#include "engine/step/migrator.h"

namespace vozex::stepping {
namespace {

using machine::Invocation;
using machine::InvokedItem;
using machine::ItemStatus;
using machine::k_no_state;
using machine::Machine;
using machine::State;

bool is_open(const InvokedItem& item) {
  return item.status == ItemStatus::waiting || item.status == ItemStatus::running;
}

// Invocations that no `invoke` of the file stands behind.
bool is_reserved(const Invocation& invocation) {
  return invocation.invoke == k_cancel_invoke || invocation.invoke.starts_with(k_action_invoke);
}

std::string called_by(const machine::InvokeDecl& decl) {
  return decl.call.operation == nullptr ? "" : operation_name(*decl.call.operation);
}

bool can_undo(const Machine& machine, const std::string& operation) {
  const auto undoes = [&operation](const machine::CallDecl& call) {
    return call.compensate != nullptr && operation_name(*call.compensate) == operation;
  };
  const auto in_block = [&undoes](const machine::Block& block) {
    return std::any_of(block.begin(), block.end(), [&undoes](const machine::Action& action) {
      return action.call != nullptr && undoes(*action.call);
    });
  };
  const auto in_state = [&in_block](const State& state) {
    return std::any_of(state.on_entry.begin(), state.on_entry.end(), in_block) ||
           std::any_of(state.on_exit.begin(), state.on_exit.end(), in_block);
  };
  return std::any_of(machine.invokes.begin(),
                     machine.invokes.end(),
                     [&undoes](const auto& decl) { return undoes(decl.call); }) ||
         std::any_of(machine.transitions.begin(),
                     machine.transitions.end(),
                     [&in_block](const auto& one) { return in_block(one.actions); }) ||
         std::any_of(machine.states.begin(), machine.states.end(), in_state);
}

}  // namespace

// An id that the compiler made moves with its state.
std::string Migrator::new_id(const Invocation& invocation, const machine::InvokeDecl& decl) const {
  const std::string prefix = from_.states[decl.state].path + "#";
  if (!invocation.invoke.starts_with(prefix)) return invocation.invoke;
  return new_path(decl.state) + "#" + invocation.invoke.substr(prefix.size());
}

// Why an open invocation can't go on; "" when it can.
std::string Migrator::objection(const Invocation& invocation,
                                const machine::InvokeDecl& was,
                                const std::string& id) const {
  const machine::InvokeDecl* is = find_invoke(to_, id);
  if (is == nullptr) return "the new version has no invoke " + id;
  if (invocation.state != k_no_state && is->state != new_active(invocation.state))
    return "the invoke " + id + " stands in another state in the new version";
  if (is->kind != was.kind || (is->for_each == nullptr) != (was.for_each == nullptr) ||
      called_by(*is) != called_by(was))
    return "the invoke " + id + " calls something else in the new version";
  const bool has_child =
      std::any_of(invocation.items.begin(), invocation.items.end(), [](const InvokedItem& item) {
        return is_open(item) && item.child.has_value();
      });
  if (has_child && id != invocation.invoke)
    return "its child answers to " + invocation.invoke + ": give the invoke an `id`";
  return "";
}

void Migrator::move_invocations() {
  next_.invocations.clear();
  for (const Invocation& invocation : old_.invocations) {
    Invocation moved = invocation;
    const machine::InvokeDecl* was = find_invoke(from_, invocation.invoke);
    if (is_reserved(invocation) || was == nullptr) {
      next_.invocations.push_back(std::move(moved));
      continue;
    }
    moved.invoke = new_id(invocation, *was);
    if (invocation.state != k_no_state) moved.state = new_active(invocation.state);
    const std::string why = objection(invocation, *was, moved.invoke);
    const bool open = !invocation.settled ||
                      std::any_of(invocation.items.begin(), invocation.items.end(), is_open);
    if (why.empty()) {
      next_.invocations.push_back(std::move(moved));
    } else if (open) {
      obstacle(from_.states[was->state].path, invocation.invoke + " is under way: " + why);
    }
  }
  for (const machine::Undo& undo : old_.undo) {
    if (undo.done || can_undo(to_, undo.operation)) continue;
    obstacle("",
             "the call " + undo.call.text() + " would be undone by " + undo.operation +
                 ", which the new version doesn't use");
  }
}

void Migrator::move_people() {
  next_.approvals.clear();
  for (machine::Approval approval : old_.approvals) {
    approval.state = new_active(approval.state);
    const bool known = std::any_of(
        to_.actions.begin(), to_.actions.end(), [&approval](const machine::ManualAction& action) {
          return action.state == approval.state && action.name == approval.action;
        });
    if (known) next_.approvals.push_back(std::move(approval));
  }
  next_.tasks.clear();
  for (machine::OpenTask task : old_.tasks) {
    task.state = new_active(task.state);
    if (task.state != k_no_state && to_.states[task.state].task)
      next_.tasks.push_back(std::move(task));
  }
  for (machine::Incident& incident : next_.incidents) {
    if (incident.state.empty()) continue;
    incident.state = migrated_path(migration_, incident.state);
    if (to_.find_state(incident.state) == k_no_state) incident.state.clear();
  }
}

void Migrator::move_queued() {
  for (machine::Event& event : next_.queued) {
    auto* due = std::get_if<machine::TimerDue>(&event.cause);
    if (due != nullptr && !due->state.empty()) due->state = migrated_path(migration_, due->state);
  }
}

}  // namespace vozex::stepping
