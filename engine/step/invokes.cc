// SPDX-License-Identifier: Apache-2.0
#include "engine/step/invokes.h"

#include <algorithm>
#include <utility>

#include "engine/step/causation.h"
#include "engine/step/execute.h"
#include "engine/step/family.h"
#include "engine/step/kept.h"

namespace vozex::stepping {
namespace {

using machine::CallDecl;
using machine::Invocation;
using machine::InvokeDecl;
using machine::InvokedItem;
using machine::InvokeKind;
using machine::ItemStatus;

// Shows one item of a fan-out to expressions while it lives.
class ItemScope {
 public:
  ItemScope(Run& run, const InvokedItem& item, std::size_t index)
      : run_(run),
        outer_(run.activation.local),
        index_(Value::integer(static_cast<std::int64_t>(index))) {
    run.activation.local.item = &item.item;
    run.activation.local.index = &index_;
  }
  ~ItemScope() { run_.activation.local = outer_; }
  ItemScope(const ItemScope&) = delete;
  ItemScope& operator=(const ItemScope&) = delete;

 private:
  Run& run_;
  Activation::Local outer_;
  Value index_;
};

tl::expected<std::string, expr::EvalError> idempotency_key(Run& run,
                                                           const CallDecl& call,
                                                           const CallId& id) {
  if (call.idempotency_key == nullptr) return id.text();
  auto key = value_of(run, call.idempotency_key);
  if (!key) return tl::unexpected(key.error());
  std::string text = text_of(*key);
  if (text.empty()) return failed("invalid_argument", "the idempotency key is empty");
  return text;
}

tl::expected<machine::StartCall, expr::EvalError> prepare_call(Run& run, const CallDecl& call) {
  if (call.operation == nullptr) return failed("invalid_argument", "the call names no operation");
  auto input = value_of(run, call.input);
  if (!input) return tl::unexpected(input.error());
  if (input->is_null()) input = Value::map({});
  auto fitting = conform(*std::move(input), call.operation->input.get());
  if (!fitting) {
    return failed("invalid_input",
                  operation_name(*call.operation) + ": with: " + fitting.error().message);
  }
  machine::StartCall effect;
  effect.id = CallId{run.next.id, run.next.seq, static_cast<std::uint16_t>(run.call_index)};
  auto key = idempotency_key(run, call, effect.id);
  if (!key) return tl::unexpected(key.error());
  effect.operation = call.operation;
  effect.input = *std::move(fitting);
  effect.idempotency_key = *std::move(key);
  effect.timeout = call.timeout;
  effect.retry = call.retry;
  return effect;
}

Executed start_call_item(Run& run,
                         const Invocation& invocation,
                         const InvokeDecl& decl,
                         std::size_t index,
                         std::optional<CallId>& call) {
  auto effect = prepare_call(run, decl.call);
  if (!effect) return tl::unexpected(effect.error());
  effect->id = next_call_id(run);
  effect->of = machine::InvocationRef{
      invocation.invoke, invocation.entry, static_cast<std::uint32_t>(index)};
  call = effect->id;
  add_effect(run, *std::move(effect));
  return {};
}

Executed start_child_item(Run& run,
                          const Invocation& invocation,
                          const InvokeDecl& decl,
                          std::size_t index,
                          std::optional<InstanceId>& named) {
  // The next item of a fan-out that goes on is no new turn: there are k_max_items at most.
  const bool goes_on = invocation.entry != run.next.seq;
  auto causation = goes_on ? Caused(run.next.causation) : next_turn(run, "invoke " + decl.id);
  if (!causation) return tl::unexpected(causation.error());
  auto name = value_of(run, decl.workflow);
  if (!name) return tl::unexpected(name.error());
  if (!name->is_string()) return failed("no_such_overload", "the workflow's name is not a string");
  const bool known =
      decl.one_of.empty() ||
      std::find(decl.one_of.begin(), decl.one_of.end(), name->as_string()) != decl.one_of.end();
  if (!known)
    return failed("invalid_argument", "workflow " + name->as_string() + " is not among `one_of`");
  auto input = value_of(run, decl.input);
  if (!input) return tl::unexpected(input.error());
  if (input->is_null()) input = Value::map({});
  const InstanceId child{digest128({"child",
                                    run.next.id.text(),
                                    invocation.invoke,
                                    std::to_string(invocation.entry),
                                    std::to_string(index)})};
  named = child;
  add_effect(
      run,
      machine::StartChild{{invocation.invoke, invocation.entry, static_cast<std::uint32_t>(index)},
                          child,
                          name->as_string(),
                          *std::move(input),
                          static_cast<std::uint8_t>(generation(run) + 1),
                          room_of_child(run, invocation.items.size()),
                          *causation});
  return {};
}

void start_item(Run& run, std::size_t at, const InvokeDecl& decl, std::size_t index) {
  const Invocation& invocation = run.next.invocations[at];
  const ItemScope scope(run, invocation.items[index], index);
  std::optional<CallId> call;
  std::optional<InstanceId> child;
  const Executed started = decl.kind == InvokeKind::workflow
                               ? start_child_item(run, invocation, decl, index, child)
                               : start_call_item(run, invocation, decl, index, call);
  run.draft.change_item(at, index, [&](InvokedItem& item) {
    item.call = call;
    item.child = child;
    item.status = started ? ItemStatus::running : ItemStatus::failed;
    if (started) return;
    item.error.code = started.error().code;
    item.error.message = started.error().message;
  });
  if (!started) raise_error(run, "error.execution", started.error(), decl.state);
}

// The items of for_each; one without. Nothing when it failed.
bool make_items(Run& run, const InvokeDecl& decl, std::vector<InvokedItem>& items) {
  if (decl.for_each == nullptr) {
    items.resize(1);
    return true;
  }
  auto list = value_of(run, decl.for_each);
  if (list && list->is_list() && list->as_list().size() <= machine::k_max_items) {
    items.reserve(list->as_list().size());
    for (const Value& value : list->as_list())
      items.push_back({value, ItemStatus::waiting, {}, {}, {}, {}});
    const std::size_t bytes = types::weight(*list);
    if (bytes + invoked_bytes(run) <= k_max_invoked_bytes) return true;
    raise_error(
        run,
        "error.execution",
        {"items_too_large",
         "for_each of " + decl.id + ": its items have " + std::to_string(bytes) +
             " bytes, and of all that an instance invoked and has not joined yet it keeps " +
             std::to_string(k_max_invoked_bytes) + " at most"},
        decl.state);
    return false;
  }
  expr::EvalError error{
      "out_of_range",
      "for_each of " + decl.id + ": at most " + std::to_string(machine::k_max_items) + " items"};
  if (!list) {
    error = list.error();
  } else if (!list->is_list()) {
    error = {"no_such_overload", "for_each of " + decl.id + " wants a list"};
  }
  raise_error(run, "error.execution", error, decl.state);
  return false;
}

void start_invoke(Run& run, const InvokeDecl& decl) {
  Invocation invocation;
  invocation.invoke = decl.id;
  invocation.state = decl.state;
  invocation.entry = run.next.seq;
  const bool compensates = decl.kind == InvokeKind::compensate;
  if (!compensates && !make_items(run, decl, invocation.items)) return;
  if (const Executed may = may_have_children(run, decl, invocation.items.size()); !may) {
    raise_error(run, "error.execution", may.error(), decl.state);
    return;
  }
  run.draft.invocations().push_back(std::move(invocation));
  run.activation.forget(machine::k_slot_invoked);
  if (compensates) {
    begin_compensation(run, run.draft.invocations().back());
    return;
  }
  const std::size_t added = run.next.invocations.size() - 1;
  static_cast<void>(start_waiting_items(run, added, decl));
  decide_join(run, added);
}

// Whether the end of this call matters after its state was left.
bool is_awaited_after(const Machine& machine, const Invocation& invocation) {
  const InvokeDecl* decl = find_invoke(machine, invocation.invoke);
  return decl != nullptr && decl->kind == InvokeKind::call && decl->call.operation != nullptr &&
         (!decl->call.operation->read_only || decl->call.compensate != nullptr);
}

void cancel_item(Run& run, const Invocation& invocation, InvokedItem& item) {
  const bool dead_letter = item.status == ItemStatus::failed && !invocation.settled;
  if (item.status == ItemStatus::running || dead_letter) {
    if (item.call) add_effect(run, machine::CancelCall{*item.call});
    if (item.child && !dead_letter) add_effect(run, machine::CancelChild{*item.child});
  }
  if (item.status == ItemStatus::waiting) item.status = ItemStatus::cancelled;
  if (item.status == ItemStatus::running) item.status = ItemStatus::cancelled;
}

}  // namespace

const InvokeDecl* find_invoke(const Machine& machine, std::string_view id) {
  for (const InvokeDecl& decl : machine.invokes) {
    if (decl.id == id) return &decl;
  }
  return nullptr;
}

std::string operation_name(const machine::OperationDecl& operation) {
  return operation.adapter + "." + operation.name;
}

void start_invokes(Run& run, StateIndex state) {
  for (const std::uint16_t index : run.state(state).invokes) {
    if (run.refusal) return;
    start_invoke(run, run.machine.invokes[index]);
  }
}

bool start_waiting_items(Run& run, std::size_t invocation, const InvokeDecl& decl) {
  const std::vector<InvokedItem>& items = run.next.invocations[invocation].items;
  // They are started in order: when the last one was, none waits.
  if (items.empty() || items.back().status != ItemStatus::waiting) return false;
  std::size_t failed = 0;
  std::size_t running = 0;
  for (const InvokedItem& item : items) running += item.status == ItemStatus::running ? 1u : 0u;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (run.refusal || (decl.limit != 0 && running >= decl.limit)) break;
    if (items[i].status != ItemStatus::waiting) continue;
    start_item(run, invocation, decl, i);
    ++(items[i].status == ItemStatus::running ? running : failed);
  }
  return failed > 0;
}

void cancel_invokes(Run& run, StateIndex state) {
  const auto of_state = [&](const Invocation& invocation) { return invocation.state == state; };
  if (std::none_of(run.next.invocations.begin(), run.next.invocations.end(), of_state)) return;
  std::vector<Invocation>& invocations = run.draft.invocations();
  for (Invocation& invocation : invocations) {
    if (!of_state(invocation)) continue;
    const InvokeDecl* decl = find_invoke(run.machine, invocation.invoke);
    // A compensation that was decided goes on by itself: Undo::by knows its call.
    const bool compensates = decl == nullptr || decl->kind == InvokeKind::compensate;
    if (!compensates) {
      for (InvokedItem& item : invocation.items) cancel_item(run, invocation, item);
    }
    run.left.push_back(invocation);
    if (compensates || !is_awaited_after(run.machine, invocation)) {
      invocation.items.clear();
    } else {
      std::erase_if(invocation.items, [](const InvokedItem& item) {
        return item.status != ItemStatus::cancelled || !item.call;
      });
    }
    invocation.state = machine::k_no_state;
    invocation.settled = true;
  }
  std::erase_if(invocations, [](const Invocation& invocation) {
    return invocation.state == machine::k_no_state && invocation.items.empty();
  });
  run.activation.forget(machine::k_slot_invoked);
}

Executed execute_call(Run& run, const machine::Action& action) {
  if (action.call == nullptr) return failed("invalid_argument", "the call names no operation");
  auto effect = prepare_call(run, *action.call);
  if (!effect) return tl::unexpected(effect.error());
  effect->id = next_call_id(run);
  Invocation open;
  open.invoke = std::string(k_action_invoke) + operation_name(*action.call->operation);
  open.entry = run.next.seq;
  open.settled = true;
  open.items.push_back({{}, ItemStatus::running, {}, {}, effect->id, {}});
  run.draft.invocations().push_back(std::move(open));
  add_effect(run, *std::move(effect));
  return {};
}

}  // namespace vozex::stepping
