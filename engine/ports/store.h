// SPDX-License-Identifier: Apache-2.0
//
// Store: what the runtime needs from a database, as narrow interfaces over plain rows. One
// behaviour, three implementations (adapters/simulated, sqlite, postgres), one conformance suite
// (tests/store).
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
// Errors: class unavailable (nothing happened; try again), outcome_unknown (settle()), corrupt,
// constraint. Lock order in every path: instances (skip locked), bindings sorted, marks sorted, the
// rest.
#pragma once

#include <algorithm>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/machine/effect.h"
#include "engine/machine/snapshot.h"

namespace vozex::ports {

// ---- rows ----

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

// ---- the other sides ----

struct DefinitionRow {
  std::string workflow;
  std::uint32_t version = 0;
  std::string content_hash;
  std::string bundle;  // JSON: the source files it was compiled from
  Timestamp deployed_at;
};

class DefinitionStore {
 public:
  virtual ~DefinitionStore() = default;
  // All or none. Class conflict `version_changed` when a version exists with another hash; the same
  // again is fine.
  virtual Result<void> put(const std::vector<DefinitionRow>& rows) = 0;
  virtual Result<std::vector<DefinitionRow>> all() = 0;
};

// Calls of one adapter that wait in the store.
struct WaitingCalls {
  std::string adapter;
  Timestamp next_at;  // the earliest
  bool operator==(const WaitingCalls&) const = default;
};

// What the store holds for whoever looks after it, as of one heartbeat. A process at rest learns
// from it that there is nothing to ask for.
struct News {
  std::vector<SessionId> living;  // sessions that have not been buried, by id: who shares the work
  bool orphans = false;           // inherit() would find something to bury or to give away
  bool unclaimed = false;         // unclaimed(Holding::live) would find something
  std::vector<WaitingCalls> waiting_calls;  // by name of the adapter
  std::optional<Timestamp> first_timer;     // the earliest of all shards
  std::optional<Timestamp> first_expiry;    // of parked events
  std::string definitions;                  // changes whenever definitions were put
  bool batches = false;                     // one is running (ports/batches.h)
};

struct Beat {
  Timestamp now;  // the database's clock
  std::optional<News>
      news;  // none when they could not be had in time; the beat counts all the same
};

// Processes. A session lives as long as it beats, judged by the database's clock; a dead one never
// revives.
class SessionStore {
 public:
  virtual ~SessionStore() = default;
  virtual Result<void> join(const SessionId& session, const std::string& name) = 0;
  // `lease` as for inherit(). Class not_found when the session is dead: drop all leases and caches,
  // join anew.
  virtual Result<Beat> beat(const SessionId& session, Duration lease) = 0;
  virtual Result<void> leave(const SessionId& session) = 0;
  // Buries sessions that haven't beaten for `lease` and gives the calls (attempt and losses raised)
  // and outbox rows of whoever is not a living session to `heir`, at most `limit` of each. Class
  // not_found when the heir itself is dead.
  struct Inheritance {
    std::vector<CallRow> calls;
    std::vector<OutboxRow> outbox;
  };
  virtual Result<Inheritance> inherit(const SessionId& heir, Duration lease, std::size_t limit) = 0;
};

struct DueTimer {
  InstanceKey instance;
  Timestamp due;
};

// A set of shards, by number.
using ShardSet = std::bitset<256>;

struct TenantCount {
  std::string tenant;
  std::uint64_t count = 0;
};

// Whose keys: those of a live instance, or those of ended ones only.
enum class Holding : std::uint8_t { live, ended };

// What a mark says of a parked event that nobody took in time.
inline constexpr const char* k_expired_answer =
    R"({"code":"parked_expired","disposition":"rejected"})";

// Work that waits in the database rather than in a process.
class WorkStore {
 public:
  virtual ~WorkStore() = default;
  // Instances of `shards` whose earliest timer is due before `horizon`, earliest first.
  virtual Result<std::vector<DueTimer>> timers_before(Timestamp horizon,
                                                      const ShardSet& shards,
                                                      std::size_t limit) = 0;
  // Leases waiting calls of one adapter that may go now to `session`, earliest first.
  virtual Result<std::vector<CallRow>> claim_calls(const SessionId& session,
                                                   const std::string& adapter,
                                                   Timestamp now,
                                                   std::size_t limit) = 0;
  // The adapters for which calls wait, by name.
  virtual Result<std::vector<WaitingCalls>> waiting_calls() = 0;
  // Keys that are held and on which events still wait: a process died between taking the key and
  // delivering them. With Holding::ended the holder has ended meanwhile; dearer to find.
  virtual Result<std::vector<BindingKey>> unclaimed(Holding holding, std::size_t limit) = 0;
  // Parked events past their time: removed, and their marks answered as dead letters (disposition
  // rejected, k_expired_answer). How many.
  virtual Result<std::size_t> expire_parked(Timestamp now, std::size_t limit) = 0;
  // How many keys have events waiting on them, an event counted on each of its keys. By tenant.
  virtual Result<std::vector<TenantCount>> parked_by_tenant() = 0;
};

struct InstanceFilter {
  std::string tenant;
  std::string workflow;  // "" any
  std::string key;       // "" any; a live instance is found by a key that it holds
  std::string state;     // path or a parent of it, "" any
  std::optional<machine::Life> life;
  bool live_only = false;
  bool incident_only = false;
  InstanceId root;   // nil any
  InstanceId after;  // cursor: ids greater than this; nil from the start
};

struct CallFilter {
  std::optional<CallState> state;
  InstanceId of;        // nil any
  std::string adapter;  // "" any
  CallId after;         // cursor: ids greater than this; of a nil instance from the start
};

struct StateCount {
  std::string workflow;
  std::uint32_t version = 0;
  std::string state;
  std::uint64_t count = 0;
  std::uint64_t incidents = 0;
};

// Reads for people and APIs. Never a source of decisions. Thread rule: any thread.
class QueryStore {
 public:
  virtual ~QueryStore() = default;
  virtual Result<std::optional<InstanceRow>> instance(const InstanceId& id) = 0;
  virtual Result<std::vector<InstanceRow>> instances(const InstanceFilter& filter,
                                                     std::size_t limit) = 0;
  virtual Result<std::vector<HistoryRow>> history(const InstanceId& id,
                                                  std::uint32_t after_seq,
                                                  std::size_t limit) = 0;
  // By id.
  virtual Result<std::vector<CallRow>> calls(const CallFilter& filter, std::size_t limit) = 0;
  // Of live instances.
  virtual Result<std::vector<StateCount>> counts(const std::string& tenant) = 0;
  virtual Result<std::uint64_t> parked_count() = 0;
  // Cheap; for readiness.
  virtual Result<void> ping() = 0;
};

// Where a task without a due time stands in the inbox: last. 9999-12-31T00:00:00Z.
inline constexpr Timestamp k_never_due{Duration{253'402'214'400'000'000}};
inline Timestamp due_of(const TaskRow& row) {
  return row.due ? std::min(*row.due, k_never_due) : k_never_due;
}

struct TaskFilter {
  std::string tenant;
  std::string queue;               // "" any
  std::string workflow;            // "" any
  std::vector<std::string> roles;  // those that one of these roles may take; empty: all
  std::string assignee;            // "" any
  bool unassigned = false;
  std::optional<Timestamp> due_before;  // those that are due before this
  InstanceId of;                        // nil any
  // Cursor: those behind (due_of, id); none from the start.
  struct After {
    Timestamp due;
    TaskId id;
  };
  std::optional<After> after;
};

struct TaskCount {
  std::string queue;
  std::uint64_t open = 0;
  std::uint64_t unassigned = 0;
  std::uint64_t overdue = 0;  // due before the moment asked about
};

// People's inbox. Reads for people: what decides about a task is its instance's own row. Thread
// rule: any thread.
class InboxStore {
 public:
  virtual ~InboxStore() = default;
  // What is due first stands first; without a due time last; then by id.
  virtual Result<std::vector<TaskRow>> tasks(const TaskFilter& filter, std::size_t limit) = 0;
  // By queue.
  virtual Result<std::vector<TaskCount>> task_counts(const std::string& tenant, Timestamp now) = 0;
};

// The whole. The references live as long as the store.
class Store {
 public:
  virtual ~Store() = default;
  virtual Result<std::unique_ptr<LaneStore>> open_lane() = 0;
  virtual DefinitionStore& definitions() = 0;
  virtual SessionStore& sessions() = 0;
  virtual WorkStore& work() = 0;
  virtual QueryStore& queries() = 0;
  virtual InboxStore& inbox() = 0;
};

}  // namespace vozex::ports
