// SPDX-License-Identifier: Apache-2.0
//
// Bulk operations in the tables of migrations/postgres/0004_batches.sql, through the store's own
// pool. Port and promises: engine/ports/batches.h. Thread rule: any thread. Tests: tests/store.
#pragma once

#include "adapters/postgres/postgres_store.h"
#include "engine/ports/batches.h"

namespace vozex::postgres {

class PostgresBatchStore final : public ports::BatchStore {
 public:
  // `store` must outlive this.
  explicit PostgresBatchStore(PostgresStore& store) : pool_(store.pool()) {}

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
  Pool& pool_;
};

}  // namespace vozex::postgres
