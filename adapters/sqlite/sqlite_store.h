// SPDX-License-Identifier: Apache-2.0
//
// The Store on one SQLite file: the embedded database, for one server. One connection writes
// (writer.h), each lane and a small pool read beside it, a thread of its own checkpoints
// (checkpointer.h), a lock file keeps a second server away (file_lock.h). The outcome of a commit
// is always known in this process: a COMMIT that failed is rolled back and no reader ever sees it,
// so settle() looks into the lane's own memory. Thread rule: as the port says. Tests: tests/store.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "adapters/sqlite/connection.h"
#include "adapters/sqlite/tables.h"
#include "engine/ports/retention.h"
#include "engine/ports/store.h"

namespace vozex::sqlite {

class SqliteStore : public ports::Store, public Tables {
 public:
  virtual ports::RetentionStore& retention() = 0;
  // Transactions and requests committed so far: their quotient is how well group commit works.
  struct Stats {
    std::uint64_t transactions = 0;
    std::uint64_t requests = 0;
    std::uint64_t waiting = 0;  // requests, now
  };
  virtual Stats stats() const = 0;
};

// `url` is "sqlite:///absolute/path.db" or "sqlite://relative/path.db"; the file is made and
// migrated. Errors: invalid `store_url`, refused `store_in_use`, and those of migrate.h.
Result<std::unique_ptr<SqliteStore>> open_store(const std::string& url);

}  // namespace vozex::sqlite
