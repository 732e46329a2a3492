// SPDX-License-Identifier: Apache-2.0
//
// Invokes: calls and children that live as long as their state. Started at the end of the macrostep
// (invokes.cc), settled when their results come (results.cc), undone when asked (compensation.cc).
// Snapshot::invocations says what is open; machine/snapshot.h describes its three kinds.
#pragma once

#include "engine/step/run.h"

namespace vozex::stepping {

// The reserved invoke id of an instance that is being cancelled; its state is the root.
inline constexpr std::string_view k_cancel_invoke = "cancel";
// Prefix of the invoke id of calls made by actions: "do:<adapter.op>".
inline constexpr std::string_view k_action_invoke = "do:";

// nullptr for the reserved ids.
const machine::InvokeDecl* find_invoke(const Machine& machine, std::string_view id);
std::string operation_name(const machine::OperationDecl& operation);

// --- invokes.cc
void start_invokes(Run& run, StateIndex state);
// Starts items that wait for their turn, as far as the limit allows. An invocation is named by its
// position in the snapshot, here and below. True when one could not be started, and so has settled.
bool start_waiting_items(Run& run, std::size_t invocation, const machine::InvokeDecl& decl);
// The state is being left.
void cancel_invokes(Run& run, StateIndex state);

// --- results.cc: false when it is stale.
bool call_ended(Run& run, const machine::CallEnded& ended);
bool child_ended(Run& run, const machine::ChildEnded& ended);
// --- joins.cc
// "<prefix><invoke id>", about this invocation.
Occurrence occurrence_of(const machine::InvokeDecl& decl,
                         const machine::Invocation& invocation,
                         std::string_view prefix,
                         Label label,
                         const std::vector<TransitionIndex>& direct);
// Raises done.invoke.* or error.invoke.* once the join is decided.
void decide_join(Run& run, std::size_t invocation);
// Nobody took the failure: the invocation stays open and an incident says so.
void leave_failure_open(Run& run, const Occurrence& failure);
// Whether the invocation that the occurrence speaks of is still the one of its active state.
bool still_speaks(const Run& run, const Occurrence& occurrence);

// --- compensation.cc
// Remembers how a finished call is undone, when it says how.
void remember_undo(Run& run,
                   const machine::CallDecl& decl,
                   const CallId& call,
                   const Value& result);
// `compensate: all` of an active state: its items are the calls to undo, newest first.
void begin_compensation(Run& run, machine::Invocation& invocation);
void continue_compensation(Run& run, machine::Invocation& invocation);
// The end of a compensating call. `invocation` is null when none waits for it.
void compensation_ended(Run& run,
                        const machine::CallEnded& ended,
                        machine::Undo& undo,
                        machine::Invocation* invocation);
// A call that was withdrawn too late has succeeded, or ended otherwise.
void late_call_ended(Run& run,
                     const machine::CallEnded& ended,
                     machine::Invocation& invocation,
                     std::size_t item);
// The reserved event `cancel`, taken by nobody: leaves all states and undoes what was done.
void cancel_instance(Run& run);

// Removes the incident about this call, if there is one.
void close_incident(Run& run, const CallId& call);

}  // namespace vozex::stepping
