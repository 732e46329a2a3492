// SPDX-License-Identifier: Apache-2.0
#include "engine/types/currency.h"

#include <gtest/gtest.h>

namespace vozex::types {
namespace {

TEST(Currency, HasTheDigitsOfIso4217) {
  EXPECT_EQ(currency_exponent("USD"), 2);
  EXPECT_EQ(currency_exponent("AED"), 2) << "the first of its list";
  EXPECT_EQ(currency_exponent("ZWG"), 2) << "the last";
  EXPECT_EQ(currency_exponent("JPY"), 0);
  EXPECT_EQ(currency_exponent("TND"), 3);
  EXPECT_EQ(currency_exponent("UYW"), 4);
}

TEST(Currency, IsNothingElse) {
  for (const char* code :
       {"ZZZ", "usd", "US", "USDX", "", " US", "D E", "XTS", "XXX", "XAU", "SDA"})
    EXPECT_FALSE(is_currency(code)) << code;
}

// The table is four lists: no code stands in two, and their number is that of the standard.
TEST(Currency, IsInOneListOnly) {
  int count = 0;
  std::string code = "AAA";
  for (code[0] = 'A'; code[0] <= 'Z'; ++code[0]) {
    for (code[1] = 'A'; code[1] <= 'Z'; ++code[1]) {
      for (code[2] = 'A'; code[2] <= 'Z'; ++code[2]) count += is_currency(code) ? 1 : 0;
    }
  }
  EXPECT_EQ(count, 166);
}

}  // namespace
}  // namespace vozex::types
