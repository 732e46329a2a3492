// SPDX-License-Identifier: Apache-2.0
#include "engine/base/sha256.h"

#include <string>

#include <gtest/gtest.h>

#include "engine/base/result.h"

namespace vozex {
namespace {

// The examples of FIPS 180-4 and of NIST's validation suite.
TEST(Sha256, VectorsOfFips180) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(sha256_hex("\xbd"), "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b");
}

TEST(Sha256, HexIsTheBytes) {
  EXPECT_EQ(sha256("abc")[0], 0xba);
  EXPECT_EQ(sha256("abc")[31], 0xad);
}

TEST(ErrorClass, WordsOfTheWire) {
  EXPECT_STREQ(to_string(ErrorClass::outcome_unknown), "outcome_unknown");
  EXPECT_STREQ(to_string(ErrorClass::not_found), "not_found");
}

}  // namespace
}  // namespace vozex
