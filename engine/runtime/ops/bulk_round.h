// SPDX-License-Identifier: Apache-2.0
//
// BulkRound: what a batch of ops does to some of its items at once: orders like those that people
// give to one instance, and what came of each. What has no answer in time is asked for again by a
// later round, and is a duplicate then. No thread, no clock. Thread rule: one thread. Tests:
// tests/unit/runtime/bulk_test.cc, tests/simulation (kind "office").
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/runtime/ops/bulk.h"

namespace vozex::runtime {

// What carries the orders of a batch to the lanes. An answer is told to the core under the order's
// ticket: later or never, and never from inside of these calls.
class BulkHands {
 public:
  virtual ~BulkHands() = default;
  virtual void operate(std::uint64_t ticket, OpsOrder order) = 0;
  virtual void retry_call(std::uint64_t ticket,
                          const ports::CallRow& call,
                          Engine::RetryCall order) = 0;
};

class BulkRound {
 public:
  using Items = std::vector<ports::BatchItem>;
  struct Ports {
    BulkHands* hands = nullptr;
    ports::QueryStore* queries = nullptr;
    std::uint64_t* ticket = nullptr;  // the last one that was given out
  };

  // Gives the first orders.
  BulkRound(Ports ports, const ports::BatchRow& row, BulkOrder order, Items items, Timestamp now);

  const ports::BatchId& batch() const { return batch_; }
  std::size_t size() const { return items_.size(); }
  Timestamp begun() const { return begun_; }
  // Answers are waited for until then, if any are missing.
  Timestamp until() const { return until_; }
  bool is_waiting(Timestamp now) const { return !open_.empty() && now < until_; }
  void answered(std::uint64_t ticket, Result<EventAnswer> answer, Timestamp now);
  // When nothing is waited for: true when there were more orders to give.
  bool go_on(Timestamp now);
  // Of each item of which it is known, when go_on() says no.
  Items results(Timestamp now) const;

 private:
  std::uint64_t expect(const InstanceId& instance);
  void operate(const ports::BatchItem& item, Timestamp now);
  void send_calls(const ports::BatchItem& item);
  bool has_gone_on(const ports::BatchItem& item) const;

  Ports ports_;
  ports::BatchId batch_;
  std::string tenant_;
  BulkOrder order_;
  Items items_;
  Timestamp begun_;
  Timestamp until_;
  bool sends_calls_ = false;                      // the second half of a retry
  std::map<std::uint64_t, InstanceId> open_;      // orders without an answer
  std::map<InstanceId, ports::BatchItem> done_;   // by the orders to instances
  std::map<InstanceId, std::size_t> calls_sent_;  // none: their rows could not be read
  std::map<InstanceId, std::vector<Result<EventAnswer>>> calls_;
};

}  // namespace vozex::runtime
