// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>

#include "adapters/payments/amounts.h"

namespace vozex::payments {
namespace {

TEST(Amounts, ExponentsOfIso4217) {
  EXPECT_EQ(currency_exponent("USD"), 2);
  EXPECT_EQ(currency_exponent("jpy"), 0);
  EXPECT_EQ(currency_exponent("TND"), 3);
  EXPECT_EQ(currency_exponent("KWD"), 3);
  EXPECT_EQ(currency_exponent("CLF"), 4);
  EXPECT_EQ(currency_exponent("???"), 2);
}

TEST(Amounts, DecimalsAreReadExactlyOrNotAtAll) {
  struct Row {
    const char* text;
    int exponent;
    std::optional<std::int64_t> expected;
  };
  const Row rows[] = {
      {"10.00", 2, 1000},
      {"10", 2, 1000},
      {"10.5", 2, 1050},
      {".5", 2, 50},
      {"-0.01", 2, -1},
      {"0.10", 2, 10},
      {"0.07", 2, 7},
      {"1.005", 3, 1005},
      {"1.0050", 3, 1005},
      {"7", 0, 7},
      {"7.00", 0, 7},
      {"7.50", 0, std::nullopt},
      {"0.001", 2, std::nullopt},
      {"92233720368547758.07", 2, std::numeric_limits<std::int64_t>::max()},
      {"-92233720368547758.08", 2, std::numeric_limits<std::int64_t>::min()},
      {"92233720368547758.08", 2, std::nullopt},
      {"9007199254740993.01", 2, 900719925474099301},
      {"", 2, std::nullopt},
      {"-", 2, std::nullopt},
      {".", 2, std::nullopt},
      {"1.", 2, std::nullopt},
      {"1e3", 2, std::nullopt},
      {"1,00", 2, std::nullopt},
      {" 1", 2, std::nullopt},
      {"+1", 2, std::nullopt},
      {"--1", 2, std::nullopt},
      {"1.-1", 2, std::nullopt},
      {"NaN", 2, std::nullopt},
  };
  for (const auto& row : rows)
    EXPECT_EQ(parse_decimal(row.text, row.exponent), row.expected) << row.text;
}

TEST(Amounts, WrittenAndReadAgain) {
  EXPECT_EQ(format_decimal(1000, 2), "10.00");
  EXPECT_EQ(format_decimal(7, 0), "7");
  EXPECT_EQ(format_decimal(5, 3), "0.005");
  EXPECT_EQ(format_decimal(-1, 2), "-0.01");
  EXPECT_EQ(format_decimal(0, 2), "0.00");
  for (const std::int64_t minor : {std::numeric_limits<std::int64_t>::min(),
                                   std::int64_t{-1},
                                   std::int64_t{0},
                                   std::int64_t{99},
                                   std::numeric_limits<std::int64_t>::max()}) {
    for (const int exponent : {0, 2, 3, 4})
      EXPECT_EQ(parse_decimal(format_decimal(minor, exponent), exponent), minor);
  }
}

}  // namespace
}  // namespace vozex::payments
