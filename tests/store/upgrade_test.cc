// SPDX-License-Identifier: Apache-2.0
//
// A PostgreSQL database that an older program has written: it is migrated with what lives in it,
// and a process of the older program goes on beside the new one.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/postgres/fold.h"
#include "adapters/postgres/migrate.h"
#include "adapters/postgres/postgres_store.h"
#include "tests/store/postgres_database.h"
#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

// What older programs send: an instance starts with a key and a call, by an event.
constexpr const char* k_start_v2 = R"sql(
SELECT bad FROM commit_v2('01000000-0000-0000-0000-000000000000', 1, {etag}, true, false, false,
  '{{1,0,0,0,0,1,1,0,0,1,0,0,0,0,1,0,0,0,0,0,0}}',
  ROW(
    ARRAY[ROW(0, 1, {shard}, '{id}', 0, 1, 1, 1, 's', 'open', false, now() + interval '1 hour', now(), '{{}}', '{{}}',
              '', '{id}', NULL, 'default', 'order', '{key}', now(), '{{}}')::instance_v2],
    ARRAY[ROW(0, {shard}, '{id}', 1, 1, now(), '{{}}')::history_v2],
    ARRAY[ROW(0, 1, {mark_shard}, '{mark}', '{id}', 1, 1, '{{"first":true}}')::mark_v2],
    ARRAY[ROW(0, 0, 1, {key_shard}, '{key_id}', 'default', 'order', '{key}', 1, {shard}, '{id}', NULL, NULL, NULL)
          ::binding_v2],
    NULL::parked_v2[],
    ARRAY[ROW(0, 1, {shard}, '{id}', 1, 0, 'default', 'pay', 2, NULL, 1, now(), now(), '{{}}', '',
              '00000000-0000-0000-0000-000000000000', 0)::call_v2],
    NULL::outbox_v2[])::batch_v2)
)sql";
constexpr const char* k_start_v3 = R"sql(
SELECT bad FROM commit_v3('01000000-0000-0000-0000-000000000000', 1, {etag}, true, false, false,
  ARRAY[ROW(0, 1, {shard}, '{id}', 0, 1, 1, 1, 's', 'open', false, now() + interval '1 hour', now(), '{{}}', '{{}}',
            '', '{id}', NULL, 'default', 'order', '{key}', now(), '{{}}')::instance_v2],
  NULL, NULL, NULL, NULL,
  ARRAY[ROW(0, {shard}, '{id}', 1, 1, now(), '{{}}')::history_v2],
  ARRAY[ROW(0, 0, {mark_shard}, '{mark}', '{id}', 1, 1, '{{"first":true}}')::mark_v3],
  NULL, 0,
  ARRAY[ROW(0, 0, 1, {key_shard}, '{key_id}', 'default', 'order', '{key}', 1, {shard}, '{id}', NULL, NULL, NULL)
        ::binding_v2],
  NULL, NULL, NULL,
  ARRAY[ROW(0, 1, {shard}, '{id}', 1, 0, 'default', 'pay', 2, NULL, 1, now(), now(), '{{}}', '',
            '00000000-0000-0000-0000-000000000000', 0)::call_v2],
  NULL, NULL, NULL, NULL, NULL, NULL)
)sql";

struct Program {
  const char* name;
  const char* next_migration;  // the first that it doesn't know
  const char* start;
};
void PrintTo(const Program& program, std::ostream* out) { *out << program.name; }

class Upgrade : public testing::TestWithParam<Program> {
 protected:
  void SetUp() override {
    std::string why;
    if (!has_postgres(why)) GTEST_SKIP() << why;
    database_ = std::make_unique<PostgresDatabase>();
    old_ = std::move(*postgres::Connection::open(database_->url(), postgres::Profile::setup));
    std::vector<postgres::Migration> before;
    for (const auto& migration : postgres::embedded_migrations()) {
      if (migration.name < std::string_view(GetParam().next_migration)) before.push_back(migration);
    }
    ASSERT_TRUE(postgres::migrate(*old_, before).has_value());
    ASSERT_TRUE(old_->execute("INSERT INTO lanes(lane, epoch) "
                              "VALUES('01000000-0000-0000-0000-000000000000', 1)")
                    .has_value());
  }

  void upgrade() {
    auto store = postgres::open_store(database_->url());
    ASSERT_TRUE(store.has_value()) << store.error().message;
    store_ = std::move(*store);
    lane_ = std::move(*store_->open_lane());
  }

  void start_by_old_program(std::uint32_t number, Etag etag, const std::string& key) {
    const InstanceKey instance = key_of(number);
    const Bytes16 key_id = postgres::id_of(order_key(key));
    const MarkId mark = mark_id("old-" + key);
    const auto sql = fmt::format(fmt::runtime(GetParam().start),
                                 fmt::arg("etag", etag),
                                 fmt::arg("shard", instance.shard),
                                 fmt::arg("id", instance.id.text()),
                                 fmt::arg("key", key),
                                 fmt::arg("mark", InstanceId{mark.bytes}.text()),
                                 fmt::arg("mark_shard", mark.bytes[15]),
                                 fmt::arg("key_id", InstanceId{key_id}.text()),
                                 fmt::arg("key_shard", key_id[15]));
    const auto rows = old_->run(sql.c_str());
    ASSERT_TRUE(rows.has_value()) << rows.error().message;
    ASSERT_THAT(rows->numbers(0, 0), IsEmpty());
  }

  // Of one group, by the new program.
  ports::GroupVerdict commit(Group group) {
    CommitRequest request;
    request.etag = ++etag_;
    request.groups.push_back(std::move(group));
    const auto reply = lane_->commit(request);
    EXPECT_TRUE(reply.has_value()) << (reply ? "" : reply.error().message);
    return reply ? reply->verdicts.at(0) : ports::GroupVerdict{};
  }

  std::vector<InstanceRow> live() {
    ports::InstanceFilter filter;
    filter.tenant = "default";
    filter.live_only = true;
    return store_->queries().instances(filter, 10).value();
  }

  Etag etag() const { return etag_; }
  ports::LaneStore& lane() { return *lane_; }
  ports::Store& store() { return *store_; }

 private:
  std::unique_ptr<PostgresDatabase> database_;
  std::unique_ptr<postgres::Connection> old_;
  std::unique_ptr<postgres::PostgresStore> store_;
  std::unique_ptr<ports::LaneStore> lane_;
  Etag etag_ = 1000;
};

TEST_P(Upgrade, WhatLivesInTheDatabaseGoesOn) {
  start_by_old_program(1, 7, "k");
  upgrade();
  const auto loaded = lane().load({{key_of(1)}, {order_key("k")}, {mark_id("old-k")}, {}});
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  ASSERT_THAT(loaded->instances, SizeIs(1));
  EXPECT_EQ(loaded->instances[0].etag, Etag{7});
  EXPECT_THAT(loaded->bindings, SizeIs(1));
  EXPECT_THAT(loaded->marks, SizeIs(1));
  EXPECT_THAT(*store().work().waiting_calls(), SizeIs(1));
  EXPECT_THAT(store().work().timers_before(at(0), k_all_shards, 10).value(), SizeIs(1));

  Group repeated;
  repeated.marks.push_back(mark("old-k"));
  const auto verdict = commit(repeated);
  EXPECT_EQ(verdict.verdict, Verdict::duplicate);
  EXPECT_EQ(verdict.first->answer, R"({"first":true})");
  EXPECT_EQ(commit(start(2, "k")).verdict, Verdict::key_taken);
  Group late;
  late.instances.push_back(change(1, 6));
  EXPECT_EQ(commit(late).verdict, Verdict::stale);

  Group step;
  step.instances.push_back(change(1, 7));
  EXPECT_EQ(commit(step).verdict, Verdict::committed);
  EXPECT_THAT(live(), SizeIs(1));
  Group end;
  end.instances.push_back(ending(1, etag(), 3));
  end.bindings.push_back(binding(BindingOp::end, order_key("k"), 1));
  EXPECT_EQ(commit(end).verdict, Verdict::committed);
  EXPECT_THAT(live(), IsEmpty());
}

TEST_P(Upgrade, AProcessOfTheOlderProgramGoesOnBeside) {
  upgrade();
  start_by_old_program(1, 7, "old");
  EXPECT_EQ(commit(start(2, "new")).verdict, Verdict::committed);
  start_by_old_program(3, 8, "older");
  EXPECT_THAT(store().work().timers_before(at(0), k_all_shards, 10).value(), SizeIs(2));
  Group step;
  step.instances.push_back(change(3, 8));
  EXPECT_EQ(commit(step).verdict, Verdict::committed);
  EXPECT_THAT(lane().load({{key_of(1), key_of(2), key_of(3)}, {}, {}, {}})->instances, SizeIs(3));
}

INSTANTIATE_TEST_SUITE_P(From,
                         Upgrade,
                         testing::Values(Program{"commit_v2", "0012", k_start_v2},
                                         Program{"commit_v3", "0016", k_start_v3}),
                         [](const auto& program) { return program.param.name; });

}  // namespace
}  // namespace vozex::store_test
