// SPDX-License-Identifier: Apache-2.0
//
// What a store keeps, row by row, as the engine reads and writes it.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/machine/effect.h"
#include "engine/machine/snapshot.h"

namespace vozex::ports {

struct InstanceKey {
  Shard shard = 0;
  InstanceId id;
  auto operator<=>(const InstanceKey&) const = default;
};

// One instance row. `input`, `data`, `rt` are the texts of machine/codec.h.
struct InstanceRow {
  Shard shard = 0;
  InstanceId id;
  InstanceId root;
  InstanceId parent;  // nil without
  std::string tenant;
  std::string workflow;
  std::uint32_t version = 0;
  std::string key;
  Etag etag = 0;
  std::uint32_t seq = 0;
  machine::Life life = machine::Life::running;
  std::string state;      // machine::state_text
  std::string status;     // public word
  bool incident = false;  // has an open one
  std::optional<Timestamp> timer_at;
  Timestamp at;
  Timestamp started_at;
  std::string input;
  std::string data;
  std::string rt;
  std::string output;  // JSON once ended, else ""
};

// An open task as people's inbox shows it: what the instance's own row says of it, repeated where
// it can be searched. Written by the commit that writes the instance, so the two can't disagree.
struct TaskRow {
  TaskId id;
  Shard shard = 0;
  std::string tenant;
  std::string workflow;
  std::string key;    // of the instance
  std::string state;  // path
  std::string title;
  std::string queue;
  std::vector<std::string> roles;  // who may take it; empty: anybody
  std::string assignee;            // "" nobody
  Timestamp opened_at;
  std::optional<Timestamp> claimed_at;
  std::optional<Timestamp> due;
  std::uint16_t level = 0;  // how often it has been overdue

  bool operator==(const TaskRow&) const = default;
};

// A place where instances are found and early events wait. `slot` is "<workflow>" for the business
// key and
// "<workflow>#<alias>" for an alias.
struct BindingKey {
  std::string tenant;
  std::string slot;
  std::string key;
  auto operator<=>(const BindingKey&) const = default;
};

struct BoundRow {
  BindingKey binding;
  InstanceKey instance;
  bool ended = false;    // the instance has ended; the key stays taken where it is never reused
  bool waiting = false;  // events that came early still wait on the key
};

struct MarkRow {
  MarkId mark;
  machine::Disposition disposition = machine::Disposition::ignored;
  std::string answer;  // JSON, as first given
};

struct ParkedRow {
  MarkId mark;
  std::uint64_t order = 0;  // of arrival
  std::string event;        // JSON of machine::encode_event
  Timestamp expires_at;
};

struct HistoryRow {
  Shard shard = 0;
  InstanceId id;
  std::uint32_t seq = 0;
  machine::Disposition disposition = machine::Disposition::ignored;
  Timestamp at;       // step time
  std::string entry;  // JSON of machine::encode_history
};

// Persisted.
enum class CallState : std::uint8_t { leased = 1, waiting = 2, dead = 3 };

struct CallRow {
  CallId id;
  Shard shard = 0;
  std::string tenant;
  std::string adapter;
  CallState state = CallState::leased;
  SessionId owner;            // nil unless leased
  std::uint16_t attempt = 1;  // of the lease; a takeover raises it
  std::uint16_t losses = 0;   // of these, leases that were lost with their process
  Timestamp next_at;          // waiting: not before
  Timestamp decided_at;
  std::string request;  // JSON owned by the runtime
  std::string error;    // JSON of the last failure, or ""
};

struct OutboxRow {
  Shard shard = 0;
  InstanceId from;
  std::uint32_t seq = 0;
  std::uint16_t index = 0;
  SessionId owner;
  std::string event;  // JSON of machine::encode_event, with its addressee
};

}  // namespace vozex::ports
