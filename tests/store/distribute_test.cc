// SPDX-License-Identifier: Apache-2.0
//
// What lets PostgreSQL be spread over several machines: every table has its place, every key of a
// table of instances leads with the shard, and every hot statement carries it. Shown on plain
// PostgreSQL from catalogues, plans and the text of the functions; and on Citus where there is one.
#include "adapters/postgres/distribute.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

#include "adapters/postgres/postgres_store.h"
#include "tests/store/postgres_database.h"
#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using postgres::Placement;
using postgres::Spread;
using testing::HasSubstr;
using testing::IsEmpty;

// Statements of the functions that look on all nodes, and why that is all right.
const std::set<std::string>& known_scatter() {
  static const std::set<std::string> known = {
      // The keys of an early event that is taken are known by its mark only. Early events are few.
      "unpark_v1: DELETE FROM waits w"};
  return known;
}

bool is_of_instances(std::string_view table) {
  const auto& all = postgres::placements();
  return std::any_of(all.begin(), all.end(), [&](const Placement& placement) {
    return placement.table == table && placement.spread == Spread::by_shard;
  });
}

class Distribute : public testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    if (!has_postgres(why)) GTEST_SKIP() << why;
    database_ = std::make_unique<PostgresDatabase>();
    ASSERT_TRUE(postgres::open_store(database_->url()).has_value());
    connection_ =
        std::move(*postgres::Connection::open(database_->url(), postgres::Profile::setup));
  }
  std::vector<std::string> texts(const std::string& sql) {
    auto rows = connection_->run(sql.c_str());
    EXPECT_TRUE(rows.has_value()) << sql;
    std::vector<std::string> all;
    for (int i = 0; rows && i < rows->size(); ++i) all.push_back(rows->text(i, 0));
    return all;
  }

  std::unique_ptr<PostgresDatabase> database_;
  std::unique_ptr<postgres::Connection> connection_;
};

TEST_F(Distribute, EveryTableHasItsPlace) {
  std::set<std::string> placed;
  for (const Placement& placement : postgres::placements()) placed.insert(placement.table);
  for (const std::string& table :
       texts("SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'p') AND NOT "
             "relispartition AND relnamespace = 'public'::regnamespace AND relname <> "
             "'migrations'")) {
    EXPECT_EQ(placed.erase(table), 1u) << table << " is not in placements()";
  }
  EXPECT_THAT(placed, IsEmpty()) << "there are no such tables";
}

TEST_F(Distribute, EveryKeyOfATableOfInstancesLeadsWithTheShard) {
  for (const Placement& placement : postgres::placements()) {
    if (placement.spread != Spread::by_shard) continue;
    const std::string of = std::string("'") + placement.table + "'::regclass";
    EXPECT_EQ(texts("SELECT attname::text FROM pg_attribute a JOIN pg_index i ON a.attrelid = "
                    "i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = " +
                    of + " AND i.indisprimary"),
              std::vector<std::string>{"shard"})
        << placement.table;
    EXPECT_THAT(
        texts("SELECT i.indexrelid::regclass::text FROM pg_index i WHERE i.indrelid = " + of +
              " AND i.indisunique AND 'shard' <> (SELECT attname FROM pg_attribute "
              "WHERE attrelid = i.indrelid AND attnum = i.indkey[0])"),
        IsEmpty());
  }
}

// Each scan of a table of instances goes through an index, with the shard.
TEST_F(Distribute, EveryStatementOfALoadCarriesTheShard) {
  ASSERT_TRUE(connection_
                  ->execute("SET enable_seqscan = off; SET enable_hashjoin = off; SET "
                            "enable_mergejoin = off; SET enable_bitmapscan = off; SET "
                            "plan_cache_mode = force_generic_plan")
                  .has_value());
  const std::regex scan(R"(Scan (?:using \S+ )?on ([a-z]+)(?:_\d+)?\b)");
  for (const postgres::HotStatement& statement : postgres::hot_statements()) {
    const std::string name = statement.name;
    const bool two_arrays = name != "receipt" && name != "commit";
    if (!two_arrays) continue;
    ASSERT_TRUE(connection_->execute("PREPARE " + name + "(int2[], uuid[]) AS " + statement.sql)
                    .has_value())
        << name;
    const auto plan = texts("EXPLAIN EXECUTE " + name + "(NULL, NULL)");
    std::size_t scans = 0;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      std::smatch found;
      if (!std::regex_search(plan[i], found, scan) || !is_of_instances(found[1].str())) continue;
      ++scans;
      ASSERT_LT(i + 1, plan.size());
      EXPECT_THAT(plan[i + 1], HasSubstr("Index Cond: ((shard = ")) << name << "\n" << plan[i];
    }
    EXPECT_GT(scans, 0u) << name;
  }
}

// Of the functions that a commit runs: every table of instances is named with its shard.
TEST_F(Distribute, EveryStatementOfACommitCarriesTheShard) {
  const std::regex touch(
      R"((JOIN|UPDATE|DELETE FROM|INSERT INTO) ([a-z]+)(?: AS ([a-z]+)| ([a-z]+)\b)? ?(\(shard)?)");
  std::set<std::string> scattered;
  std::size_t touches = 0;
  for (const char* function : {"commit_v1", "unpark_v1"}) {
    const auto text =
        texts(std::string("SELECT prosrc FROM pg_proc WHERE proname = '") + function + "'");
    ASSERT_EQ(text.size(), 1u) << function;
    std::size_t begin = 0;
    for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
      end = text[0].find(";\n", begin);
      const std::string statement = text[0].substr(begin, end - begin);
      for (std::sregex_iterator it(statement.begin(), statement.end(), touch), last; it != last;
           ++it) {
        const std::string table = (*it)[2];
        if (!is_of_instances(table)) continue;
        ++touches;
        const std::string alias = (*it)[3].matched ? (*it)[3] : (*it)[4];
        const bool inserts = (*it)[1] == "INSERT INTO";
        const bool carries =
            inserts ? (*it)[5].matched : statement.find(alias + ".shard = ") != std::string::npos;
        if (!carries) scattered.insert(std::string(function) + ": " + it->str());
      }
      if (end == std::string::npos) break;
    }
  }
  EXPECT_GT(touches, 25u) << "the text is not understood";
  std::set<std::string> trimmed;
  for (std::string text : scattered) {
    while (text.ends_with(' ')) text.pop_back();
    trimmed.insert(text);
  }
  EXPECT_EQ(trimmed, known_scatter());
}

TEST_F(Distribute, WithoutCitusItIsRefusedAndSaysWhatToDo) {
  if (!texts("SELECT name::text FROM pg_available_extensions WHERE name = 'citus'").empty()) {
    GTEST_SKIP() << "this server offers citus";
  }
  const auto refused = postgres::distribute(*connection_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorClass::refused);
  EXPECT_EQ(refused.error().code, "no_citus");
  EXPECT_THAT(refused.error().message, HasSubstr("shared_preload_libraries"));
}

TEST_F(Distribute, OnCitusTheTablesAreSpreadAndWorkGoesOn) {
  if (texts("SELECT name::text FROM pg_available_extensions WHERE name = 'citus'").empty()) {
    GTEST_SKIP() << "this server does not offer citus";
  }
  EXPECT_EQ(postgres::distribute(*connection_).error().code, "citus_not_created");
  ASSERT_TRUE(connection_->execute("CREATE EXTENSION citus").has_value());
  const auto spread = postgres::distribute(*connection_);
  ASSERT_TRUE(spread.has_value()) << spread.error().message;
  const auto& all = postgres::placements();
  EXPECT_EQ(*spread, std::count_if(all.begin(), all.end(), [](const Placement& placement) {
    return placement.spread != Spread::first_node;
  }));
  EXPECT_EQ(postgres::distribute(*connection_).value(), 0u) << "a second time does nothing";
  auto store = std::move(*postgres::open_store(database_->url()));
  auto lane = std::move(*store->open_lane());
  CommitRequest request;
  request.etag = 1;
  request.groups = {start(1, "k"), start(2)};
  const auto reply = lane->commit(request);
  ASSERT_TRUE(reply.has_value()) << reply.error().message;
  EXPECT_THAT(verdicts(*reply), testing::Each(Verdict::committed));
  const auto loaded = lane->load({{key_of(1), key_of(2)}, {order_key("k")}, {}, {}});
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(loaded->instances.size(), 2u);
  EXPECT_EQ(loaded->bindings.size(), 1u);
}

}  // namespace
}  // namespace vozex::store_test
