// SPDX-License-Identifier: Apache-2.0
//
// Connections to PostgreSQL: server processes that are ended in the middle, the fence around an old
// attempt, what connections are opened with, and what errors mean.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "adapters/postgres/failure.h"
#include "tests/store/postgres_rig.h"

namespace vozex::store_test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using PostgresConnections = Postgres;

TEST_F(PostgresConnections, ABackendKilledInTheMiddleLeavesNothingAndIsSettled) {
  const CommitRequest lost = request_of(2, {start(1, "k"), start(2)});
  OpenCommit open(url(), request_of(1, {parking("e", {order_key("k")})}), {});
  Result<CommitReply> reply;
  std::thread thread([&] { reply = lane().commit(lost); });
  terminate(wait_for_waiter());
  thread.join();
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().kind, ErrorClass::outcome_unknown);
  EXPECT_EQ(reply.error().code, "store_lost");
  open.commit();
  EXPECT_THAT(lane().load({{key_of(1), key_of(2)}, {}, {}, {}})->instances, IsEmpty());
  const auto settled = lane().settle(lost);
  ASSERT_TRUE(settled.has_value()) << settled.error().message;
  EXPECT_THAT(verdicts(*settled), Each(Verdict::committed));
  EXPECT_THAT(settled->claims, ElementsAre(order_key("k")));
}

TEST_F(PostgresConnections, AConnectionThatDiedIdleIsReplaced) {
  commit(1, {start(1)});
  terminate(lane_pid());
  EXPECT_THAT(lane().load({{key_of(1)}, {}, {}, {}})->instances, SizeIs(1));
  terminate(static_cast<std::int32_t>(
      number("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND "
             "query LIKE '%FROM l JOIN finished%' AND pid <> pg_backend_pid()")));
  const CommitRequest next = request_of(2, {start(2)});
  const auto unknown = lane().commit(next);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().kind, ErrorClass::outcome_unknown);
  EXPECT_THAT(verdicts(*lane().settle(next)), ElementsAre(Verdict::committed));
  EXPECT_TRUE(store().queries().ping().has_value());
}

TEST_F(PostgresConnections, SettleWaitsForTheOldAttemptAndReadsItsReceipt) {
  commit(1, {start(1)});
  const CommitRequest lost = request_of(2, {start(2, "k")});
  // The old attempt, still on its way in the lane's name, while the lane has lost its connection.
  OpenCommit old(url(), lost, identity());
  ASSERT_EQ(old.error(), std::nullopt);
  terminate(lane_pid());
  EXPECT_TRUE(lane().commit(request_of(2, {})).value().verdicts.empty());
  ASSERT_EQ(lane().commit(lost).error().kind, ErrorClass::outcome_unknown);
  Result<CommitReply> settled;
  std::thread thread([&] { settled = lane().settle(lost); });
  wait_for_waiter();
  old.commit();
  thread.join();
  ASSERT_TRUE(settled.has_value()) << settled.error().message;
  EXPECT_THAT(verdicts(*settled), ElementsAre(Verdict::committed));
  EXPECT_EQ(number("SELECT count(*) FROM history WHERE seq = 1"), 2);
}

TEST_F(PostgresConnections, AnOldAttemptCanNotCommitAfterItWasSettled) {
  commit(1, {start(1)});
  const postgres::LaneIdentity before = identity();
  const CommitRequest lost = request_of(2, {start(2)});
  ASSERT_TRUE(lane().settle(lost).has_value());
  // It was delayed somewhere on the way and arrives now.
  OpenCommit old(url(), request_of(2, {start(3)}), before);
  ASSERT_TRUE(old.error().has_value());
  EXPECT_EQ(postgres::sqlstate_of(*old.error()), "VZ002");
  old.roll_back();
  EXPECT_EQ(number("SELECT count(*) FROM instances"), 2);
}

TEST_F(PostgresConnections, ALaneWhoseReceiptWasClearedAwayRegistersAnew) {
  commit(1, {start(1)});
  ASSERT_TRUE(watcher().execute("DELETE FROM lanes").has_value());
  EXPECT_THAT(verdicts(commit(2, {start(2)})), ElementsAre(Verdict::committed));
}

TEST_F(PostgresConnections, ALostClaimIsSettled) {
  Group group;
  CallRow row = call_row(call_id(1));
  row.state = CallState::waiting;
  row.owner = {};
  group.calls.push_back(call(CallOp::insert, row));
  commit(1, {group});
  ASSERT_TRUE(store().sessions().join(session_id(1), "process").has_value());
  // The pool's connection dies while idle: the first use of it fails, nothing is claimed, nothing
  // is lost.
  ASSERT_THAT(store().work().claim_calls(session_id(1), "mail", at(-9), 10).value(), IsEmpty());
  terminate(static_cast<std::int32_t>(number(
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query = 'COMMIT' "
      "ORDER BY backend_start DESC LIMIT 1")));
  auto first = store().work().claim_calls(session_id(1), "mail", at(9), 10);
  if (!first) {
    EXPECT_EQ(first.error().kind, ErrorClass::unavailable);
    first = store().work().claim_calls(session_id(1), "mail", at(9), 10);
  }
  EXPECT_THAT(first.value(), SizeIs(1));
}

TEST_F(PostgresConnections, KeepToTimeouts) {
  auto connection = std::move(*postgres::Connection::open(url(), postgres::Profile::lane));
  const auto setting = [&](const char* name) {
    postgres::Params params;
    params.text(name);
    return connection->run("SELECT current_setting($1)", params)->text(0, 0);
  };
  EXPECT_EQ(setting("statement_timeout"), "10s");
  EXPECT_EQ(setting("lock_timeout"), "2s");
  EXPECT_EQ(setting("idle_in_transaction_session_timeout"), "10s");
  EXPECT_EQ(setting("plan_cache_mode"), "force_generic_plan");
  EXPECT_EQ(setting("jit"), "off");
}

// What a statement of a server at work may take says nothing of a migration's.
TEST_F(PostgresConnections, WhoMigratesTakesItsTimeWhateverTheUrlSays) {
  const std::string limited = url() + (url().find('?') == std::string::npos ? "?" : "&") +
                              "options=-c%20statement_timeout%3D1ms%20-c%20work_mem%3D8MB";
  auto connection = postgres::Connection::open(limited, postgres::Profile::setup);
  ASSERT_TRUE(connection) << connection.error().message;
  EXPECT_EQ((*connection)->run("SHOW statement_timeout", {})->text(0, 0), "0");
  EXPECT_EQ((*connection)->run("SHOW idle_in_transaction_session_timeout", {})->text(0, 0), "0");
  EXPECT_EQ((*connection)->run("SHOW work_mem", {})->text(0, 0), "8MB");
}

TEST_F(PostgresConnections, ErrorsHaveTheClassOfTheirSqlstate) {
  const auto kind_of = [&](const std::string& state) {
    auto failed = watcher().execute("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '" + state +
                                    "'; END $$");
    return failed.error().kind;
  };
  EXPECT_EQ(kind_of("40001"), ErrorClass::unavailable);
  EXPECT_EQ(kind_of("22021"), ErrorClass::constraint);
  EXPECT_EQ(kind_of("23505"), ErrorClass::constraint);
  for (const char* state : {"53000", "53100", "53200", "53300", "53400"}) {
    EXPECT_EQ(kind_of(state), ErrorClass::unavailable) << state;
  }
  EXPECT_EQ(kind_of("25006"), ErrorClass::unavailable);
  EXPECT_EQ(kind_of("57014"), ErrorClass::unavailable);
  // As an error, not as the end of the connection: what a coordinator of Citus met on a node.
  EXPECT_EQ(kind_of("57P01"), ErrorClass::unavailable);
  EXPECT_EQ(kind_of("08006"), ErrorClass::unavailable);
  EXPECT_EQ(kind_of("XX001"), ErrorClass::corrupt);
  EXPECT_EQ(kind_of("42P01"), ErrorClass::corrupt);
  auto ended = watcher().execute("SELECT pg_terminate_backend(pg_backend_pid())");
  EXPECT_EQ(ended.error().kind, ErrorClass::outcome_unknown);
}

TEST_F(PostgresConnections, ARowThatTheDatabaseRefusesIsAConstraintAndNothingIsWritten) {
  Group bad = start(2);
  bad.instances[0].row.data = std::string("\"\xff\"");  // not UTF-8
  const auto refused = lane().commit(request_of(1, {start(1), bad}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorClass::constraint);
  EXPECT_EQ(number("SELECT count(*) FROM instances"), 0);
  EXPECT_THAT(verdicts(commit(2, {start(1)})), ElementsAre(Verdict::committed));
}

TEST(PostgresUrls, AreToldApart) {
  EXPECT_EQ(postgres::open_store("postgresql://x@y:z:1/%").error().code, "store_url");
  const auto nobody = postgres::open_store("postgresql://vozex@127.0.0.1:1/none");
  ASSERT_FALSE(nobody.has_value());
  EXPECT_EQ(nobody.error().kind, ErrorClass::unavailable);
}

// A primary that became a standby while we were connected: the same host may be the primary again,
// or another of the URL is.
TEST_F(PostgresConnections, AServerThatTakesNoWritesIsLeftForAnother) {
  commit(1, {start(1)});
  const auto read_only = [&](const char* state) {
    ASSERT_TRUE(watcher()
                    .execute(std::string("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET "
                                         "default_transaction_read_only = ") +
                             state + "', current_database()); END $$")
                    .has_value());
  };
  ASSERT_TRUE(store().sessions().join(session_id(1), "a").has_value());
  read_only("on");
  ASSERT_TRUE(watcher()
                  .execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE "
                           "datname = current_database() AND pid <> pg_backend_pid()")
                  .has_value());
  EXPECT_TRUE(lane().load({{key_of(1)}, {}, {}, {}}).has_value()) << "on a new connection";
  const auto refused = lane().commit(request_of(2, {start(2)}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorClass::unavailable);
  EXPECT_EQ(refused.error().code, "store_read_only");
  EXPECT_EQ(store().sessions().join(session_id(2), "b").error().code, "store_read_only");
  ASSERT_TRUE(watcher().execute("SET default_transaction_read_only = off").has_value());
  read_only("off");
  EXPECT_THAT(verdicts(commit(3, {start(2)})), ElementsAre(Verdict::committed));
  EXPECT_TRUE(store().sessions().join(session_id(2), "b").has_value());
}

TEST_F(PostgresConnections, QueriesGoOnAfterAllIdleConnectionsWereCut) {
  commit(1, {start(1)});
  std::vector<std::thread> readers;
  std::barrier all(3);
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      EXPECT_TRUE(store()
                      .pool()
                      .once([&](postgres::Connection&) -> Result<void> {
                        all.arrive_and_wait();
                        return {};
                      })
                      .has_value());
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_GE(number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"), 4);
  ASSERT_TRUE(watcher()
                  .execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE "
                           "datname = current_database() AND pid <> pg_backend_pid()")
                  .has_value());
  EXPECT_TRUE(store().queries().instance(instance_id(1)).value().has_value());
}

TEST_F(PostgresConnections, WhoFindsThePoolInUseIsToldAfterAWhile) {
  postgres::Pool pool(url(), postgres::Profile::query, 1, std::chrono::milliseconds(1));
  const auto held = pool.once([&](postgres::Connection&) -> Result<void> {
    const auto busy = pool.once([](postgres::Connection&) -> Result<void> { return {}; });
    EXPECT_FALSE(busy.has_value());
    EXPECT_EQ(busy.error().kind, ErrorClass::unavailable);
    EXPECT_EQ(busy.error().code, "store_busy");
    return {};
  });
  EXPECT_TRUE(held.has_value());
  EXPECT_TRUE(pool.once([](postgres::Connection&) -> Result<void> { return {}; }).has_value());
}

TEST_F(PostgresConnections, ARowThatWaitsTooLongForOthersIsUnavailableAndComesAgain) {
  const CommitRequest next = request_of(2, {start(2)});
  auto open = std::move(*postgres::Connection::open(url(), postgres::Profile::setup));
  ASSERT_TRUE(open->execute("BEGIN; LOCK TABLE history IN ACCESS EXCLUSIVE MODE").has_value());
  const std::string impatient = url() + (url().find('?') == std::string::npos ? "?" : "&") +
                                "options=-c%20statement_timeout%3D50ms";
  auto store = std::move(*postgres::open_store(impatient));
  auto lane = std::move(*store->open_lane());
  const auto refused = lane->commit(next);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorClass::unavailable);
  EXPECT_EQ(postgres::sqlstate_of(refused.error()), "57014");
  ASSERT_TRUE(open->execute("ROLLBACK").has_value());
  EXPECT_THAT(verdicts(*lane->commit(next)), ElementsAre(Verdict::committed));
}

}  // namespace
}  // namespace vozex::store_test
