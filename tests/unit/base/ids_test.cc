// SPDX-License-Identifier: Apache-2.0
#include "engine/base/ids.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/base/sha256.h"

namespace vozex {
namespace {

constexpr const char* k_uuid = "123e4567-e89b-12d3-a456-4266141740ff";

TEST(Ids, UuidTextIsCanonical) {
  EXPECT_EQ(uuid_text(parse_uuid(k_uuid).value()), k_uuid);
  EXPECT_EQ(uuid_text(parse_uuid("123E4567-E89B-12D3-A456-4266141740FF").value()), k_uuid);
  EXPECT_EQ(uuid_text(Bytes16{}), "00000000-0000-0000-0000-000000000000");
}

TEST(Ids, NothingElseIsAUuid) {
  for (const char* text : {"",
                           "123e4567e89b12d3a4564266141740ff",
                           "123e4567-e89b-12d3-a456-4266141740f",
                           "123e4567-e89b-12d3-a456-4266141740fff",
                           "123e4567-e89b-12d3-a456_4266141740ff",
                           "123e4567-e89b-12d3-a456-4266141740fg",
                           "{23e4567-e89b-12d3-a456-4266141740f}",
                           "123e4567e-89b-12d3-a456-4266141740ff"}) {
    EXPECT_FALSE(parse_uuid(text)) << text;
  }
}

TEST(Ids, DigestsKeepTheirPartsApart) {
  EXPECT_NE(digest128({"ab", "c"}), digest128({"a", "bc"}));
  EXPECT_NE(digest128({"a"}), digest128({"a", ""}));
  EXPECT_NE(digest128({}), digest128({""}));
  EXPECT_NE(digest128({"1:a"}), digest128({"", "a"}));
  // Persisted: what it gives may never change.
  EXPECT_EQ(mark_of("shop", "stripe", "evt_1").text(),
            uuid_text(digest128({"shop", "stripe", "evt_1"})));
  EXPECT_EQ(sha256_hex("4:shop6:stripe5:evt_1").substr(0, 8),
            mark_of("shop", "stripe", "evt_1").text().substr(0, 8));
}

TEST(Ids, TheShardIsTheLastByte) { EXPECT_EQ(shard_of(InstanceId::parse(k_uuid).value()), 0xff); }

TEST(Ids, OrderIsOrderOfText) {
  const auto a = InstanceId::parse("00000000-0000-0000-0000-0000000000ff").value();
  const auto b = InstanceId::parse("00000000-0000-0000-0000-000000000100").value();
  EXPECT_LT(a, b);
  EXPECT_TRUE(InstanceId{}.is_nil());
  EXPECT_FALSE(a.is_nil());
  EXPECT_NE(std::hash<InstanceId>{}(a), std::hash<InstanceId>{}(b));
}

TEST(Ids, CallIdsReadBack) {
  const CallId id{
      InstanceId::parse(k_uuid).value(), std::numeric_limits<std::uint32_t>::max(), 65535};
  EXPECT_EQ(id.text(), std::string(k_uuid) + "/4294967295/65535");
  EXPECT_EQ(CallId::parse(id.text()), id);
}

TEST(Ids, CallIdsAreStrict) {
  const std::string uuid = k_uuid;
  for (const std::string& text : {std::string(),
                                  uuid,
                                  uuid + "/1",
                                  uuid + "/1/",
                                  uuid + "//1",
                                  uuid + "/1/2/3",
                                  uuid + "/-1/2",
                                  uuid + "/+1/2",
                                  uuid + "/ 1/2",
                                  uuid + "/1/65536",
                                  uuid + "/4294967296/1",
                                  uuid + "/01/2",
                                  uuid + "/1/02",
                                  std::string("x/1/2")}) {
    EXPECT_FALSE(CallId::parse(text)) << text;
  }
}

RC_GTEST_PROP(IdsProperty, EveryIdReadsBack, (const std::array<std::uint8_t, 16>& bytes)) {
  RC_ASSERT(parse_uuid(uuid_text(bytes)) == bytes);
}

}  // namespace
}  // namespace vozex
