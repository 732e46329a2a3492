// SPDX-License-Identifier: Apache-2.0
//
// Event: anything that may advance one instance: a message from outside, a due timer, the end of a
// call, the reply of a child, a person's action, ops. Timers, results and replies carry what
// created them, so that a stale one is known for what it is. Values only.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/types/value.h"

namespace vozex::machine {

// Names one invoke of one entry of one state: results of an earlier entry are stale.
struct InvocationRef {
  std::string invoke;       // InvokeDecl::id
  std::uint32_t entry = 0;  // the instance's seq at which the invoke was started
  std::uint32_t item = 0;   // position in the fan-out

  auto operator<=>(const InvocationRef&) const = default;
};

// Why a call or child failed, as `error` shows it.
struct ErrorInfo {
  std::string code;
  std::string message;
  bool retryable = false;
  std::uint16_t attempts = 0;
  types::Value details;
};
types::Value to_value(const ErrorInfo& error);

struct Actor {
  std::string id;
  std::vector<std::string> roles;
};

// From outside, or emitted by another instance.
struct External {};

struct TimerDue {
  std::string state;        // path
  std::uint16_t index = 0;  // position among the state's timers; tasks' due: k_task_timer
  std::uint32_t entry = 0;  // seq at which it was armed
  Timestamp due;
};
inline constexpr std::uint16_t k_task_timer = 0xFFFF;
// A delayed `send`: TimerDue::state is "" and index its position in Snapshot::sends.

struct CallEnded {
  CallId call;
  bool ok = false;
  types::Value result;
  ErrorInfo error;
};

struct ChildEnded {
  InvocationRef of;
  InstanceId child;
  bool ok = false;
  bool final = false;  // the child has ended; else it replied and lives on
  types::Value result;
  ErrorInfo error;
};

// Names a task within its instance: see TaskId.
struct TaskRef {
  std::uint32_t entry = 0;
  std::uint16_t index = 0;

  auto operator<=>(const TaskRef&) const = default;
};

struct ActionTaken {
  std::string name;
  Actor actor;
  types::Value form;
  std::optional<TaskRef> task = {};  // done as the work of this task: refused once it is closed
  std::string reason = {};           // needed to act on what somebody else has
};

// Persisted.
enum class TaskChange : std::uint8_t { claim = 1, release = 2, assign = 3 };
const char* to_string(TaskChange change);

// Who has a task changes; nothing else does.
struct TaskMoved {
  TaskRef task;
  TaskChange change = TaskChange::claim;
  std::string to;  // assign: whose it shall be
  Actor actor;
  std::string reason;
};

// Ops: move to a state or skip, patch data, retry after an incident. A held instance stays held
// until it is resumed.
struct Moved {
  std::string target;  // path; "" drops the first queued event: the one that the incident is about
  Actor actor;
  std::string reason;
};
struct Patched {
  types::Value data;  // JSON merge patch on data
  Actor actor;
  std::string reason;
};
struct Resumed {  // an incident is mended, or a suspension is over: the instance goes on with what
                  // queued
  Actor actor;
  std::string reason;
};
struct Suspended {  // events and timers queue until it is resumed
  Actor actor;
  std::string reason;
};

using Cause = std::variant<External,
                           TimerDue,
                           CallEnded,
                           ChildEnded,
                           ActionTaken,
                           TaskMoved,
                           Moved,
                           Patched,
                           Resumed,
                           Suspended>;

// How far an event is from what came from outside, and how much may still come of that: so
// instances that keep each other or themselves busy come to an end. What comes from outside (an
// event, the end of a call, a person) begins anew, and so does a timer that waited for k_real_time.
inline constexpr std::uint8_t k_max_causation_depth = 16;
inline constexpr std::uint16_t k_max_turns = 1000;
inline constexpr std::uint32_t k_max_caused = 100'000;
inline constexpr Duration k_real_time{std::chrono::milliseconds{10}};
struct Causation {
  std::uint8_t depth = 0;   // events emitted and instances started in a row
  std::uint16_t turns = 0;  // in a row, in one family: sends, children invoked, timers without time
  std::uint32_t left = k_max_caused;  // events and instances of other families: all that may come

  bool operator==(const Causation&) const = default;
};

struct Event {
  std::string id;      // unique per source
  std::string source;  // "gateway:dodo", "instance:<uuid>", "timer", "call", "action"
  std::string name;    // "payment.succeeded"; of internal kinds: "timer", "call", "child",
                       // "action.<name>", "cancel", ...
  Timestamp time;
  types::Value data;
  std::string subject;
  std::string tenant;
  Causation causation = {};
  Cause cause = External{};
};

}  // namespace vozex::machine
