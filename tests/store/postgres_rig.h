// SPDX-License-Identifier: Apache-2.0
//
// What tests of PostgreSQL alone stand on: a database of their own, and commits that are held open.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/batch.h"
#include "adapters/postgres/postgres_store.h"
#include "tests/store/postgres_database.h"
#include "tests/store/store_test.h"

namespace vozex::store_test {

// A commit that stops before its COMMIT, like a process that was stopped there.
class OpenCommit {
 public:
  // With no identity it registers a lane of its own.
  OpenCommit(const std::string& url, const CommitRequest& request, postgres::LaneIdentity identity);
  void commit();
  void roll_back();
  const CommitReply& reply() const { return reply_; }
  const std::optional<Error>& error() const { return error_; }
  std::int32_t pid() const;

 private:
  std::unique_ptr<postgres::Connection> connection_;
  CommitReply reply_;
  std::optional<Error> error_;
};

// A database of the test's own with one store, one lane and a connection that looks on.
class Postgres : public testing::Test {
 protected:
  void SetUp() override;

  ports::LaneStore& lane() { return *lane_; }
  postgres::PostgresStore& store() { return *store_; }
  const std::string& url() const { return database_->url(); }
  postgres::Connection& watcher() { return *watcher_; }

  CommitReply commit(Etag etag, std::vector<Group> groups);
  std::int64_t number(const char* sql) { return watcher_->run(sql)->number(0, 0); }
  // The server process that waits for a lock in this database, once there is one.
  std::int32_t wait_for_waiter();
  void terminate(std::int32_t pid);
  // Of the only lane that there is.
  postgres::LaneIdentity identity();
  std::int32_t lane_pid();

 private:
  std::unique_ptr<PostgresDatabase> database_;
  std::unique_ptr<postgres::PostgresStore> store_;
  std::unique_ptr<ports::LaneStore> lane_;
  std::unique_ptr<postgres::Connection> watcher_;
};

}  // namespace vozex::store_test
