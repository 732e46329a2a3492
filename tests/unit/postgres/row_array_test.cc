// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/row_array.h"

#include <gtest/gtest.h>

namespace vozex::postgres {
namespace {

constexpr std::uint32_t k_type = 0x0102;

TEST(RowArray, OfNothingHasNoDimensions) {
  EXPECT_EQ(RowArray().encoded(k_type), std::string("\0\0\0\0\0\0\0\0\0\0\1\2", 12));
}

TEST(RowArray, ARowIsItsLengthItsCountAndEachAttributeWithItsType) {
  RowArray rows;
  rows.row(2).int2(258).null(k_uuid);
  EXPECT_EQ(rows.encoded(k_type),
            std::string("\0\0\0\1\0\0\0\0\0\0\1\2\0\0\0\1\0\0\0\1"
                        "\0\0\0\x16\0\0\0\2"
                        "\0\0\0\x15\0\0\0\2\1\2"
                        "\0\0\x0b\x86\xff\xff\xff\xff",
                        46));
}

TEST(RowArray, RowsStandOneAfterTheOther) {
  RowArray rows;
  rows.row(1).text("ab").row(1).text("");
  EXPECT_EQ(rows.size(), 2);
  EXPECT_EQ(rows.encoded(k_type).substr(16),
            std::string("\0\0\0\1"
                        "\0\0\0\x0e\0\0\0\1\0\0\0\x19\0\0\0\2ab"
                        "\0\0\0\x0c\0\0\0\1\0\0\0\x19\0\0\0\0",
                        38));
}

TEST(Params, RowsOfNothingAreNull) {
  Params params;
  params.rows({k_type, 7}, RowArray()).rows({k_type, 7}, RowArray().row(1).boolean(true));
  EXPECT_EQ(params.values()[0], nullptr);
  EXPECT_NE(params.values()[1], nullptr);
  EXPECT_EQ(params.types(), (std::vector<std::uint32_t>{7, 7}));
}

}  // namespace
}  // namespace vozex::postgres
