// SPDX-License-Identifier: Apache-2.0
//
// Effects: what a step wants done, as values. Collected while deciding, carried out by the runtime
// after the commit that holds them. Timers, deferred events and life are in the snapshot itself and
// need no effect.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/machine/snapshot.h"

namespace vozex::machine {

struct StartCall {
  CallId id;
  std::optional<InvocationRef> of;  // none: an action's call, not awaited
  OperationRef operation;
  types::Value input;
  std::string idempotency_key;
  std::optional<Duration> timeout;
  RetryPolicy retry;
  bool compensation = false;  // it undoes `undoes`
  std::optional<CallId> undoes;
};

// Withdraw if not sent; if sent, its end is only recorded (and undone when it declared how). The
// runtime answers with CallEnded in either case; a withdrawn call ended with the error `withdrawn`.
struct CancelCall {
  CallId id;
};

// The child's id follows from (parent, invoke, entry, item), so that a repeated decision names the
// same child.
struct StartChild {
  InvocationRef of;
  InstanceId child;
  std::string workflow;
  types::Value input;
  std::uint8_t depth = 1;  // as in ParentRef
  std::uint32_t room = 0;
  Causation causation = {};
};

struct CancelChild {
  InstanceId child;
};

// To every live instance that matches it, to subscribers, to brokers. `index` counts this step's
// messages.
struct Emit {
  std::uint16_t index = 0;
  std::string event;
  types::Value data;
  Causation causation = {};
};

// The answer to whoever invoked this instance; the runtime turns it into ChildEnded for the parent.
struct Reply {
  bool ok = true;
  bool final = false;
  types::Value result;
  ErrorInfo error;
};

// `start:` action, a new root instance.
struct StartInstance {
  std::uint16_t index = 0;
  InstanceId instance;
  std::string workflow;
  types::Value input;
  Causation causation = {};
};

struct SendTo {  // `send` to parent or child
  std::uint16_t index = 0;
  InstanceId to;
  std::string event;
  types::Value data;
  Causation causation = {};
};

struct LogLine {
  std::string text;
};

struct RaiseIncident {
  Incident incident;
};

// Bindings that this step takes up or gives back: the business key (alias "") and aliases.
struct BindKey {
  std::string alias;
  std::string value;
};
struct UnbindKey {
  std::string alias;
  std::string value;
};

using Effect = std::variant<StartCall,
                            CancelCall,
                            StartChild,
                            CancelChild,
                            Emit,
                            Reply,
                            StartInstance,
                            SendTo,
                            LogLine,
                            RaiseIncident,
                            BindKey,
                            UnbindKey>;

// What happened to the event, as the answer to its sender says. Persisted.
enum class Disposition : std::uint8_t {
  transitioned = 1,
  created = 2,
  deferred = 3,
  waiting = 4,  // parked: nobody matches yet
  ignored = 5,  // recorded, nothing changed
  duplicate = 6,
  rejected = 7,
  stale = 8,      // a timer or result of something that is over: recorded
  queued = 9,     // the instance is held or suspended
  ended = 10,     // its only match has ended
  incident = 11,  // the step was refused; the instance is held
};
const char* to_string(Disposition disposition);

// Why a step did what it did: every transition that was considered, in order.
struct Considered {
  std::string state;   // path
  std::string event;   // descriptor; "" eventless; "after 30m", "on_done", "action accept"
  std::string when;    // source of the guard; "" without
  std::string result;  // taken, false, error: <text>, preempted, deferred
  std::uint32_t line = 0;
};

struct Explanation {
  std::vector<Considered> considered;
  std::vector<std::string> exited;  // paths, in order
  std::vector<std::string> entered;
  std::vector<TransitionIndex> taken;  // in order; for coverage and for drawing, never stored
  std::uint16_t microsteps = 0;
  std::string note;  // "no active state takes payment.failed", "timer of an earlier entry"
};

}  // namespace vozex::machine
