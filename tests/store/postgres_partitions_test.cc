// SPDX-License-Identifier: Apache-2.0
//
// Partitions and plans: what PostgreSQL alone has in its tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/postgres_rig.h"

namespace vozex::store_test {
namespace {

using testing::ElementsAre;

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
