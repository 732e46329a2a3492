// SPDX-License-Identifier: Apache-2.0
//
// Bulk operations in the tables of migrations/sqlite/0004_batches.sql, through the store's own
// writer. Port and promises: engine/ports/batches.h. Thread rule: any thread. Tests: tests/store.
#pragma once

#include "adapters/sqlite/sqlite_store.h"
#include "engine/ports/batches.h"

namespace vozex::sqlite {

class SqliteBatchStore final : public ports::BatchStore {
 public:
  // `store` must outlive this.
  explicit SqliteBatchStore(SqliteStore& store) : store_(store) {}

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
  SqliteStore& store_;
};

}  // namespace vozex::sqlite
