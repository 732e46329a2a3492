// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/column.h"

#include <gtest/gtest.h>

#include "adapters/postgres/wire.h"

namespace vozex::postgres {
namespace {

TEST(Column, OfNothingHasNoDimensions) {
  EXPECT_EQ(Column(k_int4).encoded(), std::string("\0\0\0\0\0\0\0\0\0\0\0\x17", 12));
}

TEST(Column, NumbersAreBigEndianAfterTheirLength) {
  Column column(k_int2);
  column.add_int2(258);
  column.add_null();
  EXPECT_EQ(column.encoded(),
            std::string("\0\0\0\1\0\0\0\1\0\0\0\x15\0\0\0\2\0\0\0\1"
                        "\0\0\0\2\1\2"
                        "\xff\xff\xff\xff",
                        30));
}

TEST(Column, TimesCountFrom2000) {
  Column column(k_time);
  column.add_time(Timestamp(Duration(wire::k_epoch_us + 1)));
  EXPECT_EQ(column.encoded().substr(20), std::string("\0\0\0\x08\0\0\0\0\0\0\0\1", 12));
}

TEST(Params, KeepNullsAndEmptyTextsApart) {
  Params params;
  params.text("").null(k_uuid).text("ab").boolean(false);
  const auto values = params.values();
  ASSERT_EQ(values.size(), 4u);
  EXPECT_NE(values[0], nullptr);
  EXPECT_EQ(values[1], nullptr);
  EXPECT_EQ(std::string(values[2], 2), "ab");
  EXPECT_EQ(params.lengths(), (std::vector{0, 0, 2, 1}));
  EXPECT_EQ(params.types(), (std::vector<std::uint32_t>{25, 2950, 25, 16}));
}

}  // namespace
}  // namespace vozex::postgres
