// SPDX-License-Identifier: Apache-2.0
//
// BatchStore: bulk operations of ops as durable jobs. A batch is an order over a query ("cancel all
// orders of version 3 in payment"); its instances are listed once, into items, and each item gets
// one result. A process runs a batch while it holds its lease, judged by the database's clock; when
// it dies, another goes on with the items that have no result. Doing an item twice is harmless:
// what it does carries an id that follows from batch and instance. Three implementations as with
// store.h, one suite: tests/store/batches_test.cc. Thread rule: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

namespace vozex::ports {

using BatchId = Id<struct BatchTag>;

// Persisted.
enum class BatchState : std::uint8_t { running = 1, paused = 2, cancelled = 10, done = 11 };
inline bool is_ended(BatchState state) { return state >= BatchState::cancelled; }

// Persisted. refused: the rules say no, and would again; failed: it was tried, and went wrong.
enum class BatchItemState : std::uint8_t { waiting = 1, applied = 2, refused = 3, failed = 4 };

struct BatchRow {
  BatchId id;
  std::string tenant;
  BatchState state = BatchState::running;
  std::string order;       // JSON owned by the runtime
  std::uint32_t rate = 0;  // items a second; 0: as fast as it goes
  bool listed = false;     // all instances of the query are items
  InstanceId cursor;       // of the listing: ids up to this one are
  std::uint64_t total = 0;
  std::uint64_t applied = 0;
  std::uint64_t refused = 0;
  std::uint64_t failed = 0;
  SessionId owner;  // nil: nobody runs it
  Timestamp created_at;
  Timestamp changed_at;  // by the caller's clock

  bool operator==(const BatchRow&) const = default;
};

struct BatchItem {
  InstanceId instance;
  BatchItemState state = BatchItemState::waiting;
  std::string basis;  // what the listing saw of it, JSON owned by the runtime; or ""
  std::string code;   // of refused and failed
  std::string note;
  Timestamp at;
};

// What one round of work writes, all or nothing.
struct BatchRound {
  BatchId batch;
  SessionId owner;
  Timestamp now;
  std::vector<BatchItem> add;  // those that are there already stay as they are
  InstanceId cursor;           // nil: stays
  bool listed = false;
  std::vector<BatchItem> results;  // counted once: an item that has one keeps it
  bool done = false;               // a running batch ends
};

inline Failure no_batch(const BatchId& id) {
  return fail(ErrorClass::not_found, "batch_not_found", "there is no batch " + id.text());
}
inline Failure ended_batch(const BatchId& id) {
  return fail(ErrorClass::conflict, "batch_ended", "the batch " + id.text() + " has ended");
}

class BatchStore {
 public:
  virtual ~BatchStore() = default;
  // The row as it is stored: that of the first time when the id is known.
  virtual Result<BatchRow> create(const BatchRow& row) = 0;
  virtual Result<std::optional<BatchRow>> batch(const BatchId& id) = 0;
  // Newest first; those behind `after`, nil from the newest. None behind a batch that is not there.
  virtual Result<std::vector<BatchRow>> batches(const BatchId& after, std::size_t limit) = 0;
  // By instance id, those greater than `after`.
  virtual Result<std::vector<BatchItem>> items(const BatchId& id,
                                               std::optional<BatchItemState> state,
                                               const InstanceId& after,
                                               std::size_t limit) = 0;
  // Pause, resume, cancel. Errors: not_found `batch_not_found`, conflict `batch_ended`.
  virtual Result<BatchRow> change(const BatchId& id, BatchState to, Timestamp now) = 0;
  // Running batches that are this owner's, nobody's, or whose lease ran out; theirs is now extended
  // by `lease`. Oldest first.
  virtual Result<std::vector<BatchRow>> claim(const SessionId& owner,
                                              Duration lease,
                                              std::size_t limit) = 0;
  // The row as it is then; nothing, and nothing written, when the batch is not this owner's any
  // more.
  virtual Result<std::optional<BatchRow>> save(const BatchRound& round) = 0;
  // Gives back what this owner holds.
  virtual Result<void> release(const SessionId& owner) = 0;
};

}  // namespace vozex::ports
