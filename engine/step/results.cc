// SPDX-License-Identifier: Apache-2.0
//
// The ends of calls and children: whom they belong to, whether they come too late, and what the
// join says then.
#include <algorithm>
#include <utility>

#include "engine/base/planted.h"
#include "engine/step/execute.h"
#include "engine/step/invokes.h"

namespace vozex::stepping {
namespace {

using machine::Invocation;
using machine::InvokeDecl;
using machine::InvokedItem;
using machine::InvokeKind;
using machine::ItemStatus;
using machine::Join;
using machine::k_no_state;

enum class JoinState : std::uint8_t { open, done, failed };

bool is_settled(const InvokedItem& item) {
  return item.status == ItemStatus::done || item.status == ItemStatus::failed ||
         item.status == ItemStatus::cancelled;
}

JoinState join_by_expression(Run& run, const InvokeDecl& decl, bool all_settled) {
  if (decl.join_when != nullptr) {
    const auto holds = expr::test(*decl.join_when, run.activation);
    if (holds && *holds) return JoinState::done;
    if (!holds) raise_error(run, "error.execution", holds.error(), decl.state);
  }
  return all_settled ? JoinState::failed : JoinState::open;
}

JoinState join_state(Run& run, const Invocation& invocation, const InvokeDecl& decl) {
  bool all_settled = true;
  bool all_done = true;
  bool any_done = false;
  for (const InvokedItem& item : invocation.items) {
    all_settled = all_settled && is_settled(item);
    all_done = all_done && item.status == ItemStatus::done;
    any_done = any_done || item.status == ItemStatus::done;
  }
  switch (decl.join) {
    case Join::all:
      if (!all_settled) return JoinState::open;
      return all_done ? JoinState::done : JoinState::failed;
    case Join::any:
      if (any_done) return JoinState::done;
      return all_settled ? JoinState::failed : JoinState::open;
    case Join::expression: return join_by_expression(run, decl, all_settled);
  }
  return JoinState::open;
}

Occurrence occurrence_of(const InvokeDecl& decl,
                         const Invocation& invocation,
                         std::string_view prefix,
                         Label label,
                         const std::vector<TransitionIndex>& direct) {
  Occurrence occurrence;
  occurrence.owned_name = std::string(prefix) + decl.id;
  occurrence.state = decl.state;
  occurrence.direct = &direct;
  occurrence.label = label;
  occurrence.ended = std::make_unique<Ended>();
  occurrence.ended->invoke = invocation.invoke;
  occurrence.ended->entry = invocation.entry;
  return occurrence;
}

Value joined_result(const Invocation& invocation, const InvokeDecl& decl) {
  if (decl.for_each == nullptr)
    return invocation.items.empty() ? Value() : invocation.items.front().result;
  Value::List results;
  results.reserve(invocation.items.size());
  for (const InvokedItem& item : invocation.items) results.push_back(item.result);
  return Value::list(std::move(results));
}

void raise_done(Run& run, const Invocation& invocation, const InvokeDecl& decl) {
  Occurrence done = occurrence_of(decl, invocation, "done.invoke.", Label::on_done, decl.on_done);
  done.ended->result = joined_result(invocation, decl);
  done.ended->has_result = true;
  done.data = done.ended->result;
  raise(run, std::move(done));
}

void raise_failed(Run& run, const Invocation& invocation, const InvokeDecl& decl) {
  Occurrence failure =
      occurrence_of(decl, invocation, "error.invoke.", Label::on_error, decl.on_error);
  failure.ended->has_error = true;
  for (const InvokedItem& item : invocation.items) {
    if (item.status != ItemStatus::failed) continue;
    failure.ended->error = item.error;
    failure.ended->call = item.call;
    break;
  }
  if (failure.ended->error.code.empty()) failure.ended->error.code = "failed";
  failure.data = to_value(failure.ended->error);
  raise(run, std::move(failure));
}

// An atomic state is done when all its invokes are.
void raise_state_done(Run& run, const Invocation& last, const InvokeDecl& decl) {
  const State& state = run.state(decl.state);
  if (state.kind != StateKind::atomic || state.on_done.empty()) return;
  for (const std::uint16_t index : state.invokes) {
    const InvokeDecl& other = run.machine.invokes[index];
    bool done = false;
    for (const Invocation& invocation : run.next.invocations) {
      if (invocation.state != state.index || invocation.invoke != other.id) continue;
      done = invocation.settled && join_state(run, invocation, other) != JoinState::failed;
    }
    if (!done) return;
  }
  Occurrence occurrence = occurrence_of(decl, last, "", Label::on_done, state.on_done);
  occurrence.owned_name = "done.state." + state.path;
  occurrence.ended->result = joined_result(last, decl);
  occurrence.ended->has_result = true;
  raise(run, std::move(occurrence));
}

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

void item_settled(Run& run, Invocation& invocation, const InvokeDecl& decl, std::size_t index) {
  run.activation.forget(machine::k_slot_invoked);
  raise_each(run, invocation, decl, index);
  if (!invocation.settled) start_waiting_items(run, invocation, decl);
  decide_join(run, invocation);
}

struct Found {
  Invocation* invocation = nullptr;
  std::size_t item = 0;
};

Found find_call(Run& run, const CallId& call) {
  for (Invocation& invocation : run.draft.invocations()) {
    for (std::size_t i = 0; i < invocation.items.size(); ++i) {
      if (invocation.items[i].call == call) return {&invocation, i};
    }
  }
  return {};
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

// Records the end of an item; what the call or child gave is the same either way.
template <class End>
void settle_item(InvokedItem& item, const End& ended) {
  item.status = ended.ok ? ItemStatus::done : ItemStatus::failed;
  item.result = ended.ok ? ended.result : Value();
  item.error = ended.ok ? machine::ErrorInfo{} : ended.error;
  if (!ended.ok && item.error.code.empty()) item.error.code = "failed";
}

}  // namespace

void decide_join(Run& run, Invocation& invocation) {
  const InvokeDecl* decl = find_invoke(run.machine, invocation.invoke);
  if (decl == nullptr || invocation.settled) return;
  const JoinState joined = join_state(run, invocation, *decl);
  if (joined == JoinState::open) return;
  invocation.settled = true;
  if (joined == JoinState::failed) {
    raise_failed(run, invocation, *decl);
    return;
  }
  raise_done(run, invocation, *decl);
  raise_state_done(run, invocation, *decl);
}

bool still_speaks(const Run& run, const Occurrence& occurrence) {
  if (occurrence.ended == nullptr || occurrence.ended->invoke.empty()) return true;
  for (const Invocation& invocation : run.next.invocations) {
    if (invocation.state != k_no_state && invocation.invoke == occurrence.ended->invoke &&
        invocation.entry == occurrence.ended->entry) {
      return true;
    }
  }
  return false;
}

void leave_failure_open(Run& run, const Occurrence& failure) {
  const Ended& ended = *failure.ended;
  for (Invocation& invocation : run.draft.invocations()) {
    if (invocation.invoke == ended.invoke && invocation.entry == ended.entry)
      invocation.settled = false;
  }
  machine::Incident incident;
  incident.code = ended.error.code;
  incident.message = ended.error.message.empty() ? "nobody takes the failure of " + ended.invoke
                                                 : ended.error.message;
  if (failure.state != k_no_state) incident.state = run.state(failure.state).path;
  incident.call = ended.call;
  raise_incident(run, std::move(incident));
}

bool call_ended(Run& run, const machine::CallEnded& ended) {
  const Found found = find_call(run, ended.call);
  machine::Undo* compensation = find_compensation(run, ended.call);
  if (compensation != nullptr) {
    close_incident(run, ended.call);
    compensation_ended(run, ended, *compensation, found.invocation);
    return true;
  }
  if (found.invocation == nullptr) return false;
  if (found.invocation->state == k_no_state) {
    late_call_ended(run, ended, *found.invocation, found.item);
    return true;
  }
  const InvokeDecl* decl = find_invoke(run.machine, found.invocation->invoke);
  InvokedItem& item = found.invocation->items[found.item];
  if (decl == nullptr || !awaits_end(*found.invocation, item)) return false;
  close_incident(run, ended.call);
  settle_item(item, ended);
  if (ended.ok) {
    const Activation::Local outer = run.activation.local;
    const Value index = Value::integer(static_cast<std::int64_t>(found.item));
    run.activation.local.item = &item.item;
    run.activation.local.index = &index;
    remember_undo(run, decl->call, ended.call, ended.result);
    run.activation.local = outer;
  }
  item_settled(run, *found.invocation, *decl, found.item);
  return true;
}

bool child_ended(Run& run, const machine::ChildEnded& ended) {
  for (Invocation& invocation : run.draft.invocations()) {
    if (invocation.state == k_no_state || invocation.invoke != ended.of.invoke ||
        invocation.entry != ended.of.entry) {
      continue;
    }
    const InvokeDecl* decl = find_invoke(run.machine, invocation.invoke);
    if (decl == nullptr || ended.of.item >= invocation.items.size()) return false;
    InvokedItem& item = invocation.items[ended.of.item];
    if (item.status != ItemStatus::running || !item.child || *item.child != ended.child)
      return false;
    settle_item(item, ended);
    item_settled(run, invocation, *decl, ended.of.item);
    if (VOZEX_PLANTED(join_counted_twice)) raise_each(run, invocation, *decl, ended.of.item);
    return true;
  }
  return false;
}

}  // namespace vozex::stepping
