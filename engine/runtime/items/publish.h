// SPDX-License-Identifier: Apache-2.0
//
// Publish: what is done after a commit, because of it: answers, calls, timers, items for other
// lanes. Losing it in a crash loses nothing: all of it follows from rows. Values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/engine.h"
#include "engine/runtime/items/item.h"
#include "engine/runtime/items/messages.h"

namespace vozex::runtime {

// A call whose row is leased to this session.
struct OutgoingCall {
  ports::CallRow row;
  bool maybe_sent = false;  // by a process that died: its outcome is unknown
  bool withdrawn = false;   // nobody waits for it: only its outcome is of interest
  bool reserved = false;    // a place at the gate is held for it
  bool by_hand = false;     // ops sent it again: whatever its deadline and the crowd
  std::optional<CallSpec> spec = std::nullopt;  // what its row's request says, when that is known
};

struct LogNote {
  enum class Level : std::uint8_t { info, warning, error };
  Level level = Level::info;
  std::string text;  // no payloads
  InstanceId instance;
  std::string workflow;
  std::string key;
};

struct Publish {
  std::vector<std::pair<Done<EventAnswer>, Result<EventAnswer>>> answers;
  std::vector<OutgoingCall> calls;
  std::vector<CallId> withdrawn;  // not wanted any more: drop them if they haven't been sent
  bool calls_wait = false;        // calls were left in the store for want of room
  std::vector<Item> doubtful;     // ends of calls that keep losing: is the lease still ours?
  std::vector<std::pair<ports::InstanceKey, std::optional<Timestamp>>> timers;  // next due, if any
  std::vector<std::pair<std::size_t, Item>> handed;                             // to another lane
  std::vector<Item> later;  // can't be done now: offer again in a while
  std::vector<Engine::Change> changes;
  std::vector<LogNote> notes;

  struct Counts {
    std::uint64_t duplicates = 0;
    std::uint64_t transitions = 0;
    std::uint64_t batches = 0;
    std::uint64_t stale_groups = 0;
    std::uint64_t timers_fired = 0;
    std::uint64_t parked = 0;
    std::uint64_t calls_dead = 0;
  } counts;
};

}  // namespace vozex::runtime
