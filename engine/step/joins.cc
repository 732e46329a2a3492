// SPDX-License-Identifier: Apache-2.0
//
// What the ends of its items come to for an invocation: done or failed, said once; and what becomes
// of a failure that nobody takes.
#include <utility>

#include "engine/step/causation.h"
#include "engine/step/invokes.h"

namespace vozex::stepping {
namespace {

using machine::Invocation;
using machine::InvokeDecl;
using machine::InvokedItem;
using machine::ItemStatus;
using machine::Join;
using machine::k_no_state;

enum class JoinState : std::uint8_t { open, done, failed };

JoinState join_by_expression(Run& run, const InvokeDecl& decl, bool all_settled) {
  if (decl.join_when != nullptr) {
    const auto holds = test(run, *decl.join_when);
    if (holds && *holds) return JoinState::done;
    if (!holds) raise_error(run, "error.execution", holds.error(), decl.state);
  }
  return all_settled ? JoinState::failed : JoinState::open;
}

JoinState join_state(Run& run, const Invocation& invocation, const InvokeDecl& decl) {
  std::size_t open = 0;
  std::size_t done = 0;
  for (const InvokedItem& item : invocation.items) {
    open += item.status <= ItemStatus::running ? 1u : 0u;
    done += item.status == ItemStatus::done ? 1u : 0u;
  }
  const bool all_settled = open == 0;
  const bool all_done = done == invocation.items.size();
  const bool any_done = done > 0;
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

}  // namespace

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

void decide_join(Run& run, std::size_t at) {
  const Invocation& invocation = run.next.invocations[at];
  const InvokeDecl* decl = find_invoke(run.machine, invocation.invoke);
  if (decl == nullptr || invocation.settled) return;
  const JoinState joined = join_state(run, invocation, *decl);
  if (joined == JoinState::open) return;
  run.draft.set_settled(at, true);
  count_own_step(run);
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
  const std::vector<Invocation>& invocations = run.next.invocations;
  for (std::size_t i = 0; i < invocations.size(); ++i) {
    if (invocations[i].invoke == ended.invoke && invocations[i].entry == ended.entry)
      run.draft.set_settled(i, false);
  }
  machine::Incident incident;
  incident.code = ended.error.code;
  incident.message = ended.error.message.empty() ? "nobody takes the failure of " + ended.invoke
                                                 : ended.error.message;
  if (failure.state != k_no_state) incident.state = run.state(failure.state).path;
  incident.call = ended.call;
  raise_incident(run, std::move(incident));
}

}  // namespace vozex::stepping
