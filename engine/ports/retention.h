// SPDX-License-Identifier: Apache-2.0
//
// RetentionStore: what has ended leaves the database, in portions, so that its tables hold what is
// alive. Somebody else keeps a copy between ended_before() and remove(): what was read is removed
// only if nothing changed it since. The keys of what goes stay: a key that is never reused is never
// reused, and an event for it is still answered "ended". Implemented by both databases; tests:
// tests/store/retention_test.cc. Thread rule: any thread.
#pragma once

#include <functional>
#include <vector>

#include "engine/base/result.h"
#include "engine/ports/rows.h"

namespace vozex::ports {

struct EndedInstance {
  InstanceRow row;
  Timestamp ended_at;
  std::vector<HistoryRow> history;  // the whole, by sequence number
};

class RetentionStore {
 public:
  virtual ~RetentionStore() = default;
  // Instances that ended before `before`, of trees in which nothing lives, without open calls or
  // messages. In no order.
  virtual Result<std::vector<EndedInstance>> ended_before(Timestamp before, std::size_t limit) = 0;
  // Removes them with their history; one that changed since it was read stays. How many went.
  virtual Result<std::size_t> remove(const std::vector<EndedInstance>& instances) = 0;
  // Forgets marks of events taken before `before`, at most `limit` (SQLite), or whole months that
  // lie before it (PostgreSQL). How many marks or months; 0 when nothing is left to forget.
  virtual Result<std::size_t> forget_marks(Timestamp before, std::size_t limit) = 0;
  // Forgets batches of ops (batches.h) that ended before `before`: at most `limit` of their items,
  // and those that have none left. How many rows; 0 when nothing is left to forget.
  virtual Result<std::size_t> forget_batches(Timestamp before, std::size_t limit) = 0;
  // Gives back months that became empty. How many.
  virtual Result<std::size_t> release_months() = 0;
  // Runs `work` while no other process does the same; false when one is at it.
  virtual Result<bool> alone(const std::function<Result<void>()>& work) = 0;
};

}  // namespace vozex::ports
