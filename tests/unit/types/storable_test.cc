// SPDX-License-Identifier: Apache-2.0
#include "engine/types/storable.h"

#include <gtest/gtest.h>

#include "engine/types/json.h"

namespace vozex::types {
namespace {

Value json(const char* text) { return parse_json(text).value(); }

TEST(Storable, HasAMarkWhereATextHadU0000) {
  const Value told = json(R"({"a\u0000": ["x\u0000y", {"b": "\u0000"}], "n": 1, "t": "fine"})");
  EXPECT_FALSE(is_storable(told));
  const Value kept = storable(told);
  EXPECT_TRUE(is_storable(kept));
  EXPECT_EQ(
      to_json(kept),
      "{\"a\xEF\xBF\xBD\":[\"x\xEF\xBF\xBDy\",{\"b\":\"\xEF\xBF\xBD\"}],\"n\":1,\"t\":\"fine\"}");
}

TEST(Storable, LeavesWhatHasNone) {
  const Value told = json(R"({"a": [null, true, 1.5, "\u0001\u00e4"], "b": {}})");
  EXPECT_TRUE(is_storable(told));
  EXPECT_EQ(storable(told), told);
}

TEST(Storable, KeepsOneOfTwoNamesThatBecomeTheSame) {
  const Value kept = storable(json("{\"a\\u0000\": 1, \"a\\ufffd\": 2}"));
  EXPECT_EQ(kept.as_map().size(), 1u);
}

}  // namespace
}  // namespace vozex::types
