// SPDX-License-Identifier: Apache-2.0
//
// What lets PostgreSQL be spread over several machines: every table has its place, every key of a
// table of instances leads with the shard, and every hot statement carries it. Shown on plain
// PostgreSQL from catalogues, plans and the text of the functions. On Citus: citus_test.cc.
#include "adapters/postgres/distribute.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "adapters/postgres/failure.h"
#include "adapters/postgres/fold.h"
#include "adapters/postgres/load.h"
#include "adapters/postgres/postgres_store.h"
#include "adapters/postgres/retention.h"
#include "adapters/postgres/spread.h"
#include "tests/store/postgres_database.h"
#include "tests/store/spread_tables.h"
#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using postgres::Layout;
using postgres::Placement;
using postgres::Spread;
using testing::ContainsRegex;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

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

  std::string text_of(const std::string& function) {
    const auto text = texts("SELECT prosrc FROM pg_proc WHERE proname = '" + function + "'");
    EXPECT_EQ(text.size(), 1u) << function;
    return text.empty() ? "" : text[0];
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
  ASSERT_TRUE(connection_->execute(k_plan_by_index).has_value());
  for (const Layout layout : {Layout::together, Layout::by_bucket}) {
    const bool each = layout == Layout::by_bucket;
    for (const postgres::HotStatement& statement : postgres::load_statements(layout)) {
      const std::string name = statement.name + std::string(each ? "_each" : "");
      std::string types = each ? "int2, uuid[]" : "int2[], uuid[]";
      if (statement.parameters != nullptr) types = statement.parameters;
      const auto scans = scans_of_instances(*connection_, name, statement.sql, types);
      EXPECT_THAT(scans, Not(IsEmpty())) << name;
      // On one bucket: the number itself, not one row's of a join.
      EXPECT_THAT(scans, Each(HasSubstr(each ? "(shard = $1)" : "Index Cond: ((shard = "))) << name;
    }
  }
}

// What others left, calls that wait, early events that expire and what has ended is looked for on
// all nodes, without locks; what is taken or removed of it is taken on one.
TEST_F(Distribute, ClaimsSweepsAndRemovalsCarryTheShard) {
  ASSERT_TRUE(connection_->execute(k_plan_by_index).has_value());
  auto statements = postgres::spread::take_statements();
  for (const auto& statement : postgres::removal_statements()) statements.push_back(statement);
  for (const postgres::HotStatement& statement : statements) {
    const auto scans =
        scans_of_instances(*connection_, statement.name, statement.sql, statement.parameters);
    EXPECT_THAT(scans, Not(IsEmpty())) << statement.name;
    EXPECT_THAT(scans, Each(ContainsRegex("(Cond|Filter): \\(.*shard = "))) << statement.name;
  }
}

// Every mention of a table of instances in a function's text, and whether its statement holds
// `carries` for it, in which "@" stands for the table's alias.
struct Mentions {
  std::size_t all = 0;
  std::set<std::string> without;
};

Mentions mentions_in(const std::string& text, const std::string& carries, bool one_row) {
  const std::regex touch(
      R"((FROM|JOIN|UPDATE|DELETE FROM|INSERT INTO) ([a-z]+)(?: AS ([a-z]+)| ([a-z]+)\b)? ?(\(shard)?)");
  Mentions mentions;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = text.find(";\n", begin);
    const std::string statement = text.substr(begin, end - begin);
    for (std::sregex_iterator it(statement.begin(), statement.end(), touch), last; it != last;
         ++it) {
      if (!is_of_instances((*it)[2].str())) continue;
      ++mentions.all;
      const std::string alias = (*it)[3].matched ? (*it)[3] : (*it)[4];
      std::string wanted = carries;
      wanted.replace(wanted.find('@'), 1, alias);
      const bool inserts = (*it)[1] == "INSERT INTO";
      const bool fine =
          inserts ? (*it)[5].matched &&
                        (!one_row || statement.find("VALUES (r.shard,") != std::string::npos)
                  : statement.find(wanted) != std::string::npos;
      if (!fine) mentions.without.insert(statement);
    }
    if (end == std::string::npos) break;
  }
  return mentions;
}

TEST_F(Distribute, EveryStatementOfACommitCarriesTheShard) {
  const std::map<std::string, std::size_t> functions = {{"commit_v1", 25},
                                                        {"commit_tasks_v1", 1},
                                                        {"commit_v2", 25},
                                                        {"commit_tasks_v2", 1},
                                                        {"commit_v3", 25},
                                                        {"commit_v4", 25},
                                                        {"look_v1", 6}};
  for (const auto& [function, at_least] : functions) {
    const Mentions mentions = mentions_in(text_of(function), "@.shard = ", false);
    EXPECT_GT(mentions.all, at_least) << function << " is not understood";
    EXPECT_THAT(mentions.without, IsEmpty()) << function;
  }
}

// Where the tables are spread, each statement is of one row, and so of one bucket.
TEST_F(Distribute, EveryStatementOfACommitOfABucketStaysOnOne) {
  const std::map<std::string, std::size_t> functions = {
      {"unpark_home_v1", 4}, {"expire_parked_home_v1", 2}, {"deliver_home_v1", 0}};
  for (const auto& [function, at_least] : functions) {
    const Mentions mentions = mentions_in(text_of(function), "@.shard = r.shard", true);
    EXPECT_GT(mentions.all, at_least) << function << " is not understood";
    EXPECT_THAT(mentions.without, IsEmpty()) << function;
  }
}

// They go by whole months, and no row of theirs is looked for.
TEST_F(Distribute, MarksAreCleanedWithoutALookAtOne) {
  const std::string text = text_of("forget_marks_v1");
  EXPECT_THAT(text, HasSubstr("DROP TABLE"));
  EXPECT_EQ(mentions_in(text, "@.shard = ", false).all, 0u) << text;
}

TEST_F(Distribute, AStatementThatLooksOnAllNodesIsFound) {
  const std::string fine =
      "UPDATE calls c SET state = 1 WHERE c.shard = r.shard AND c.seq = r.seq;\n";
  const std::string join =
      "PERFORM 1 FROM parked p JOIN waits w ON w.mark = p.mark WHERE p.shard = r.shard;\n";
  const std::string insert = "INSERT INTO tasks (shard, seq) SELECT shard, seq FROM u;\n";
  EXPECT_THAT(mentions_in(fine, "@.shard = r.shard", true).without, IsEmpty());
  EXPECT_EQ(mentions_in(fine + join + insert, "@.shard = r.shard", true).without.size(), 2u);
  EXPECT_EQ(mentions_in(fine + join + insert, "@.shard = ", false).without.size(), 1u);
}

// As if Citus gave the tables numbers.
constexpr const char* k_numbers_of_citus =
    "CREATE FUNCTION get_shard_id_for_distribution_column(regclass, int2) RETURNS int8 LANGUAGE "
    "sql "
    "AS 'SELECT 102000 + $2'";

TEST_F(Distribute, TheCopyOfAHomeKnowsTheTablesOfTheHomeOnly) {
  ASSERT_TRUE(connection_->execute(k_numbers_of_citus).has_value());
  for (const std::string function : {"commit_v3", "look_v1"}) {
    EXPECT_FALSE(whole_tables_in(text_of(function)).empty()) << "this test sees nothing";
    const auto name = texts("SELECT home_copy_v1('" + function + "', 102003, 3::int2)");
    EXPECT_EQ(name, std::vector<std::string>{function + "_at_102003_3"});
    const std::string copy = text_of(name.at(0));
    EXPECT_THAT(whole_tables_in(copy), IsEmpty()) << copy;
    EXPECT_THAT(copy, Not(HasSubstr(" unpark_v1("))) << "it names whole tables";
    EXPECT_THAT(copy, HasSubstr("marks_102003 m"));
    EXPECT_EQ(texts("SELECT home_copy_v1('" + function + "', 102003, 3::int2)"), name)
        << "made once";
  }
  EXPECT_THAT(text_of("commit_v3_at_102003_3"),
              HasSubstr("UPDATE receipts_102003 AS lanes SET etag = p_etag"));
  EXPECT_THAT(
      texts("SELECT unnest(proconfig) FROM pg_proc WHERE proname = 'commit_v3_at_102003_3'"),
      testing::ElementsAre("lock_timeout=100ms"));
}

TEST_F(Distribute, AHomeWhoseShardWasSplitIsNotWrittenTo) {
  ASSERT_TRUE(connection_->execute(k_numbers_of_citus).has_value());
  EXPECT_TRUE(connection_->run("SELECT check_home_v1(3::int2, 102003)").has_value());
  const auto split = connection_->run("SELECT check_home_v1(3::int2, 102004)");
  ASSERT_FALSE(split.has_value());
  EXPECT_EQ(postgres::sqlstate_of(split.error()), "VZ003");
}

TEST_F(Distribute, ACommitIsOneCallForEachHome) {
  const auto store = std::move(*postgres::open_store(database_->url(), Layout::by_bucket));
  CommitRequest request;
  request.etag = 7;
  request.groups = {start(1, "k"), start(2), start(3)};
  for (Group& group : request.groups) {
    group.marks.clear();
    group.instances[0].row.shard = group.history[0].shard = 1;
  }
  request.groups[2].instances[0].row.shard = request.groups[2].history[0].shard = 2;
  const auto reply = std::move(*store->open_lane())->commit(request);
  ASSERT_TRUE(reply.has_value()) << reply.error().message;
  EXPECT_THAT(verdicts(*reply), Each(Verdict::committed));
  std::set<int> homes = {1, 2};
  homes.insert(postgres::shard_of_binding(postgres::id_of(order_key("k"))) % 8);
  std::set<int> found;
  for (const std::string& home : texts("SELECT shard::text FROM receipts WHERE etag = 7")) {
    found.insert(std::stoi(home));
  }
  EXPECT_EQ(found, homes) << "each has a receipt";
}

// The connection to the coordinator lives on, so these are no doubts about the outcome; but for
// one.
TEST_F(Distribute, WhatACoordinatorPassesOnOfANodeIsUnderstood) {
  const auto raised = [&](const std::string& text, const std::string& state) {
    const std::string block =
        "DO $$ BEGIN RAISE EXCEPTION '" + text + "' USING ERRCODE = '" + state + "'; END $$";
    return connection_->run(block.c_str()).error();
  };
  for (const char* state : {"08006", "57P01"}) {
    const Error error = raised("connection to the remote node failed", state);
    EXPECT_EQ(error.kind, ErrorClass::unavailable) << state;
    EXPECT_EQ(error.code, "store_node");
    EXPECT_TRUE(connection_->is_usable());
  }
  EXPECT_EQ(raised("server closed the connection unexpectedly", "XX000").code, "store_node");
  EXPECT_EQ(raised("failure on connection marked as essential: db2:5432", "XX000").code,
            "store_node");
  const Error unsure =
      raised("could not commit transaction for shard 102008 on at least one active node", "XX000");
  EXPECT_EQ(unsure.kind, ErrorClass::outcome_unknown);
  // Of a coordinator that was killed: its own end, told as an internal error.
  const Error ended = raised("postmaster was shut down, exiting", "XX000");
  EXPECT_EQ(ended.kind, ErrorClass::outcome_unknown) << ended.message;
  EXPECT_EQ(ended.code, "store_lost");
  EXPECT_EQ(raised("something else", "XX000").kind, ErrorClass::corrupt);
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

}  // namespace
}  // namespace vozex::store_test
