// SPDX-License-Identifier: Apache-2.0
//
// The Store on PostgreSQL 15 or later: several processes share one database and need nothing else
// between them. Each lane has a connection (lane.h) and commits a batch by one call of commit_v4;
// heartbeats have one of their own, so that no slow query can make a session look dead; the rest
// share a small pool. Partitions are kept three months ahead at every start, about once an hour
// through expire_parked(), and by the lane that finds one missing. Thread rule: as the port says.
// Tests: tests/store.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "adapters/postgres/connection.h"
#include "adapters/postgres/layout.h"
#include "adapters/postgres/pool.h"
#include "engine/ports/retention.h"
#include "engine/ports/store.h"

namespace vozex::postgres {

class PostgresStore : public ports::Store {
 public:
  // For other tables of the same database (licences).
  virtual Pool& pool() = 0;
  virtual ports::RetentionStore& retention() = 0;
  // Makes the partitions of the months to come.
  virtual Result<void> maintain() = 0;
};

// `url` is "postgresql://user:password@host:port/database"; the database exists, its tables are
// migrated. Without a `layout` the database is asked how its tables stand. Errors: invalid
// `store_url`, unavailable, and those of migrate.h.
Result<std::unique_ptr<PostgresStore>> open_store(const std::string& url,
                                                  std::optional<Layout> layout = {});

}  // namespace vozex::postgres
