// SPDX-License-Identifier: Apache-2.0
//
// LaneStore: one lane's connection. It loads rows without locks and commits a batch by
// compare-and-swap.
//
// The write side is one method: commit() takes a whole batch, split into groups; each group is
// applied entirely or not at all, and gets its own verdict. No transaction is open while the engine
// thinks: rows are loaded without locks, and a commit compares the etag of each row with the one
// that was loaded.
//
// Invariants that every implementation keeps, each shown by the suite:
//  - a group whose instance row, call lease or parked event is no longer as it was read changes
//    nothing (stale);
//  - a group that repeats a mark changes nothing (duplicate), and the first answer comes back;
//  - a key has at most one live holder; a binding row arbitrates between an early event that parks
//    on a key and a start that takes it: one of the two sees the other, always;
//  - an ended instance lives in `finished`, has no timer, and its row may still record late
//    results.
//
// Lock order in every path: instances (skip locked), bindings sorted, marks sorted, the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/ports/rows.h"

namespace vozex::ports {

// ---- load ----

struct LoadRequest {
  std::vector<InstanceKey> instances;
  std::vector<BindingKey> bindings;  // who holds these keys?
  std::vector<MarkId> marks;         // seen before?
  std::vector<BindingKey> parked;    // which events wait here?
  // What did their senders post before them, that is not delivered? Only the key members count.
  std::vector<OutboxRow> outbox = {};
};

// Rows that exist, in no particular order; ended instances come from `finished`.
struct LoadReply {
  std::vector<InstanceRow> instances;
  std::vector<BoundRow> bindings;
  std::vector<MarkRow> marks;
  std::vector<ParkedRow> parked;  // by order of arrival, each event once
  // In order of each sender; none of those that were asked about. Where there are more than
  // k_max_earlier some may be missing.
  std::vector<OutboxRow> outbox = {};
};
inline constexpr std::size_t k_max_earlier = 256;

// ---- commit ----

// The row as it shall be. `old` 0 inserts; stale when the id is live (that of an ended one is never
// used again: ids are new, or follow from a decision that an etag guards). An update leaves shard,
// ids, tenant, workflow, key, started_at and input as they were inserted, and `data` where it has
// not changed. A life that has ended moves the row to `finished` (without timer); a row that is
// there already (`was_ended`) is updated in place.
struct InstanceWrite {
  Etag old = 0;
  InstanceRow row;  // its etag is ignored: the request's counts
  bool data_changed = true;
  bool was_ended = false;
  // With tasks_changed: its open tasks as they shall be, in place of those that are there. Only of
  // a row that lives on; whoever ends has none.
  std::vector<TaskRow> tasks = {};
  bool tasks_changed = false;
};

struct MarkWrite {
  MarkId mark;
  InstanceId instance;  // nil when none
  std::uint32_t seq = 0;
  machine::Disposition disposition = machine::Disposition::ignored;
  std::string answer;
  bool resolve = false;  // the mark of a parked event gets its final answer: no duplicate
};

// Persisted nowhere.
enum class BindingOp : std::uint8_t {
  take_key,   // exclusive: stale `key_taken` when somebody holds it, or held it and keys here are
              // never reused
  add_alias,  // shared
  end,        // the holder ended; the row stays, marked
  release,    // the row goes
};

struct BindingWrite {
  BindingOp op = BindingOp::take_key;
  BindingKey binding;
  InstanceKey instance;
  bool reusable = false;  // take_key: an ended holder gives way
};

// Keep an event until one of `keys` is taken. Stale when one of them is live by now. Its mark is a
// MarkWrite of the same group, as with any event.
struct ParkWrite {
  MarkId mark;
  std::vector<BindingKey> keys;
  std::string event;
  Timestamp expires_at;
};

// Persisted nowhere. end, retry and dead compare owner (nil unless leased) and attempt; a mismatch
// makes the group stale. lease takes a call that is waiting or dead for `row.owner` at
// `row.attempt`; stale when it is leased or gone, or has another attempt than an `expect_attempt`
// that is not 0.
enum class CallOp : std::uint8_t { insert, end, retry, dead, lease, withdraw };

struct CallWrite {
  CallOp op = CallOp::insert;
  CallRow row;  // insert: the row (leased to `owner`, or waiting); retry: next_at, attempt, error;
                // dead: error
  SessionId expect_owner;  // of end, retry, dead
  std::uint16_t expect_attempt = 0;
  // withdraw: delete if waiting; a leased one is left alone. Never stale.
};

struct Group {
  std::vector<InstanceWrite> instances;
  std::vector<HistoryRow> history;
  std::vector<MarkWrite> marks;
  std::vector<BindingWrite> bindings;
  std::vector<ParkWrite> parks;
  std::vector<MarkId> unparks;  // parked events delivered by this group: stale when one is gone
  std::vector<CallWrite> calls;
  std::vector<OutboxRow> outbox;
  std::vector<OutboxRow>
      outbox_done;  // delivered; only the key members count; gone already is no error
};

struct CommitRequest {
  Etag etag = 0;  // random, never 0: names this batch in every row it writes
  SessionId session;
  Timestamp now;
  std::vector<Group> groups;
};

// Where several hold, duplicate goes before stale, and stale before key_taken.
enum class Verdict : std::uint8_t { committed, stale, duplicate, key_taken };

struct GroupVerdict {
  Verdict verdict = Verdict::committed;
  std::optional<MarkRow> first;     // duplicate: the first answer
  std::optional<BindingKey> taken;  // key_taken
};

struct CommitReply {
  std::vector<GroupVerdict> verdicts;  // one for each group, in order
  std::vector<BindingKey>
      claims;  // keys taken by this commit on which events wait: load them, deliver them
};

inline constexpr std::size_t k_max_batch_groups = 256;
inline constexpr std::size_t k_max_batch_rows = 2000;
inline constexpr std::size_t k_max_batch_bytes = 4u << 20;

// One lane's connection. Thread rule: one thread, the lane's.
class LaneStore {
 public:
  virtual ~LaneStore() = default;
  virtual Result<LoadReply> load(const LoadRequest& request) = 0;
  virtual Result<CommitReply> commit(const CommitRequest& request) = 0;
  // After outcome_unknown: makes sure that the old attempt can't commit any more, and sends the
  // same request again; groups that the old attempt committed are recognised by the etag and
  // answered `committed`.
  virtual Result<CommitReply> settle(const CommitRequest& request) = 0;
};

}  // namespace vozex::ports
