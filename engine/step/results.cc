// SPDX-License-Identifier: Apache-2.0
//
// The ends of calls and children: whom they belong to, whether they come too late, and whether what
// they gave can be kept.
#include <algorithm>
#include <utility>

#include "engine/base/planted.h"
#include "engine/step/execute.h"
#include "engine/step/invokes.h"
#include "engine/step/kept.h"

namespace vozex::stepping {
namespace {

using machine::Invocation;
using machine::InvokeDecl;
using machine::InvokedItem;
using machine::InvokeKind;
using machine::ItemStatus;
using machine::k_no_state;

void raise_each(Run& run, const Invocation& invocation, const InvokeDecl& decl, std::size_t index) {
  if (decl.on_each.empty()) return;
  const InvokedItem& item = invocation.items[index];
  Occurrence each = occurrence_of(decl, invocation, "each.invoke.", Label::on_each, decl.on_each);
  each.by_name = false;
  each.ended->item = item.item;
  each.ended->index = static_cast<std::int64_t>(index);
  each.ended->has_result = item.status == ItemStatus::done;
  each.ended->has_error = item.status == ItemStatus::failed;
  each.ended->result = item.result;
  each.ended->error = item.error;
  raise(run, std::move(each));
}

void item_settled(Run& run, std::size_t invocation, const InvokeDecl& decl, std::size_t index) {
  run.activation.forget(machine::k_slot_invoked);
  raise_each(run, run.next.invocations[invocation], decl, index);
  // Where it is over nothing else is started, to be called off in the same step.
  decide_join(run, invocation);
  if (run.next.invocations[invocation].settled) return;
  if (start_waiting_items(run, invocation, decl)) decide_join(run, invocation);
}

// Positions.
struct Found {
  std::size_t invocation;
  std::size_t item;
};

// A fan-out's calls are decided in the order of its items, those without one yet come last.
std::optional<std::size_t> find_item(const std::vector<InvokedItem>& items, const CallId& call) {
  const auto is_before = [&](const InvokedItem& item) { return item.call && *item.call < call; };
  auto at = std::partition_point(items.begin(), items.end(), is_before);
  if (at == items.end() || at->call != call) {
    // Those that could not be started have none, and calls that undo stand in another order.
    at = std::find_if(
        items.begin(), items.end(), [&](const InvokedItem& item) { return item.call == call; });
  }
  if (at == items.end()) return std::nullopt;
  return static_cast<std::size_t>(at - items.begin());
}

std::optional<Found> find_call(const Run& run, const CallId& call) {
  const std::vector<Invocation>& invocations = run.next.invocations;
  for (std::size_t i = 0; i < invocations.size(); ++i) {
    const InvokeDecl* decl = find_invoke(run.machine, invocations[i].invoke);
    if (decl != nullptr && decl->kind == InvokeKind::workflow) continue;
    if (const auto item = find_item(invocations[i].items, call)) return Found{i, *item};
  }
  return std::nullopt;
}

machine::Undo* find_compensation(Run& run, const CallId& call) {
  if (run.next.undo.empty()) return nullptr;
  for (machine::Undo& undo : run.draft.undo()) {
    if (undo.by == call && !undo.done) return &undo;
  }
  return nullptr;
}

// An item takes its end while it runs, and once more after a failure that nobody took: a call that
// was retried.
bool awaits_end(const Invocation& invocation, const InvokedItem& item) {
  return item.status == ItemStatus::running ||
         (item.status == ItemStatus::failed && !invocation.settled);
}

machine::ErrorInfo too_large(const InvokedItem& item) {
  machine::ErrorInfo error;
  error.code = "results_too_large";
  error.message = std::string(item.status == ItemStatus::done ? "it succeeded" : "it failed") +
                  ", but what it gave has " + std::to_string(weight(item)) +
                  " bytes, and of all that an instance invoked and has not joined yet it keeps " +
                  std::to_string(k_max_invoked_bytes) +
                  " at most: let each give less, or fan out over fewer at a time";
  return error;
}

// Records the end of an item; what the call or child gave is the same either way. What is too large
// to be kept is a failure that says so.
template <class End>
void settle_item(Run& run, const Found& at, const End& ended) {
  const InvokedItem& before = run.next.invocations[at.invocation].items[at.item];
  InvokedItem after = before;
  after.status = ended.ok ? ItemStatus::done : ItemStatus::failed;
  after.result = ended.ok ? ended.result : Value();
  after.error = ended.ok ? machine::ErrorInfo{} : ended.error;
  if (!ended.ok && after.error.code.empty()) after.error.code = "failed";
  if (!has_room_for(run, before, after)) {
    after.error = too_large(after);
    after.status = ItemStatus::failed;
    after.result = Value();
  }
  run.draft.change_item(
      at.invocation, at.item, [&](InvokedItem& item) { item = std::move(after); });
}

}  // namespace

bool call_ended(Run& run, const machine::CallEnded& ended) {
  const std::optional<Found> found = find_call(run, ended.call);
  const Invocation* invocation = found ? &run.next.invocations[found->invocation] : nullptr;
  const InvokeDecl* decl =
      invocation != nullptr ? find_invoke(run.machine, invocation->invoke) : nullptr;
  const bool may_undo = decl == nullptr || decl->kind == InvokeKind::compensate;
  if (machine::Undo* compensation = may_undo ? find_compensation(run, ended.call) : nullptr) {
    close_incident(run, ended.call);
    compensation_ended(
        run, ended, *compensation, found ? &run.draft.invocations()[found->invocation] : nullptr);
    return true;
  }
  if (invocation == nullptr) return false;
  if (invocation->state == k_no_state) {
    late_call_ended(run, ended, run.draft.invocations()[found->invocation], found->item);
    return true;
  }
  if (decl == nullptr || !awaits_end(*invocation, invocation->items[found->item])) return false;
  close_incident(run, ended.call);
  settle_item(run, *found, ended);
  if (ended.ok) {
    const Activation::Local outer = run.activation.local;
    const Value index = Value::integer(static_cast<std::int64_t>(found->item));
    run.activation.local.item = &invocation->items[found->item].item;
    run.activation.local.index = &index;
    remember_undo(run, decl->call, ended.call, ended.result);
    run.activation.local = outer;
  }
  item_settled(run, found->invocation, *decl, found->item);
  return true;
}

bool child_ended(Run& run, const machine::ChildEnded& ended) {
  const std::vector<Invocation>& invocations = run.next.invocations;
  for (std::size_t i = 0; i < invocations.size(); ++i) {
    const Invocation& invocation = invocations[i];
    if (invocation.state == k_no_state || invocation.invoke != ended.of.invoke ||
        invocation.entry != ended.of.entry) {
      continue;
    }
    const InvokeDecl* decl = find_invoke(run.machine, invocation.invoke);
    if (decl == nullptr || ended.of.item >= invocation.items.size()) return false;
    const InvokedItem& item = invocation.items[ended.of.item];
    if (item.status != ItemStatus::running || !item.child || *item.child != ended.child)
      return false;
    settle_item(run, {i, ended.of.item}, ended);
    item_settled(run, i, *decl, ended.of.item);
    if (VOZEX_PLANTED(join_counted_twice)) raise_each(run, invocation, *decl, ended.of.item);
    return true;
  }
  return false;
}

}  // namespace vozex::stepping
