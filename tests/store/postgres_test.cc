// SPDX-License-Identifier: Apache-2.0
//
// What only PostgreSQL has: races pinned to one timing by a transaction that is held open, server
// processes that are ended in the middle, the fence around an old attempt, partitions, and what
// connections are opened with.
#include "adapters/postgres/postgres_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "adapters/postgres/batch.h"
#include "adapters/postgres/failure.h"
#include "tests/store/postgres_database.h"
#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

CommitRequest request_of(Etag etag, std::vector<Group> groups) {
  CommitRequest request;
  request.etag = etag;
  request.groups = std::move(groups);
  return request;
}

// A commit that stops before its COMMIT, like a process that was stopped there.
class OpenCommit {
 public:
  OpenCommit(const std::string& url, const CommitRequest& request, postgres::LaneIdentity identity)
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
  void commit() { EXPECT_TRUE(connection_->execute("COMMIT").has_value()); }
  void roll_back() { EXPECT_TRUE(connection_->execute("ROLLBACK").has_value()); }
  const CommitReply& reply() const { return reply_; }
  const std::optional<Error>& error() const { return error_; }
  std::int32_t pid() const { return connection_->backend().pid; }

 private:
  std::unique_ptr<postgres::Connection> connection_;
  CommitReply reply_;
  std::optional<Error> error_;
};

class Postgres : public testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    if (!has_postgres(why)) GTEST_SKIP() << why;
    database_ = std::make_unique<PostgresDatabase>();
    store_ = std::move(*postgres::open_store(database_->url()));
    lane_ = std::move(*store_->open_lane());
    watcher_ = std::move(*postgres::Connection::open(database_->url(), postgres::Profile::setup));
  }

  ports::LaneStore& lane() { return *lane_; }
  postgres::PostgresStore& store() { return *store_; }
  const std::string& url() const { return database_->url(); }
  postgres::Connection& watcher() { return *watcher_; }

  CommitReply commit(Etag etag, std::vector<Group> groups) {
    auto reply = lane_->commit(request_of(etag, std::move(groups)));
    EXPECT_TRUE(reply.has_value()) << reply.error().message;
    return reply ? *reply : CommitReply{};
  }

  std::int64_t number(const char* sql) { return watcher_->run(sql)->number(0, 0); }

  // The server process that waits for a lock in this database, once there is one.
  std::int32_t wait_for_waiter() {
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

  void terminate(std::int32_t pid) {
    EXPECT_TRUE(watcher_->execute("SELECT pg_terminate_backend(" + std::to_string(pid) + ", 5000)")
                    .has_value());
  }

  // Of the only lane that there is.
  postgres::LaneIdentity identity() {
    auto rows = watcher_->run("SELECT lane, epoch FROM lanes");
    EXPECT_EQ(rows->size(), 1);
    return {rows->bytes(0, 0), rows->number<std::int32_t>(0, 1)};
  }
  std::int32_t lane_pid() {
    auto rows = watcher_->run(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
        "AND query LIKE '%commit_v4%' AND pid <> pg_backend_pid() ORDER BY backend_start LIMIT 1");
    return rows->number<std::int32_t>(0, 0);
  }

 private:
  std::unique_ptr<PostgresDatabase> database_;
  std::unique_ptr<postgres::PostgresStore> store_;
  std::unique_ptr<ports::LaneStore> lane_;
  std::unique_ptr<postgres::Connection> watcher_;
};

using PostgresRaces = Postgres;

TEST_F(PostgresRaces, AStartThatMeetsAnUncommittedEventWaitsAndClaimsIt) {
  OpenCommit open(url(), request_of(1, {parking("e", {order_key("k")})}), {});
  ASSERT_EQ(open.error(), std::nullopt);
  CommitReply reply;
  std::thread thread([&] { reply = commit(2, {start(1, "k")}); });
  wait_for_waiter();
  open.commit();
  thread.join();
  EXPECT_THAT(verdicts(reply), ElementsAre(Verdict::committed));
  EXPECT_THAT(reply.claims, ElementsAre(order_key("k")));
}

TEST_F(PostgresRaces, AnEventThatMeetsAnUncommittedStartIsStale) {
  OpenCommit open(url(), request_of(1, {start(1, "k")}), {});
  CommitReply reply;
  std::thread thread([&] { reply = commit(2, {parking("e", {order_key("k")})}); });
  wait_for_waiter();
  open.commit();
  thread.join();
  EXPECT_THAT(verdicts(reply), ElementsAre(Verdict::stale));
}

TEST_F(PostgresRaces, AnEventMayWaitWhenTheStartIsRolledBack) {
  OpenCommit open(url(), request_of(1, {start(1, "k")}), {});
  CommitReply reply;
  std::thread thread([&] { reply = commit(2, {parking("e", {order_key("k")})}); });
  wait_for_waiter();
  open.roll_back();
  thread.join();
  EXPECT_THAT(verdicts(reply), ElementsAre(Verdict::committed));
}

TEST_F(PostgresRaces, OfTwoStartsTheLaterOneIsToldThatTheKeyIsTaken) {
  OpenCommit open(url(), request_of(1, {start(1, "k")}), {});
  CommitReply reply;
  // Others of its batch are not held up by it for good.
  std::thread thread([&] { reply = commit(2, {start(2, "k"), start(3, "other")}); });
  wait_for_waiter();
  open.commit();
  thread.join();
  EXPECT_THAT(verdicts(reply), ElementsAre(Verdict::key_taken, Verdict::committed));
}

TEST_F(PostgresRaces, OfTwoDeliveriesOfOneEventTheLaterOneGetsTheFirstAnswer) {
  Group group;
  group.marks.push_back(mark("m", R"("first")"));
  OpenCommit open(url(), request_of(1, {group}), {});
  group.marks[0].answer = R"("second")";
  CommitReply reply;
  std::thread thread([&] { reply = commit(2, {group}); });
  wait_for_waiter();
  open.commit();
  thread.join();
  ASSERT_THAT(verdicts(reply), ElementsAre(Verdict::duplicate));
  EXPECT_EQ(reply.verdicts[0].first->answer, R"("first")");
}

TEST_F(PostgresRaces, AGroupWhoseRowIsLockedIsStaleAtOnceAndTheRestCommits) {
  commit(1, {start(1), start(2)});
  Group one;
  one.instances.push_back(change(1, 1));
  OpenCommit open(url(), request_of(2, {one}), {});
  Group two;
  two.instances.push_back(change(2, 1));
  EXPECT_THAT(verdicts(commit(3, {one, two})), ElementsAre(Verdict::stale, Verdict::committed));
  open.roll_back();
}

TEST_F(PostgresRaces, AGroupOnItsOwnWaitsForItsRow) {
  commit(1, {start(1)});
  Group one;
  one.instances.push_back(change(1, 1));
  OpenCommit open(url(), request_of(2, {one}), {});
  CommitReply reply;
  std::thread thread([&] { reply = commit(3, {one}); });
  wait_for_waiter();
  open.roll_back();
  thread.join();
  EXPECT_THAT(verdicts(reply), ElementsAre(Verdict::committed));
}

// The lane has one row and wants the other, whose holder wants the first.
TEST_F(PostgresRaces, OfTwoThatWaitForEachOtherTheLaneGivesWay) {
  commit(1, {start(1), start(2)});
  Group one;
  one.instances.push_back(change(1, 1));
  Group two;
  two.instances.push_back(change(2, 1));
  const bool in_order = key_of(1) < key_of(2);
  const auto touch = [](const InstanceKey& key) {
    return "UPDATE instances SET status = status WHERE id = '" + key.id.text() + "'";
  };
  auto other = std::move(*postgres::Connection::open(url(), postgres::Profile::setup));
  ASSERT_TRUE(other->execute("BEGIN; " + touch(key_of(in_order ? 2 : 1))).has_value());
  Result<CommitReply> reply;
  std::thread thread([&] { reply = lane().commit(request_of(3, {one, two})); });
  wait_for_waiter();
  const auto second = other->execute(touch(key_of(in_order ? 1 : 2)));
  EXPECT_TRUE(second.has_value()) << second.error().message;
  EXPECT_TRUE(other->execute("COMMIT").has_value());
  thread.join();
  ASSERT_TRUE(reply.has_value()) << reply.error().message;
  for (const Verdict verdict : verdicts(*reply)) {
    EXPECT_THAT(verdict, testing::AnyOf(Verdict::committed, Verdict::stale));
  }
  Group again;
  again.instances.push_back(
      change(1, lane().load({{key_of(1)}, {}, {}, {}})->instances[0].etag, 3));
  EXPECT_THAT(verdicts(commit(4, {again})), ElementsAre(Verdict::committed));
}

// The table has no check for it: whoever makes the count smaller looks.
TEST_F(PostgresRaces, TheCountOfWhatWaitsOnAKeyNeverFallsBelowZero) {
  commit(1, {parking("e", {order_key("k")})});
  ASSERT_TRUE(watcher().execute("UPDATE bindings SET parked = 0").has_value());
  Group delivery;
  delivery.unparks.push_back(mark_id("e"));
  const auto refused = lane().commit(request_of(2, {delivery}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, "store_constraint") << refused.error().message;
  EXPECT_EQ(number("SELECT count(*) FROM parked"), 1);
}

TEST_F(PostgresRaces, TheCountOfTheHoldersOfAnAliasNeverFallsBelowZero) {
  Group group;
  group.bindings.push_back(binding(BindingOp::add_alias, alias_key("a"), 1));
  commit(1, {group});
  ASSERT_TRUE(watcher().execute("UPDATE bindings SET live = 0").has_value());
  group.bindings[0].op = BindingOp::end;
  const auto refused = lane().commit(request_of(2, {group}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, "store_constraint") << refused.error().message;
}

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
  EXPECT_FALSE(lane().commit(request_of(2, {})).value().verdicts.size());
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

using PostgresPartitions = Postgres;

TEST_F(PostgresPartitions, AreKeptThreeMonthsAhead) {
  EXPECT_EQ(number("SELECT maintain_v1()"), 0) << "made when the store was opened";
  EXPECT_EQ(number("SELECT maintain_v1(now() + interval '1 month')"), 3) << "one of each table";
  EXPECT_EQ(number("SELECT count(*) FROM pg_inherits WHERE inhparent = 'history'::regclass"), 5);
}

TEST_F(PostgresPartitions, LargeDocumentsAreCompressedWithLz4ThisMonthAndTheNext) {
  if (number("SELECT count(*) FROM pg_settings WHERE name = 'default_toast_compression' AND "
             "'lz4' = ANY (enumvals)") == 0) {
    GTEST_SKIP() << "this server was built without lz4";
  }
  Group group = start(1);
  group.instances[0].row.data = R"({"note":")" + std::string(5000, 'n') + R"("})";
  group.history[0].entry = group.instances[0].row.data;
  commit(1, {group});
  EXPECT_EQ(number("SELECT count(*) FROM instances WHERE pg_column_compression(data) = 'lz4'"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM history WHERE pg_column_compression(entry) = 'lz4'"), 1);
  EXPECT_EQ(lane().load({{key_of(1)}, {}, {}, {}})->instances[0].data, group.instances[0].row.data);
  EXPECT_EQ(number("SELECT maintain_v1(now() + interval '1 month')"), 3);
  EXPECT_EQ(number("SELECT count(*) FROM pg_inherits i JOIN pg_attribute a ON a.attrelid = "
                   "i.inhrelid WHERE i.inhparent IN ('history'::regclass, 'finished'::regclass) "
                   "AND a.attname IN ('entry', 'data', 'input', 'rt') AND a.attcompression <> 'l'"),
            0);
}

TEST_F(PostgresPartitions, AMissingOneIsMadeByWhoFindsItMissing) {
  ASSERT_TRUE(watcher()
                  .execute("DO $$ DECLARE t text; BEGIN FOR t IN SELECT inhrelid::regclass::text "
                           "FROM pg_inherits WHERE inhparent IN ('history'::regclass, "
                           "'marks'::regclass, 'finished'::regclass) AND inhrelid IN (SELECT oid "
                           "FROM pg_class WHERE relkind = 'r') LOOP EXECUTE 'DROP TABLE ' || t; "
                           "END LOOP; END $$")
                  .has_value());
  Group group = start(1, "k");
  group.marks.push_back(mark("m"));
  EXPECT_THAT(verdicts(commit(1, {group})), ElementsAre(Verdict::committed));
  EXPECT_EQ(number("SELECT count(*) FROM history"), 1);
}

TEST_F(PostgresPartitions, PlansUseIndicesOnEmptyTables) {
  // A generic plan that was made on an empty table must be right on a full one too.
  auto plan = watcher().execute(
      "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;"
      "SET plan_cache_mode = force_generic_plan;"
      "PREPARE p(int2[], uuid[], int8[]) AS SELECT u.id FROM unnest($1, $2, $3) u(shard, id, old) "
      "JOIN instances i ON i.shard = u.shard AND i.id = u.id WHERE i.etag = u.old "
      "FOR NO KEY UPDATE OF i SKIP LOCKED");
  ASSERT_TRUE(plan.has_value());
  auto rows = watcher().run("EXPLAIN EXECUTE p(NULL, NULL, NULL)");
  ASSERT_TRUE(rows.has_value()) << rows.error().message;
  std::string text;
  for (int i = 0; i < rows->size(); ++i) text += rows->text(i, 0) + "\n";
  EXPECT_THAT(text, testing::HasSubstr("Index Scan using instances_pkey"));
  EXPECT_THAT(text, testing::HasSubstr("(shard = u.shard) AND (id = u.id)"));
}

}  // namespace
}  // namespace vozex::store_test
