// SPDX-License-Identifier: Apache-2.0
//
// What follows from one attempt of a call: its end, another attempt, or a question. Pure: replies,
// times and a random number in, a decision out. Specification: docs of retries in the language
// reference, architecture.md "What must stay true". Tests: tests/unit/runtime.
#pragma once

#include <cstdint>

#include "engine/machine/snapshot.h"
#include "engine/ports/adapter.h"
#include "engine/runtime/items/messages.h"

namespace vozex::runtime {

struct CallDecision {
  enum class Kind : std::uint8_t {
    end,     // with ok, result or error
    retry,   // certainly not done, may go again later: waits in the store, anybody may take it
    repeat,  // may be done, and may be repeated: again after `delay`, by us
    ask,     // may be done, must not be repeated: ask after `delay`
  };
  Kind kind = Kind::end;
  Duration delay{0};
  bool ok = false;
  types::Value result;
  machine::ErrorInfo error;  // of the last failure, also when it goes on
};

// What is known about a call's attempts. `tries` counts the one that just ended. A lease that was
// lost with its process is none: nobody failed, and nobody knows whether it was sent.
struct CallHistory {
  std::uint16_t tries = 1;
  std::uint16_t losses = 0;
  std::uint16_t asks = 0;
  Timestamp decided_at;
  Timestamp now;
  double random = 0.5;  // in [0, 1): places the jitter
};

CallDecision after_call(const CallSpec& spec,
                        const ports::CallReply& reply,
                        const CallHistory& history);
// `last` is the failure that made us ask.
CallDecision after_ask(const CallSpec& spec,
                       const ports::CallReply& reply,
                       const machine::ErrorInfo& last,
                       const CallHistory& history);
// First decision about a call that somebody else may have sent: end (nothing can be known, or too
// many were lost with it), repeat or ask.
CallDecision after_loss(const CallSpec& spec, const CallHistory& history);

// Delay before attempt `tries` + 1: exponential, capped, jittered, at least what the other side
// asked for.
Duration backoff(const machine::RetryPolicy& policy,
                 std::uint16_t tries,
                 std::optional<Duration> retry_after,
                 double random);

// The instance still waits for the call's end, or it is an action's call, which nobody withdraws.
bool is_wanted(const machine::Snapshot& snapshot, const CallId& id, const CallSpec& spec);

machine::ErrorInfo withdrawn_error();

// The error of a call whose deadline passed before it could be sent; `last` is what its last
// attempt said, if any.
machine::ErrorInfo deadline_error(machine::ErrorInfo last);

// What the other side may ask us to wait, at most.
inline constexpr Duration k_max_retry_after{std::chrono::hours{24}};
// So much longer we wait, so that it is never shorter: the database's clock, as this process
// reckons it, moves by some milliseconds with each better look at it.
inline constexpr Duration k_retry_after_slack{std::chrono::milliseconds{100}};
// Processes that a call may take down with it before it is given up.
inline constexpr std::uint16_t k_max_losses = 50;
// Questions about one unknown outcome, at least, before it is called unknown for good.
inline constexpr std::uint16_t k_min_asks = 3;

}  // namespace vozex::runtime
