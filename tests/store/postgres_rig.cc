// SPDX-License-Identifier: Apache-2.0
#include "tests/store/postgres_rig.h"

#include <chrono>
#include <thread>
#include <utility>

namespace vozex::store_test {

OpenCommit::OpenCommit(const std::string& url,
                       const CommitRequest& request,
                       postgres::LaneIdentity identity)
    : connection_(std::move(*postgres::Connection::open(url, postgres::Profile::lane))) {
  EXPECT_TRUE(connection_->execute("BEGIN").has_value());
  if (identity.lane == Bytes16{}) {
    identity = {{1}, 1};
    EXPECT_TRUE(connection_
                    ->execute("INSERT INTO lanes(lane, epoch) "
                              "VALUES('01000000-0000-0000-0000-000000000000', 1)")
                    .has_value());
  }
  const postgres::Batch batch(request);
  const auto types =
      postgres::read_row_types(connection_->run(postgres::k_row_types_sql).value()).value();
  const auto waves = batch.calls(identity, types, false);
  auto rows = connection_->run(waves[0].sql, waves[0].params);
  if (rows) {
    std::vector<postgres::Rows> calls;
    calls.push_back(std::move(*rows));
    reply_ = batch.reply(calls);
  } else {
    error_ = rows.error();
  }
}

void OpenCommit::commit() { EXPECT_TRUE(connection_->execute("COMMIT").has_value()); }

void OpenCommit::roll_back() { EXPECT_TRUE(connection_->execute("ROLLBACK").has_value()); }

std::int32_t OpenCommit::pid() const { return connection_->backend().pid; }

void Postgres::SetUp() {
  std::string why;
  if (!has_postgres(why)) GTEST_SKIP() << why;
  database_ = std::make_unique<PostgresDatabase>();
  store_ = std::move(*postgres::open_store(database_->url()));
  lane_ = std::move(*store_->open_lane());
  watcher_ = std::move(*postgres::Connection::open(database_->url(), postgres::Profile::setup));
}

CommitReply Postgres::commit(Etag etag, std::vector<Group> groups) {
  auto reply = lane_->commit(request_of(etag, std::move(groups)));
  EXPECT_TRUE(reply.has_value()) << reply.error().message;
  return reply ? *reply : CommitReply{};
}

std::int32_t Postgres::wait_for_waiter() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < deadline) {
    auto rows = watcher_->run(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND "
        "wait_event_type = 'Lock'");
    if (!rows->empty()) return rows->number<std::int32_t>(0, 0);
    std::this_thread::yield();
  }
  ADD_FAILURE() << "nobody waits";
  return 0;
}

void Postgres::terminate(std::int32_t pid) {
  EXPECT_TRUE(watcher_->execute("SELECT pg_terminate_backend(" + std::to_string(pid) + ", 5000)")
                  .has_value());
}

postgres::LaneIdentity Postgres::identity() {
  auto rows = watcher_->run("SELECT lane, epoch FROM lanes");
  EXPECT_EQ(rows->size(), 1);
  return {rows->bytes(0, 0), rows->number<std::int32_t>(0, 1)};
}

std::int32_t Postgres::lane_pid() {
  auto rows = watcher_->run(
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
      "AND query LIKE '%commit_v4%' AND pid <> pg_backend_pid() ORDER BY backend_start LIMIT 1");
  return rows->number<std::int32_t>(0, 0);
}

}  // namespace vozex::store_test
