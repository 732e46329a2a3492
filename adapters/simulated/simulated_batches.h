// SPDX-License-Identifier: Apache-2.0
//
// SimulatedBatches: the BatchStore in memory; the reference that the SQL stores are compared with.
// The database's clock is what the constructor is given. Thread rule: any thread.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "engine/ports/batches.h"

namespace vozex::simulated {

class SimulatedBatches final : public ports::BatchStore {
 public:
  // `clock` is asked under the lock: it must not call this store.
  explicit SimulatedBatches(std::function<Timestamp()> clock) : clock_(std::move(clock)) {}

  Result<ports::BatchRow> create(const ports::BatchRow& row) override;
  Result<std::optional<ports::BatchRow>> batch(const ports::BatchId& id) override;
  Result<std::vector<ports::BatchRow>> batches(const ports::BatchId& after,
                                               std::size_t limit) override;
  Result<std::vector<ports::BatchItem>> items(const ports::BatchId& id,
                                              std::optional<ports::BatchItemState> state,
                                              const InstanceId& after,
                                              std::size_t limit) override;
  Result<ports::BatchRow> change(const ports::BatchId& id,
                                 ports::BatchState to,
                                 Timestamp now) override;
  Result<std::vector<ports::BatchRow>> claim(const SessionId& owner,
                                             Duration lease,
                                             std::size_t limit) override;
  Result<std::optional<ports::BatchRow>> save(const ports::BatchRound& round) override;
  Result<void> release(const SessionId& owner) override;

 private:
  struct Job {
    ports::BatchRow row;
    Timestamp lease_until;
    std::map<InstanceId, ports::BatchItem> items;
  };
  std::vector<Job*> oldest_first();

  std::mutex mutex_;
  std::function<Timestamp()> clock_;
  std::map<ports::BatchId, Job> jobs_;
};

}  // namespace vozex::simulated
