// SPDX-License-Identifier: Apache-2.0
//
// BulkCore: runs batches of ops (bulk.h): claims those that are free, lists their instances, does a
// chunk of items at the batch's rate (bulk_round.h), records the results. A process that dies
// leaves its batches to whoever claims them after the lease. One round at a time, so that all
// batches together are as gentle as one. It asks the stores itself; it has no thread and no clock:
// bulk_driver.h gives it both, tests/simulation simulated ones. Thread rule: one thread. Tests:
// tests/unit/runtime/bulk_test.cc, tests/simulation (kind "office").
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/ops/bulk_round.h"

namespace vozex::runtime {

// Live instances that an order is about, a page at a time, by id.
struct BulkPage {
  struct Candidate {
    ports::InstanceRow row;
    std::vector<ports::CallRow> dead;
  };
  std::vector<Candidate> found;
  InstanceId cursor;
  bool last = false;
};
Result<BulkPage> bulk_page(ports::QueryStore& queries,
                           const BulkOrder& order,
                           const std::string& tenant,
                           const InstanceId& after,
                           std::size_t limit);

class BulkCore {
 public:
  struct Ports {
    ports::BatchStore* batches = nullptr;
    ports::QueryStore* queries = nullptr;
    BulkHands* hands = nullptr;
    std::function<Timestamp()> now;
  };
  // All must outlive this. `owner` holds the batches, for `lease` after each claim. `page` is how
  // many instances are looked at in one round of listing.
  BulkCore(Ports ports, const SessionId& owner, Duration lease, std::size_t page = k_bulk_page);

  // Does what can be done at once. When there is more to do, unless answers come earlier; nothing:
  // nothing runs. `look`: there may be something new to run.
  std::optional<Timestamp> work(bool look);
  // Then there may be more to do at once.
  void answered(std::uint64_t ticket, Result<EventAnswer> answer);
  // What went wrong since it was asked last, for the log.
  std::vector<std::string> take_notes() { return std::exchange(notes_, {}); }

 private:
  bool is_waiting() const { return round_ && round_->is_waiting(ports_.now()); }
  bool claim();
  std::optional<Timestamp> begin(ports::BatchRow& row);
  std::optional<Timestamp> finish();
  std::optional<Timestamp> save(ports::BatchRow& row, Result<ports::BatchRound> round);
  std::optional<Timestamp> after_trouble(const ports::BatchId& batch, const Error& error);
  Result<ports::BatchRound> list(const ports::BatchRow& row, const BulkOrder& order);

  Ports ports_;
  SessionId owner_;
  Duration lease_;
  std::size_t page_;
  std::vector<ports::BatchRow> rows_;  // what it runs
  std::size_t at_ = 0;                 // the next of them in this pass
  std::optional<Timestamp> next_;      // of those before it
  bool look_ = false;
  Timestamp claimed_at_{};
  std::map<ports::BatchId, BulkPace> paces_;
  std::uint64_t ticket_ = 0;
  std::optional<BulkRound> round_;  // under way: of rows_[at_ - 1]
  std::vector<std::string> notes_;
};

}  // namespace vozex::runtime
