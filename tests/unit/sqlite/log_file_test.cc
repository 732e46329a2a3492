// SPDX-License-Identifier: Apache-2.0
// Pages of a log are written together, and yet before anybody may count on them.
#include "adapters/sqlite/log_file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "adapters/sqlite/connection.h"

namespace vozex::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr int k_rows = 1000;  // of a kilobyte: a transaction of nine times what is collected

class LogFileTest : public ::testing::Test {
 protected:
  LogFileTest() {
    std::string name = (fs::temp_directory_path() / "vozex-log-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    writer_ = opened("db");
    EXPECT_TRUE(writer_->execute("CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT) STRICT"));
  }
  ~LogFileTest() override {
    writer_.reset();
    fs::remove_all(folder_);
  }

  std::unique_ptr<Connection> opened(const std::string& name,
                                     Access access = Access::read_write) const {
    auto connection = Connection::open((folder_ / name).string(), access);
    EXPECT_TRUE(connection) << connection.error().message;
    return std::move(*connection);
  }

  Result<int> insert() {
    return writer_
        ->use(
            "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?1) "
            "INSERT INTO t(text) SELECT printf('%.*c', 1000, 'x') FROM c")
        .number(1, k_rows)
        .run();
  }
  Result<int> insert_at_once() {
    return writer_->transaction([&] { return insert(); });
  }

  static std::int64_t count(Connection& connection) {
    Statement find = connection.use("SELECT count(*) FROM t WHERE length(text) = 1000");
    const auto row = find.step();
    return row && *row ? find.number_at(0) : -1;
  }
  static bool is_whole(Connection& connection) {
    Statement check = connection.use("PRAGMA integrity_check");
    const auto row = check.step();
    return row && *row && check.text_at(0) == "ok";
  }

  fs::path folder_;
  std::unique_ptr<Connection> writer_;
};

// Calls of write() and the like that this process has made.
long writes_of_this_process() {
  std::ifstream io("/proc/self/io");
  std::string name;
  long value = 0;
  while (io >> name >> value) {
    if (name == "syscw:") return value;
  }
  return -1;
}

TEST_F(LogFileTest, ACommitIsAFewWritesAndNotTwoForEachPage) {
  ASSERT_TRUE(insert_at_once());
  const long before = writes_of_this_process();
  ASSERT_GE(before, 0);
  ASSERT_TRUE(insert_at_once());
  const long made = writes_of_this_process() - before;
  const long pages = k_rows / 4;
  EXPECT_GT(made, 0);
  EXPECT_LT(made, pages / 10);
}

TEST_F(LogFileTest, WhatIsCommittedIsInTheFilesWhenTheCommitReturns) {
  for (int commits = 1; commits <= 3; ++commits) {
    ASSERT_TRUE(insert_at_once());
    // As they would be found after a crash.
    const std::string copy = "copy" + std::to_string(commits);
    fs::copy_file(folder_ / "db", folder_ / copy);
    fs::copy_file(folder_ / "db-wal", folder_ / (copy + "-wal"));
    const auto found = opened(copy);
    EXPECT_EQ(count(*found), commits * k_rows);
    EXPECT_TRUE(is_whole(*found));
  }
}

TEST_F(LogFileTest, OtherConnectionsSeeWhatIsCommittedAndNothingElse) {
  const auto reader = opened("db", Access::read_only);
  EXPECT_EQ(count(*reader), 0);
  ASSERT_TRUE(writer_->begin());
  ASSERT_TRUE(insert());
  EXPECT_EQ(count(*reader), 0);
  ASSERT_TRUE(writer_->commit());
  EXPECT_EQ(count(*reader), k_rows);
}

TEST_F(LogFileTest, ATransactionThatIsLargerThanTheCacheReadsItsOwnPages) {
  ASSERT_TRUE(writer_->execute("PRAGMA cache_size = 10"));
  ASSERT_TRUE(insert_at_once());
  ASSERT_TRUE(writer_->begin());
  ASSERT_TRUE(insert());
  EXPECT_EQ(count(*writer_), 2 * k_rows);
  ASSERT_TRUE(writer_->execute("UPDATE t SET text = 'short' WHERE id % 2 = 0"));
  EXPECT_EQ(count(*writer_), k_rows);
  writer_->roll_back();
  EXPECT_EQ(count(*writer_), k_rows);
  ASSERT_TRUE(insert_at_once());
  EXPECT_EQ(count(*opened("db", Access::read_only)), 2 * k_rows);
  EXPECT_TRUE(is_whole(*writer_));
}

TEST_F(LogFileTest, WhatCanNotBeWrittenIsNotCommittedAndTheNextOneIs) {
  ASSERT_TRUE(insert_at_once());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{fs::file_size(folder_ / "db-wal") + 300'000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto refused = insert_at_once();
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, handler);
  ASSERT_FALSE(refused);
  EXPECT_EQ(count(*writer_), k_rows);
  ASSERT_TRUE(insert_at_once());
  EXPECT_EQ(count(*opened("db", Access::read_only)), 2 * k_rows);
  EXPECT_TRUE(is_whole(*writer_));
}

}  // namespace
}  // namespace vozex::sqlite
