// SPDX-License-Identifier: Apache-2.0
//
// ProcessBatches: one process's way to the batches of the database. Requests fail, and answers get
// lost after what was asked was done.
#pragma once

#include "engine/ports/batches.h"
#include "tests/simulation/world.h"

namespace vozex::simulation {

class ProcessBatches final : public ports::BatchStore {
 public:
  explicit ProcessBatches(World& world) : world_(world) {}

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
  template <class Ask>
  auto asked(Ask&& ask) -> decltype(ask());

  World& world_;
};

}  // namespace vozex::simulation
