// SPDX-License-Identifier: Apache-2.0
//
// Tables that are spread over the nodes of a real Citus, where VOZEX_TEST_CITUS names one; skipped
// elsewhere. The whole store suite runs on it, too (Kind::citus).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/postgres/distribute.h"
#include "adapters/postgres/inspection.h"
#include "adapters/postgres/postgres_store.h"
#include "tests/store/postgres_database.h"
#include "tests/store/spread_tables.h"
#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using postgres::Placement;
using postgres::Spread;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(OnCitus, TheTablesAreSpreadAndWorkGoesOn) {
  std::string why;
  if (!has_citus(why)) GTEST_SKIP() << why;
  const CitusDatabase cluster;
  {
    ASSERT_TRUE(postgres::open_store(cluster.url()).has_value());
  }
  auto setup = std::move(*postgres::Connection::open(cluster.url(), postgres::Profile::setup));
  const auto spread = postgres::distribute(*setup);
  ASSERT_TRUE(spread.has_value()) << spread.error().message;
  const auto& all = postgres::placements();
  EXPECT_EQ(*spread, std::count_if(all.begin(), all.end(), [](const Placement& placement) {
    return placement.spread != Spread::first_node;
  }));
  EXPECT_EQ(postgres::distribute(*setup).value(), 0u) << "a second time does nothing";
  auto store = std::move(*postgres::open_store(cluster.url()));
  auto lane = std::move(*store->open_lane());
  CommitRequest request;
  request.etag = 1;
  request.groups = {start(1, "k"), start(2)};
  const auto reply = lane->commit(request);
  ASSERT_TRUE(reply.has_value()) << reply.error().message;
  EXPECT_THAT(verdicts(*reply), testing::Each(Verdict::committed));
  const auto copies = setup->run(
      "SELECT result FROM run_command_on_workers($$SELECT coalesce(string_agg(prosrc, ''), '') "
      "FROM "
      "pg_proc WHERE proname ~ '^commit_v3_at_'$$)");
  ASSERT_TRUE(copies.has_value());
  std::string all_copies;
  for (int i = 0; i < copies->size(); ++i) all_copies += copies->text(i, 0);
  EXPECT_THAT(all_copies, HasSubstr("INSERT INTO instances_")) << "workers have made them";
  EXPECT_THAT(whole_tables_in(all_copies), IsEmpty());
  const auto loaded = lane->load({{key_of(1), key_of(2)}, {order_key("k")}, {}, {}});
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(loaded->instances.size(), 2u);
  EXPECT_EQ(loaded->bindings.size(), 1u);

  auto doctor = std::move(*postgres::open_inspection(cluster.url()));
  ASSERT_TRUE(doctor->begin().has_value());
  EXPECT_EQ(doctor->live_after({}, 10)->size(), 2u);
  const auto around =
      doctor->around({{key_of(1), key_of(2)}, {order_key("k")}, {key_of(1), key_of(2)}});
  ASSERT_TRUE(around.has_value()) << around.error().message;
  EXPECT_EQ(around->kin.size(), 2u);
  EXPECT_EQ(around->bindings.size(), 1u);
  const auto damage = doctor->sweep(10);
  ASSERT_TRUE(damage.has_value()) << damage.error().message;
  EXPECT_THAT(*damage, IsEmpty());
}

TEST(OnCitus, ItIsRefusedWhileAServerWorks) {
  std::string why;
  if (!has_citus(why)) GTEST_SKIP() << why;
  const CitusDatabase cluster;
  const auto store = std::move(*postgres::open_store(cluster.url()));
  const SessionId session = session_id(1);
  ASSERT_TRUE(store->sessions().join(session, "shop-1").has_value());
  auto setup = std::move(*postgres::Connection::open(cluster.url(), postgres::Profile::setup));
  const auto refused = postgres::distribute(*setup);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, "servers_run");
  EXPECT_THAT(refused.error().message, HasSubstr("shop-1"));
  ASSERT_TRUE(store->sessions().leave(session).has_value());
  EXPECT_TRUE(postgres::distribute(*setup).has_value());
}

// Events that came early while the tables stood together find their keys in their rows.
TEST(OnCitus, EarlyEventsFromBeforeAreTakenOffTheirKeys) {
  std::string why;
  if (!has_citus(why)) GTEST_SKIP() << why;
  const CitusDatabase cluster;
  CommitRequest request;
  request.etag = 1;
  {
    const auto before = std::move(*postgres::open_store(cluster.url()));
    Group early;
    early.marks.push_back(mark("early"));
    early.parks.push_back({mark_id("early"), {order_key("k")}, "{}", Timestamp{}});
    request.groups = {early};
    ASSERT_TRUE((*before->open_lane())->commit(request).has_value());
  }
  cluster.spread();
  const auto store = std::move(*postgres::open_store(cluster.url()));
  EXPECT_EQ(store->queries().parked_count().value(), 1u);
  EXPECT_EQ(store->work().expire_parked(Timestamp{}, 10).value(), 1u);
  EXPECT_EQ(store->queries().parked_count().value(), 0u);
  EXPECT_TRUE(store->work().parked_by_tenant()->empty());
}

}  // namespace
}  // namespace vozex::store_test
