// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/statement.h"

#include <gtest/gtest.h>

#include "adapters/sqlite/connection.h"

namespace vozex::sqlite {
namespace {

class StatementTest : public testing::Test {
 protected:
  std::unique_ptr<Connection> connection_ = std::move(*Connection::open("", Access::read_write));
};

TEST_F(StatementTest, ReadsWhatWasBound) {
  ASSERT_TRUE(connection_->execute("CREATE TABLE t(n, e, at, x, b, z)").has_value());
  const std::string text("a\0b", 3);
  const Bytes16 bytes{1, 2, 3};
  auto inserted = connection_->use("INSERT INTO t VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
                      .number(1, -7)
                      .etag(2, ~Etag{0})
                      .time(3, Timestamp(Duration(-5)))
                      .text(4, text)
                      .bytes(5, bytes)
                      .id_or_null(6, InstanceId{})
                      .run();
  EXPECT_EQ(inserted.value(), 1);
  Statement read = connection_->use("SELECT * FROM t");
  ASSERT_TRUE(read.step().value());
  EXPECT_EQ(read.number_at(0), -7);
  EXPECT_EQ(read.etag_at(1), ~Etag{0});
  EXPECT_EQ(read.time_at(2), Timestamp(Duration(-5)));
  EXPECT_EQ(read.text_at(3), text);
  EXPECT_EQ(read.bytes_at(4), bytes);
  EXPECT_TRUE(read.is_null(5));
  EXPECT_TRUE(read.id_at<InstanceId>(5).is_nil());
  EXPECT_EQ(read.optional_time_at(5), std::nullopt);
  EXPECT_FALSE(read.step().value());
}

TEST_F(StatementTest, AWrongTextFailsAtItsFirstStep) {
  auto failed = connection_->use("SELECT nonsense FROM nowhere").number(1, 5).step();
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().kind, ErrorClass::corrupt);
  EXPECT_EQ(failed.error().code, "store_schema");
}

TEST_F(StatementTest, ATransactionThatFailsIsRolledBack) {
  ASSERT_TRUE(connection_->execute("CREATE TABLE t(n UNIQUE)").has_value());
  auto failed = connection_->transaction([&]() -> Result<int> {
    auto once = connection_->use("INSERT INTO t VALUES(1)").run();
    return once ? connection_->use("INSERT INTO t VALUES(1)").run() : once;
  });
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().kind, ErrorClass::constraint);
  Statement count = connection_->use("SELECT count(*) FROM t");
  ASSERT_TRUE(count.step().value());
  EXPECT_EQ(count.number_at(0), 0);
}

}  // namespace
}  // namespace vozex::sqlite
