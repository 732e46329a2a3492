// SPDX-License-Identifier: Apache-2.0
//
// Item: one thing that a lane has to do, and the orders it may be. An item lives in one lane's
// queue at a time, is part of one batch at a time, and ends with an answer, a hand-over or nothing
// to do. Values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/ids.h"
#include "engine/machine/effect.h"
#include "engine/machine/event.h"
#include "engine/ports/lane_store.h"
#include "engine/runtime/engine.h"

namespace vozex::runtime {

// An event that has to find its instances.
struct FindOrder {
  machine::Event event;
};

// An event for one instance. Without a shard, only the id is known: it is looked for.
struct DeliverOrder {
  InstanceId to;
  std::optional<Shard> shard;
  machine::Event event;
  bool strict = false;  // a rejection is the answer's error rather than a delivery
};

// A new instance: a root, or the child of a message that did not fit its parent's batch.
struct NewOrder {
  InstanceId id;
  InstanceId root;
  std::optional<machine::ParentRef> parent;
  std::string tenant;
  std::string workflow;
  types::Value input;
  machine::Causation causation = {};
};

// Something of this instance is due.
struct TimerOrder {
  ports::InstanceKey instance;
  Timestamp due;
};

// How a call ended, for its instance. `drop` ends the row without telling the instance.
struct CallOrder {
  ports::CallRow row;
  bool ok = false;
  types::Value result;
  machine::ErrorInfo error;
};

// A change of a call's row alone: retry, lease. A leased call goes out.
struct CallWriteOrder {
  ports::CallWrite write;
  bool maybe_sent = false;
};

// A call that came from a dead session or waited in the store: it goes out if its instance still
// wants it.
struct CallCheckOrder {
  ports::CallRow row;
  bool maybe_sent = false;
  bool by_hand = false;  // sent again by ops: its deadline is over, and does not count
};

// Events wait on a key that has a live holder now.
struct ClaimOrder {
  ports::BindingKey key;
};

// Nothing is left to do but to remove the outbox row.
struct DoneOrder {};

// Something went wrong that its instance didn't decide: an incident says so. With `holds` the
// instance is held by it, because what it did could not be stored.
struct PoisonOrder {
  ports::InstanceKey instance;
  std::string code;
  std::string message;
  bool holds = true;
};

// A dead call goes out once more, because somebody says so.
struct RetryOrder {
  ports::CallRow row;
  machine::Actor actor;
  std::string reason;
};

struct Item {
  using Order = std::variant<FindOrder,
                             DeliverOrder,
                             NewOrder,
                             TimerOrder,
                             CallOrder,
                             CallWriteOrder,
                             CallCheckOrder,
                             ClaimOrder,
                             DoneOrder,
                             PoisonOrder,
                             RetryOrder>;

  Order order;
  std::optional<MarkId> mark;  // de-duplication; none: it can't come twice
  std::optional<ports::BindingKey>
      parked_on;                           // it was parked, under `mark`, and this key was taken
  std::optional<ports::OutboxRow> outbox;  // the row it came from
  std::string fingerprint;     // of the request under `mark`: another one may not reuse it; "" any
  Done<EventAnswer> done;      // may be empty
  std::uint16_t failures = 0;  // lost races so far
  std::uint16_t delays = 0;    // times it was put off
  std::uint16_t looks_back = 0;  // how often its sender had posted more than one load shows
  bool handed_over = false;      // stays where it is from now on
  bool went_behind = false;      // those that waited on its keys have gone first
  bool let_earlier_go = false;   // what its sender posted before it has gone first
  bool keep_unknown = false;     // an event that nobody declares waits until somebody does
  bool look_first = false;       // it shared a group with one that had come before: has it, too?
  std::vector<ports::BindingKey>
      taken;  // keys that a commit found taken: looked at before the next try
};

// After so many lost races an item is committed alone, and after so many it is given up as a
// conflict.
inline constexpr std::uint16_t k_alone_after = 3;
inline constexpr std::uint16_t k_give_up_after = 200;

// Beyond so many matching instances an event is fanned out through the outbox.
inline constexpr std::size_t k_max_inline_hits = 64;
// Beyond so many it is refused: each message of one sender has a number of 16 bits.
inline constexpr std::size_t k_max_hits = 0xFFFF;
// The answer to an event, which its mark keeps, lists so many of them and counts the rest.
inline constexpr std::size_t k_max_listed_deliveries = 1000;

}  // namespace vozex::runtime
