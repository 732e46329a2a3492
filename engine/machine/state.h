// SPDX-License-Identifier: Apache-2.0
//
// States, and what lives as long as they do: transitions, timers, invokes, tasks, what people may
// do. Arrays of a Machine (machine.h) hold them in document order; an index is an identity within
// one machine and never leaves the process. Vocabulary and meaning are W3C SCXML's.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/time.h"
#include "engine/expr/expr.h"
#include "engine/machine/action.h"
#include "engine/types/type.h"

namespace vozex::machine {

using StateIndex = std::uint16_t;
using TransitionIndex = std::uint32_t;
inline constexpr StateIndex k_no_state = 0xFFFF;
inline constexpr StateIndex k_root = 0;  // the machine itself: parent of the top-level states

enum class StateKind : std::uint8_t {
  atomic,
  compound,
  parallel,
  final,
  history_shallow,
  history_deep
};

// How a lifecycle ended. Persisted.
enum class Outcome : std::uint8_t { completed = 1, failed = 2, cancelled = 3 };
const char* to_string(Outcome outcome);

struct Transition {
  StateIndex source = k_no_state;
  std::string event;      // descriptor: "payment.succeeded", "payment.*", "*"; "" is eventless
  expr::ProgramRef when;  // null: always
  std::vector<StateIndex> targets;  // empty: targetless
  bool reenter = false;             // SCXML's external; false is internal
  bool defer = false;               // keep the event for later: no targets, no actions
  Block actions;                    // `set` first, then `do`
  std::string doc;
  Span span;
};

// Of `every:`. A constant below it is an error; a computed one counts as this.
inline constexpr Duration k_shortest_period{std::chrono::seconds{1}};

// `after:`. A timer of the state, armed at the end of the macrostep that entered it.
struct TimerDecl {
  StateIndex state = k_no_state;
  expr::ProgramRef
      when;  // a duration from entry, a timestamp, or an absent optional (arms nothing)
  std::vector<TransitionIndex> transitions;
  // `every:` only
  bool recurring = false;
  std::string cron;  // five fields; then `when` is null
  std::string timezone;
  Span span;
};

enum class InvokeKind : std::uint8_t { call, workflow, compensate };
enum class Join : std::uint8_t { all, any, expression };

// Work that lives as long as its state. Without for_each it is a fan-out of one.
struct InvokeDecl {
  StateIndex state = k_no_state;
  std::string id;  // as `invoked.<id>`; given, or "<state path>#<n>"
  InvokeKind kind = InvokeKind::call;
  CallDecl call;                    // kind call
  expr::ProgramRef workflow;        // kind workflow: the name, constant or computed
  std::vector<std::string> one_of;  // what the name may be
  expr::ProgramRef input;           // kind workflow
  expr::ProgramRef for_each;        // null: once; else a list, its items in k_slot_item
  std::uint32_t limit = 0;          // at once; 0 is no limit
  Join join = Join::all;
  expr::ProgramRef join_when;  // Join::expression
  std::vector<TransitionIndex> on_done;
  std::vector<TransitionIndex> on_error;
  std::vector<TransitionIndex> on_each;
  Span span;
};

// `actions:`. What people may do here.
struct ManualAction {
  StateIndex state = k_no_state;
  std::string name;
  std::string title;
  std::vector<std::string> roles;  // empty: anybody with a key
  types::TypeRef form;             // object; null: no form
  expr::ProgramRef prefill;
  expr::ProgramRef when;
  bool confirm = false;
  std::uint16_t approvals = 1;
  std::vector<TransitionIndex> transitions;
  Span span;
};

// One step of `escalate:`. What is null stays as it is.
struct Escalation {
  expr::ProgramRef queue;  // moves the task there; whoever had it has it no longer
  expr::ProgramRef roles;  // list<string>
  expr::ProgramRef assignee;
  Span span;
};

// `task:`. An entry in people's inbox while the state is active.
struct TaskDecl {
  StateIndex state = k_no_state;
  expr::ProgramRef queue;
  expr::ProgramRef roles;  // list<string>
  expr::ProgramRef assignee;
  expr::ProgramRef title;        // string; null: the state's title
  expr::ProgramRef due;          // duration or timestamp
  expr::ProgramRef supervisors;  // list<string>: roles that may act on what somebody else has
  std::vector<TransitionIndex> overdue;
  std::optional<Duration> overdue_every;  // `overdue: {repeat: 4h}`: again while the task is open
  std::vector<Escalation> escalations;    // the n-th when it is overdue for the n-th time
  Span span;
};

struct State {
  std::string id;    // own name; "" for the root
  std::string path;  // dotted: "live.paying"; "" for the root
  StateKind kind = StateKind::atomic;
  StateIndex index = 0;
  StateIndex parent = k_no_state;
  StateIndex end = 0;                // descendants are [index + 1, end)
  std::uint16_t depth = 0;           // of the root: 0
  std::vector<StateIndex> children;  // without history pseudo-states
  std::vector<StateIndex> histories;
  std::vector<StateIndex> initial;  // compound: where entering it leads; history: its default
  std::vector<Block> on_entry;
  std::vector<Block> on_exit;
  std::vector<TransitionIndex> on;  // in document order
  std::vector<TransitionIndex> always;
  std::vector<TransitionIndex> on_done;  // event "done.state.<path>"
  std::vector<std::uint16_t> timers;     // into Machine::timers
  std::vector<std::uint16_t> invokes;    // into Machine::invokes
  std::vector<std::uint16_t> actions;    // into Machine::actions
  std::optional<std::uint16_t> task;     // into Machine::tasks
  expr::ProgramRef status;  // string; null: inherits from the nearest ancestor that has one
  Outcome outcome = Outcome::completed;  // final at top level
  expr::ProgramRef output;               // final
  std::string error_code;                // final with `error:`
  expr::ProgramRef error_message;
  std::vector<std::string> tags;
  std::string title;
  std::string doc;
  Span span;
};

}  // namespace vozex::machine
