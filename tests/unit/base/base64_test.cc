// SPDX-License-Identifier: Apache-2.0
#include "engine/base/base64.h"

#include <gtest/gtest.h>

namespace vozex {
namespace {

TEST(Base64, OneTextPerByteString) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64url("\xfb\xff"), "-_8");
  EXPECT_EQ(parse_base64("Zm9vYg=="), "foob");
  EXPECT_EQ(parse_base64url("-_8"), "\xfb\xff");
  for (const char* text : {"Zg", "Zh==", "Zg=", "Z===", "Zg==Zg==", " Zg==", "Zg==\n", "Z"}) {
    EXPECT_FALSE(parse_base64(text)) << text;
  }
}

}  // namespace
}  // namespace vozex
