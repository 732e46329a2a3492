// SPDX-License-Identifier: Apache-2.0
//
// Migrations of both databases: applied once, by one of several starters, in order, and never
// against a database that was made by other texts or by a newer program. Their numbers have no gap
// that a later release could fill, which would come too late for who has the next one already.
#include "adapters/sqlite/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "adapters/postgres/migrate.h"
#include "tests/store/postgres_database.h"
#include "tests/store/temp_folder.h"

namespace vozex::store_test {
namespace {

using testing::HasSubstr;

class SqliteFile {
 public:
  using Connection = sqlite::Connection;
  using Migrations = std::vector<sqlite::Migration>;
  static bool is_missing(std::string&) { return false; }
  std::unique_ptr<Connection> open() {
    return Connection::open(folder_.file("m.db"), sqlite::Access::read_write).value();
  }
  static const Migrations& embedded() { return sqlite::embedded_migrations(); }

 private:
  TempFolder folder_;
};

class PostgresServer {
 public:
  using Connection = postgres::Connection;
  using Migrations = std::vector<postgres::Migration>;
  static bool is_missing(std::string& why) { return !has_postgres(why); }
  std::unique_ptr<Connection> open() {
    return Connection::open(database_.url(), postgres::Profile::setup).value();
  }
  static const Migrations& embedded() { return postgres::embedded_migrations(); }

 private:
  PostgresDatabase database_;
};

template <class Place>
class Migrate : public testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    if (Place::is_missing(why)) GTEST_SKIP() << why;
    place_ = std::make_unique<Place>();
  }
  Place& place() { return *place_; }
  const typename Place::Migrations two{
      {"0001_a", "CREATE TABLE a(x INTEGER); INSERT INTO a VALUES(1)"},
      {"0002_b", "CREATE TABLE b(x INTEGER)"}};

 private:
  std::unique_ptr<Place> place_;
};

struct Names {
  template <class Place>
  static std::string GetName(int) {
    return std::is_same_v<Place, SqliteFile> ? "Sqlite" : "Postgres";
  }
};
using Places = testing::Types<SqliteFile, PostgresServer>;
TYPED_TEST_SUITE(Migrate, Places, Names);

TYPED_TEST(Migrate, AppliesWhatIsMissingOnce) {
  auto connection = this->place().open();
  EXPECT_EQ(migrate(*connection, {this->two[0]}).value(), 1u);
  EXPECT_EQ(migrate(*connection, this->two).value(), 1u);
  EXPECT_EQ(migrate(*connection, this->two).value(), 0u);
  EXPECT_TRUE(connection->execute("INSERT INTO b VALUES(1)").has_value());
}

TYPED_TEST(Migrate, AppliesThoseOfTheProgram) {
  auto connection = this->place().open();
  ASSERT_FALSE(this->place().embedded().empty());
  EXPECT_EQ(this->place().embedded()[0].name, "0001_instances");
  EXPECT_EQ(migrate(*connection).value(), this->place().embedded().size());
}

TYPED_TEST(Migrate, NumbersGoUpByOneAndPartsNameTheirWhole) {
  int number = 0;
  std::string whole;
  for (const auto& migration : this->place().embedded()) {
    const std::string name(migration.name);
    if (!whole.empty() && name.starts_with(whole + "_")) continue;
    EXPECT_EQ(std::stoi(name.substr(0, 4)), ++number) << name;
    whole = name;
  }
}

TYPED_TEST(Migrate, AGapIsNoObstacle) {
  auto connection = this->place().open();
  auto gap = this->two;
  gap[1].name = "0003_b";
  EXPECT_EQ(migrate(*connection, gap).value(), 2u);
  gap.push_back({"0005_c", "CREATE TABLE c(x INTEGER)"});
  EXPECT_EQ(migrate(*connection, gap).value(), 1u);
}

TYPED_TEST(Migrate, RefusesAChangedText) {
  auto connection = this->place().open();
  ASSERT_TRUE(migrate(*connection, this->two).has_value());
  auto changed = this->two;
  changed[1].sql = "CREATE TABLE b(y INTEGER)";
  const auto refused = migrate(*connection, changed);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorClass::refused);
  EXPECT_EQ(refused.error().code, "migration_changed");
  EXPECT_THAT(refused.error().message, HasSubstr("0002_b"));
}

TYPED_TEST(Migrate, RefusesANewerDatabase) {
  auto connection = this->place().open();
  ASSERT_TRUE(migrate(*connection, this->two).has_value());
  const auto refused = migrate(*connection, {this->two[0]});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorClass::refused);
  EXPECT_EQ(refused.error().code, "database_newer");
  EXPECT_THAT(refused.error().message, HasSubstr("0002_b"));
}

TYPED_TEST(Migrate, LeavesNothingOfAFailedOne) {
  auto connection = this->place().open();
  auto broken = this->two;
  broken[1].sql = "CREATE TABLE b(x INTEGER); SELECT nonsense FROM nowhere";
  EXPECT_FALSE(migrate(*connection, broken).has_value());
  EXPECT_FALSE(connection->execute("INSERT INTO a VALUES(1)").has_value());
  EXPECT_EQ(migrate(*connection, this->two).value(), 2u);
}

TYPED_TEST(Migrate, IsDoneOnceByTwoStartersAtOnce) {
  std::barrier together(2);
  std::size_t applied[2] = {0, 0};
  const auto start = [&](std::size_t me) {
    auto connection = this->place().open();
    together.arrive_and_wait();
    auto count = migrate(*connection);
    ASSERT_TRUE(count.has_value()) << count.error().message;
    applied[me] = *count;
  };
  std::thread other(start, 1);
  start(0);
  other.join();
  EXPECT_EQ(applied[0] + applied[1], this->place().embedded().size());
  EXPECT_EQ(applied[0] * applied[1], 0u);
}

}  // namespace
}  // namespace vozex::store_test
