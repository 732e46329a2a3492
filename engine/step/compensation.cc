// SPDX-License-Identifier: Apache-2.0
//
// Undoing: what finished calls remember, `compensate: all`, late successes, and the reserved event
// `cancel`.
#include <algorithm>
#include <utility>

#include "engine/base/planted.h"
#include "engine/step/enter_exit.h"
#include "engine/step/execute.h"
#include "engine/step/invokes.h"

namespace vozex::stepping {
namespace {

using machine::CallDecl;
using machine::Invocation;
using machine::InvokeDecl;
using machine::InvokedItem;
using machine::InvokeKind;
using machine::ItemStatus;
using machine::k_no_state;
using machine::Undo;

// The declaration by which the operation is called to undo something.
const CallDecl* find_undoing(const Machine& machine, const std::string& operation) {
  const auto undoes = [&](const CallDecl& call) {
    return call.compensate != nullptr && operation_name(*call.compensate) == operation;
  };
  for (const InvokeDecl& decl : machine.invokes) {
    if (undoes(decl.call)) return &decl.call;
  }
  const auto in_blocks = [&](const std::vector<machine::Block>& blocks) -> const CallDecl* {
    for (const machine::Block& block : blocks) {
      for (const machine::Action& action : block) {
        if (action.call != nullptr && undoes(*action.call)) return action.call.get();
      }
    }
    return nullptr;
  };
  for (const State& state : machine.states) {
    if (const CallDecl* call = in_blocks(state.on_entry)) return call;
    if (const CallDecl* call = in_blocks(state.on_exit)) return call;
  }
  for (const Transition& transition : machine.transitions) {
    for (const machine::Action& action : transition.actions) {
      if (action.call != nullptr && undoes(*action.call)) return action.call.get();
    }
  }
  return nullptr;
}

// The declaration of a call made by an action, by the operation's name.
const CallDecl* find_action_call(const Machine& machine, std::string_view operation) {
  const auto search = [&](const machine::Block& block) -> const CallDecl* {
    for (const machine::Action& action : block) {
      if (action.call != nullptr && action.call->operation != nullptr &&
          operation_name(*action.call->operation) == operation) {
        return action.call.get();
      }
    }
    return nullptr;
  };
  for (const State& state : machine.states) {
    for (const machine::Block& block : state.on_entry) {
      if (const CallDecl* call = search(block)) return call;
    }
    for (const machine::Block& block : state.on_exit) {
      if (const CallDecl* call = search(block)) return call;
    }
  }
  for (const Transition& transition : machine.transitions) {
    if (const CallDecl* call = search(transition.actions)) return call;
  }
  return nullptr;
}

bool start_undo(Run& run, Undo& undo, std::optional<machine::InvocationRef> of) {
  const CallDecl* decl = find_undoing(run.machine, undo.operation);
  if (decl == nullptr) {
    machine::Incident incident;
    incident.code = "unknown_compensation";
    incident.message = "call " + undo.call.text() + " is undone by " + undo.operation +
                       ", which this version of the workflow doesn't name";
    raise_incident(run, std::move(incident));
    return false;
  }
  machine::StartCall effect;
  effect.id = next_call_id(run);
  effect.of = std::move(of);
  effect.operation = decl->compensate;
  effect.input = undo.input;
  effect.idempotency_key = undo.call.text() + "/undo";
  effect.timeout = decl->timeout;
  effect.retry = decl->retry;
  effect.compensation = true;
  effect.undoes = undo.call;
  undo.by = effect.id;
  add_effect(run, std::move(effect));
  return true;
}

// A withdrawn call whose end is open and that must be undone if it succeeded: nothing is undone
// before it is settled.
bool waits_for_withdrawn(const Run& run) {
  for (const Invocation& invocation : run.next.invocations) {
    if (invocation.state != k_no_state || invocation.items.empty()) continue;
    const InvokeDecl* decl = find_invoke(run.machine, invocation.invoke);
    if (decl != nullptr && decl->call.compensate != nullptr) return true;
  }
  return false;
}

Invocation* active_compensation(Run& run) {
  for (Invocation& invocation : run.draft.invocations()) {
    if (invocation.state == k_no_state || invocation.settled) continue;
    const InvokeDecl* decl = find_invoke(run.machine, invocation.invoke);
    const bool cancels =
        invocation.state == machine::k_root && invocation.invoke == k_cancel_invoke;
    if (cancels || (decl != nullptr && decl->kind == InvokeKind::compensate)) return &invocation;
  }
  return nullptr;
}

Undo* newest_waiting(Run& run) {
  if (run.next.undo.empty()) return nullptr;
  std::vector<Undo>& all = run.draft.undo();
  if (VOZEX_PLANTED(compensation_in_order)) {
    const auto oldest = std::find_if(
        all.begin(), all.end(), [](const Undo& undo) { return !undo.done && !undo.by; });
    return oldest == all.end() ? nullptr : &*oldest;
  }
  for (auto it = all.rbegin(); it != all.rend(); ++it) {
    if (!it->done && !it->by) return &*it;
  }
  return nullptr;
}

void all_undone(Run& run, Invocation& invocation) {
  if (invocation.state == machine::k_root && invocation.invoke == k_cancel_invoke) {
    invocation.settled = true;
    run.cancelled = true;
    return;
  }
  decide_join(run, static_cast<std::size_t>(&invocation - run.next.invocations.data()));
}

InvokedItem waiting_item(const Undo& undo) {
  InvokedItem item;
  item.item = Value::string(undo.operation);
  return item;
}

void late_success(Run& run, const machine::CallEnded& ended, const InvokeDecl& decl) {
  const CallDecl& call = decl.call;
  if (call.compensate == nullptr) {
    if (call.operation != nullptr && call.operation->read_only) return;
    machine::Incident incident;
    incident.code = "late_success";
    incident.message = operation_name(*call.operation) +
                       " succeeded after its state was left, and declares no compensation: look "
                       "whether it must be undone";
    incident.call = ended.call;
    raise_incident(run, std::move(incident));
    return;
  }
  const std::size_t before = run.next.undo.size();
  remember_undo(run, call, ended.call, ended.result);
  if (run.next.undo.size() == before) return;
  Undo& undo = run.draft.undo().back();
  run.out.explanation.note =
      "late success of " + operation_name(*call.operation) + ": undone by " + undo.operation;
  Invocation* compensation = active_compensation(run);
  if (compensation == nullptr) {
    start_undo(run, undo, std::nullopt);
    return;
  }
  const auto waiting = [](const InvokedItem& item) { return item.status == ItemStatus::waiting; };
  auto& items = compensation->items;
  items.insert(std::find_if(items.begin(), items.end(), waiting), waiting_item(undo));
}

}  // namespace

void close_incident(Run& run, const CallId& call) {
  std::erase_if(run.draft.incidents(),
                [&](const machine::Incident& i) { return !i.holds && i.call == call; });
}

void remember_undo(Run& run, const CallDecl& decl, const CallId& call, const Value& result) {
  if (decl.compensate == nullptr) return;
  const Value* outer = run.activation.local.result;
  run.activation.local.result = &result;
  auto input = value_of(run, decl.compensate_input);
  run.activation.local.result = outer;
  if (input)
    input = conform(input->is_null() ? Value::map({}) : *std::move(input),
                    decl.compensate->input.get());
  if (!input) {
    raise_error(run, "error.execution", input.error(), k_no_state);
    return;
  }
  if (run.next.undo.size() >= machine::k_max_items) {
    refuse(run,
           "too_many_undos",
           "more than " + std::to_string(machine::k_max_items) + " calls to undo");
    return;
  }
  run.draft.append_undo(
      {call, operation_name(*decl.compensate), *std::move(input), false, std::nullopt});
}

void begin_compensation(Run& run, Invocation& invocation) {
  // Those on their way first: they were decided earlier.
  for (const Undo& undo : run.next.undo) {
    if (undo.done || !undo.by) continue;
    InvokedItem item = waiting_item(undo);
    item.status = ItemStatus::running;
    item.call = undo.by;
    invocation.items.push_back(std::move(item));
  }
  for (auto it = run.next.undo.rbegin(); it != run.next.undo.rend(); ++it) {
    if (!it->done && !it->by) invocation.items.push_back(waiting_item(*it));
  }
  continue_compensation(run, invocation);
}

void continue_compensation(Run& run, Invocation& invocation) {
  if (waits_for_withdrawn(run)) return;
  for (std::size_t i = 0; i < invocation.items.size(); ++i) {
    InvokedItem& item = invocation.items[i];
    if (item.status == ItemStatus::done) continue;
    if (item.status != ItemStatus::waiting) return;
    Undo* undo = newest_waiting(run);
    if (undo == nullptr) {
      item.status = ItemStatus::done;
      continue;
    }
    const machine::InvocationRef of{
        invocation.invoke, invocation.entry, static_cast<std::uint32_t>(i)};
    if (!start_undo(run, *undo, of)) {
      item.status = ItemStatus::failed;
      return;
    }
    item.status = ItemStatus::running;
    item.call = undo->by;
    return;
  }
  all_undone(run, invocation);
}

void compensation_ended(Run& run,
                        const machine::CallEnded& ended,
                        Undo& undo,
                        Invocation* invocation) {
  if (ended.ok) undo.done = true;
  run.activation.forget(machine::k_slot_invoked);
  if (invocation != nullptr) {
    for (InvokedItem& item : invocation->items) {
      if (item.call != ended.call) continue;
      item.status = ended.ok ? ItemStatus::done : ItemStatus::failed;
      item.error = ended.ok ? machine::ErrorInfo{} : ended.error;
    }
    if (ended.ok) {
      continue_compensation(run, *invocation);
      return;
    }
  }
  if (ended.ok) return;
  const InvokeDecl* decl =
      invocation != nullptr ? find_invoke(run.machine, invocation->invoke) : nullptr;
  if (decl != nullptr && !decl->on_error.empty()) {
    Occurrence failure;
    failure.owned_name = "error.invoke." + decl->id;
    failure.state = decl->state;
    failure.direct = &decl->on_error;
    failure.label = Label::on_error;
    failure.ended = std::make_unique<Ended>();
    failure.ended->invoke = invocation->invoke;
    failure.ended->entry = invocation->entry;
    failure.ended->error = ended.error;
    failure.ended->has_error = true;
    failure.ended->call = ended.call;
    raise(run, std::move(failure));
    return;
  }
  machine::Incident incident;
  incident.code = ended.error.code.empty() ? "compensation_failed" : ended.error.code;
  incident.message =
      undo.operation + " could not undo " + undo.call.text() + ": " + ended.error.message;
  if (decl != nullptr) incident.state = run.state(decl->state).path;
  incident.call = ended.call;
  raise_incident(run, std::move(incident));
}

void late_call_ended(Run& run,
                     const machine::CallEnded& ended,
                     Invocation& invocation,
                     std::size_t item) {
  const InvokeDecl* decl = find_invoke(run.machine, invocation.invoke);
  const bool by_action = std::string_view(invocation.invoke).starts_with(k_action_invoke);
  const bool keeps = !ended.ok && (by_action || ended.error.code == "outcome_unknown");
  close_incident(run, ended.call);
  if (keeps) {
    invocation.items[item].error = ended.error;
    machine::Incident incident;
    incident.code = ended.error.code;
    incident.message = invocation.invoke + " failed: " + ended.error.message;
    incident.call = ended.call;
    raise_incident(run, std::move(incident));
    return;
  }
  invocation.items.erase(invocation.items.begin() + static_cast<std::ptrdiff_t>(item));
  const std::string operation = by_action ? invocation.invoke.substr(k_action_invoke.size()) : "";
  std::erase_if(run.draft.invocations(), [](const Invocation& open) {
    return open.state == k_no_state && open.items.empty();
  });
  const bool forgets = VOZEX_PLANTED(late_success_forgotten);
  if (ended.ok && decl != nullptr && !forgets) late_success(run, ended, *decl);
  if (ended.ok && by_action) {
    const CallDecl* call = find_action_call(run.machine, operation);
    if (call != nullptr) remember_undo(run, *call, ended.call, ended.result);
  }
  if (Invocation* compensation = active_compensation(run))
    continue_compensation(run, *compensation);
}

void cancel_instance(Run& run) {
  StateSet all;
  for (const StateIndex state : run.next.configuration) all.push_back(state);
  exit_states(run, all);
  run.draft.sends().clear();
  Invocation cancelling;
  cancelling.invoke = std::string(k_cancel_invoke);
  cancelling.state = machine::k_root;
  cancelling.entry = run.next.seq;
  run.draft.invocations().push_back(std::move(cancelling));
  begin_compensation(run, run.draft.invocations().back());
}

}  // namespace vozex::stepping
