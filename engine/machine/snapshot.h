// SPDX-License-Identifier: Apache-2.0
//
// Snapshot: the whole truth of one instance between two steps. One row in the store: nothing that
// decides where an instance goes lives elsewhere. Values only; states by index of the machine in
// hand, by path when stored (codec.h). Tests: tests/unit/machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/machine/event.h"
#include "engine/machine/machine.h"
#include "engine/types/value.h"

namespace vozex::machine {

// Persisted.
enum class Life : std::uint8_t {
  running = 1,
  held = 2,       // a refused step: events and timers queue until the incident is mended
  suspended = 3,  // by ops
  completed = 10,
  failed = 11,
  cancelled = 12,
};
const char* to_string(Life life);
inline bool is_ended(Life life) { return life >= Life::completed; }

struct ArmedTimer {
  StateIndex state = k_no_state;
  std::uint16_t index = 0;  // position among the state's timers, or k_task_timer
  std::uint32_t entry = 0;  // seq at which it was armed
  Timestamp due;
};

// A delayed `send` to this instance itself.
struct PendingSend {
  std::string id;
  std::string event;
  types::Value data;
  std::uint32_t entry = 0;
  Timestamp due;
};

// Persisted.
enum class ItemStatus : std::uint8_t {
  waiting = 0,
  running = 1,
  done = 2,
  failed = 3,
  cancelled = 4
};
const char* to_string(ItemStatus status);

struct InvokedItem {
  types::Value item;  // of for_each; null without
  ItemStatus status = ItemStatus::waiting;
  types::Value result;
  ErrorInfo error;
  std::optional<CallId> call;
  std::optional<InstanceId> child;
};

// Work that was started and whose end is still of interest. Three kinds share the shape:
// - of an active state: the normal case;
// - `state` is k_no_state: the state was left. The items are cancelled, and stay until the runtime
// says how their
//   sent calls ended, so that a late success is undone. `invoke` names the declaration, or is
//   "do:<adapter.op>" for a call made by an action, which belongs to no state;
// - `invoke` is "cancel" at the root: the instance is being cancelled and undoes its calls.
struct Invocation {
  std::string invoke;  // InvokeDecl::id
  StateIndex state = k_no_state;
  std::uint32_t entry = 0;
  bool settled = false;  // its join has been decided
  std::vector<InvokedItem> items;
};

// A finished call that declared how it is undone; newest last.
struct Undo {
  CallId call;
  std::string operation;  // "adapter.op"
  types::Value input;     // evaluated when the call finished
  bool done = false;
  std::optional<CallId> by;  // the compensating call, once decided
};

// People who approved an action that wants several; forgotten when its state is left.
struct Approval {
  StateIndex state = k_no_state;
  std::string action;
  std::vector<std::string> actors;
};

// An entry in people's inbox: the task of an active state, as it was evaluated when it was opened,
// and what people and time have made of it since. (instance, entry, index) is its TaskId.
struct OpenTask {
  StateIndex state = k_no_state;
  std::uint32_t entry = 0;  // seq at which it was opened
  std::uint16_t index = 0;  // position among those opened by that step
  std::string title;
  std::string queue;
  std::vector<std::string> roles;  // who may take it; empty: anybody
  std::string assignee;            // who has it; "" nobody
  Timestamp opened_at;
  std::optional<Timestamp> claimed_at;  // when the assignee took it; none while it was only given
  std::optional<Timestamp> due;
  std::uint16_t level = 0;  // how often it has been overdue

  bool operator==(const OpenTask&) const = default;
};

struct Incident {
  std::uint32_t seq = 0;  // of the step that raised it
  std::string code;
  std::string message;
  Timestamp at;
  bool holds = false;  // the instance is held by it
  std::string state;   // path of the state it belongs to: leaving the state closes it; "" none
  std::optional<CallId> call;  // a call in the dead letters
};

// Bounds of a family: generations below its root, and instances that work for it at a time. What a
// root has of the second is shared out: each child gets its part of what its parent was given.
inline constexpr std::uint8_t k_max_family_depth = 8;
inline constexpr std::uint32_t k_max_family = 100'000;

// Bounds of what an instance does by itself: steps of its timers but for `every`, and those in
// which what it invoked is decided (a fan-out once). What comes from elsewhere pays for some of
// them. Its first k_free_steps steps are not looked at, so that next to no instance has anything to
// store.
inline constexpr std::uint32_t k_max_own_steps = 36'000;
inline constexpr std::uint32_t k_own_steps_for_an_event = 100;
inline constexpr Duration k_own_steps_within{std::chrono::hours{1}};
inline constexpr std::uint32_t k_free_steps = 1000;
struct OwnSteps {
  Timestamp since;  // beginning of the hour that is counted
  std::uint32_t count = 0;

  bool operator==(const OwnSteps&) const = default;
};

struct ParentRef {
  InstanceId instance;
  InvocationRef of;
  std::uint8_t depth = 1;             // of the child: a root's own are the first generation
  std::uint32_t room = k_max_family;  // descendants that the child may have at a time
};

struct Snapshot {
  InstanceId id;
  InstanceId root;  // of the tree; itself when it has no parent
  std::optional<ParentRef> parent;
  std::string tenant;
  std::string workflow;
  std::uint32_t version = 0;
  std::string key;
  Life life = Life::running;
  std::uint32_t seq = 0;  // of the last step; the start is 1
  Timestamp at;           // step time of the last step: never goes back
  Timestamp started_at;
  types::Value input;
  types::Value data;
  std::string status;                     // public word
  std::vector<StateIndex> configuration;  // active states, all levels, in document order
  std::vector<std::pair<StateIndex, std::vector<StateIndex>>> history;  // by history pseudo-state
  std::vector<ArmedTimer> timers;
  std::vector<PendingSend> sends;
  std::vector<Invocation> invocations;
  std::vector<Event> deferred;  // in order of arrival
  std::vector<Event> queued;    // arrived while held or suspended
  std::vector<Undo> undo;
  std::vector<Approval> approvals;
  std::vector<OpenTask> tasks;      // in the order in which they were opened
  std::vector<Incident> incidents;  // open ones
  bool replied = false;
  types::Value output;            // once ended
  ErrorInfo error;                // once failed
  std::vector<std::string> keys;  // alias bindings it holds: "<alias>=<value>", sorted
  Causation causation;            // of the last step; a timer without time goes on from it
  std::uint32_t turn_seq = 0;     // of the step that began the last turn
  OwnSteps own_steps;

  bool is_active(StateIndex state) const;
};

// Bounds of what one snapshot may hold; beyond them a step is refused with an incident.
inline constexpr std::size_t k_max_deferred = 1000;
inline constexpr std::size_t k_max_items = 10'000;
inline constexpr std::size_t k_max_data_bytes = 1u << 20;

// The earliest due time of timers and delayed sends, if any; none while the instance is held,
// suspended or ended.
std::optional<Timestamp> next_due(const Snapshot& snapshot);

// The timer or delayed send that next_due() speaks of, as the event that fires it. Of several due
// at once, sends come first, each kind in the order in which they were armed.
std::optional<TimerDue> next_timer(const Machine& machine, const Snapshot& snapshot);

// Dotted paths of the active atomic states, joined by ',' in document order: "live.paying".
std::string state_text(const Machine& machine, const Snapshot& snapshot);

}  // namespace vozex::machine
