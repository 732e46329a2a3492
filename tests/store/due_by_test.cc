// SPDX-License-Identifier: Apache-2.0
//
// The column of PostgreSQL by which timers are looked for (migration 0017): it may be earlier than
// the timer and never later, is put right where it is read, and older programs go on beside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/postgres/migrate.h"
#include "adapters/postgres/postgres_store.h"
#include "tests/store/postgres_database.h"
#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class DueBy : public testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    if (!has_postgres(why)) GTEST_SKIP() << why;
    database_ = std::make_unique<PostgresDatabase>();
    watcher_ = std::move(*postgres::Connection::open(database_->url(), postgres::Profile::setup));
  }

  void open() {
    auto store = postgres::open_store(database_->url());
    ASSERT_TRUE(store.has_value()) << store.error().message;
    store_ = std::move(*store);
    lane_ = std::move(*store_->open_lane());
  }

  // The same instance again and again: it starts, then each commit gives it this timer.
  void give(std::uint32_t number, std::optional<Timestamp> timer) {
    Group group = etag_of_[number] == 0 ? start(number) : Group{};
    if (group.instances.empty()) group.instances.push_back(change(number, etag_of_[number]));
    group.instances[0].row.timer_at = timer;
    CommitRequest request;
    request.etag = etag_of_[number] = ++etag_;
    request.groups.push_back(std::move(group));
    const auto reply = lane_->commit(request);
    ASSERT_TRUE(reply.has_value()) << reply.error().message;
    ASSERT_EQ(reply->verdicts.at(0).verdict, Verdict::committed);
  }

  std::vector<InstanceKey> due(Timestamp horizon, std::size_t limit = 10) {
    std::vector<InstanceKey> keys;
    const auto page = store_->work().timers_before(horizon, k_all_shards, limit).value();
    for (const auto& timer : page) keys.push_back(timer.instance);
    return keys;
  }

  std::int64_t count(const std::string& of) {
    return watcher_->run(("SELECT count(*) FROM " + of).c_str())->number(0, 0);
  }

  // As a program wrote it that knew the migrations before `name` only.
  void migrate_until(std::string_view name) {
    std::vector<postgres::Migration> before;
    for (const auto& migration : postgres::embedded_migrations()) {
      if (migration.name < name) before.push_back(migration);
    }
    ASSERT_TRUE(postgres::migrate(*watcher_, before).has_value());
  }

  postgres::Connection& watcher() { return *watcher_; }
  postgres::PostgresStore& store() { return *store_; }

 private:
  std::unique_ptr<PostgresDatabase> database_;
  std::unique_ptr<postgres::Connection> watcher_;
  std::unique_ptr<postgres::PostgresStore> store_;
  std::unique_ptr<ports::LaneStore> lane_;
  std::map<std::uint32_t, Etag> etag_of_;
  Etag etag_ = 0;
};

// What a step changes stands in no index, so that its update can be heap-only.
TEST_F(DueBy, NoIndexOfInstancesHasAColumnThatStepsChange) {
  open();
  EXPECT_EQ(count("pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY "
                  "(i.indkey) WHERE i.indrelid = 'instances'::regclass AND a.attname IN "
                  "('timer_at', 'etag', 'seq', 'life', 'state', 'status', 'at', 'data', 'rt', "
                  "'output', 'version')"),
            0);
  EXPECT_EQ(count("pg_index WHERE indrelid = 'instances'::regclass"), 5);
}

TEST_F(DueBy, IsLeftAloneWhenATimerGoesAndPutRightWhenItIsReached) {
  open();
  give(1, at(60));
  give(1, std::nullopt);
  EXPECT_EQ(count("instances WHERE timer_at IS NULL AND due_by IS NOT NULL"), 1);
  EXPECT_THAT(due(at(50)), IsEmpty());
  EXPECT_EQ(count("instances WHERE due_by IS NOT NULL"), 1) << "not reached yet";
  EXPECT_THAT(due(at(100)), IsEmpty());
  EXPECT_EQ(count("instances WHERE due_by IS NOT NULL"), 0);
}

TEST_F(DueBy, IsNeverLaterThanTheTimer) {
  open();
  give(1, at(60));
  give(2, at(70));
  give(1, at(90));
  EXPECT_THAT(due(at(100)), ElementsAre(key_of(2), key_of(1))) << "the later one was put right";
  give(1, at(20));
  EXPECT_THAT(due(at(100)), ElementsAre(key_of(1), key_of(2)));
  give(2, std::nullopt);
  give(2, at(80));
  EXPECT_EQ(count("instances WHERE due_by > timer_at OR (due_by IS NULL AND timer_at IS NOT NULL)"),
            0);
  EXPECT_THAT(due(at(75)), ElementsAre(key_of(1)));
}

// Those that wait no more don't hide one that does, however small the page.
TEST_F(DueBy, APageOfThoseThatWaitNoMoreIsReadOver) {
  open();
  for (std::uint32_t number = 1; number <= 7; ++number) give(number, at(10));
  for (std::uint32_t number = 1; number <= 7; ++number) give(number, std::nullopt);
  give(8, at(20));
  EXPECT_THAT(due(at(100), 2), ElementsAre(key_of(8)));
}

// It comes too early then, which is found when it is fired; nobody waits for the lock.
TEST_F(DueBy, OneThatIsLockedIsNotWaitedFor) {
  open();
  give(1, at(10));
  give(1, std::nullopt);
  give(2, at(20));
  ASSERT_TRUE(watcher()
                  .execute("BEGIN; SELECT 1 FROM instances WHERE timer_at IS NULL FOR UPDATE")
                  .has_value());
  EXPECT_THAT(due(at(100)), ElementsAre(key_of(1), key_of(2)));
  ASSERT_TRUE(watcher().execute("ROLLBACK").has_value());
  EXPECT_THAT(due(at(100)), ElementsAre(key_of(2)));
}

constexpr const char* k_plant_session =
    "INSERT INTO sessions(id, name, live) VALUES('0a000000-0000-0000-0000-000000000000', 'old', "
    "true)";
constexpr const char* k_plant_instances =
    "INSERT INTO instances(shard, id, root, tenant, workflow, version, key, etag, seq, life, "
    "state, "
    "status, incident, timer_at, at, started_at, input, data, rt, output) SELECT 1, id, id, "
    "'default', 'order', 1, '', 1, 1, 1, 's', '', false, '2027-01-15 08:00:30Z', now(), now(), "
    "'{}', '{}', '{}', '' FROM (SELECT gen_random_uuid() id FROM generate_series(1, 3)) x";

TEST_F(DueBy, AnOlderProcessKeepsItsIndexUntilItIsGone) {
  migrate_until("0017");
  ASSERT_TRUE(watcher().execute(k_plant_session).has_value());
  ASSERT_TRUE(watcher().execute(k_plant_instances).has_value());
  open();
  EXPECT_EQ(count("pg_class WHERE relname = 'instances_timer'"), 1);
  EXPECT_EQ(count("instances WHERE due_by = timer_at"), 3);
  EXPECT_THAT(store().work().timers_before(at(100), k_all_shards, 10).value(), SizeIs(3));
  // A commit that had begun before its function was replaced.
  ASSERT_TRUE(watcher().execute("UPDATE instances SET due_by = NULL").has_value());
  ASSERT_TRUE(store().maintain().has_value());
  EXPECT_EQ(count("pg_class WHERE relname = 'instances_timer'"), 1) << "the old one lives";
  ASSERT_TRUE(watcher().execute("UPDATE sessions SET live = false").has_value());
  ASSERT_TRUE(store().maintain().has_value());
  EXPECT_EQ(count("pg_class WHERE relname = 'instances_timer'"), 0);
  EXPECT_EQ(count("instances WHERE due_by = timer_at"), 3);
}

TEST_F(DueBy, TheFunctionsOfOlderProgramsWriteIt) {
  open();
  EXPECT_EQ(count("pg_proc WHERE proname IN ('commit_v1', 'commit_v2', 'commit_v3', 'commit_v4') "
                  "AND prosrc LIKE '%due_by = least(i.due_by, u.timer)%' AND prosrc LIKE "
                  "'%timer_at, due_by, at,%timer, timer, at, started%'"),
            4);
}

}  // namespace
}  // namespace vozex::store_test
