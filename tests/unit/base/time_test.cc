// SPDX-License-Identifier: Apache-2.0
#include "engine/base/time.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace vozex {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t k_min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t k_max = std::numeric_limits<std::int64_t>::max();

std::string timestamp(std::string_view text) {
  const auto at = parse_timestamp(text);
  return at ? format_timestamp(*at) : "refused";
}

TEST(Timestamp, IsUtcToTheMicrosecond) {
  EXPECT_EQ(format_timestamp(Timestamp{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_timestamp(Timestamp{1us}), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(format_timestamp(Timestamp{-1us}), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(timestamp("2026-11-20T10:00:00Z"), "2026-11-20T10:00:00Z");
  EXPECT_EQ(timestamp("2026-11-20t10:00:00.5z"), "2026-11-20T10:00:00.500000Z");
  EXPECT_EQ(timestamp("2026-11-20 10:00:00.123456789Z"), "2026-11-20T10:00:00.123456Z");
  EXPECT_EQ(timestamp("1969-12-31T23:59:59.9999999Z"), "1969-12-31T23:59:59.999999Z");
}

TEST(Timestamp, OffsetsAreTakenOff) {
  EXPECT_EQ(timestamp("2026-11-20T10:00:00+02:00"), "2026-11-20T08:00:00Z");
  EXPECT_EQ(timestamp("2026-11-20T23:30:00-05:45"), "2026-11-21T05:15:00Z");
  EXPECT_EQ(timestamp("2026-01-01T00:00:00+23:59"), "2025-12-31T00:01:00Z");
  EXPECT_EQ(timestamp("2026-11-20T10:00:00-00:00"), "2026-11-20T10:00:00Z");
}

TEST(Timestamp, LeapDays) {
  EXPECT_EQ(timestamp("2024-02-29T00:00:00Z"), "2024-02-29T00:00:00Z");
  EXPECT_EQ(timestamp("2000-02-29T00:00:00Z"), "2000-02-29T00:00:00Z");
  EXPECT_EQ(timestamp("1900-02-29T00:00:00Z"), "refused");
  EXPECT_EQ(timestamp("2023-02-29T00:00:00Z"), "refused");
}

TEST(Timestamp, YearsHaveBounds) {
  EXPECT_EQ(timestamp("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00Z");
  EXPECT_EQ(timestamp("9999-12-31T23:59:59.999999Z"), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(timestamp("0000-12-31T23:59:59Z"), "refused");
  // The offset may not carry an instant out of the range that its text could name.
  EXPECT_EQ(timestamp("0001-01-01T00:00:00+00:01"), "refused");
  EXPECT_EQ(timestamp("9999-12-31T23:59:59-00:01"), "refused");
}

TEST(Timestamp, NothingElseIsOne) {
  for (const char* text : {"",
                           "2026",
                           "2026-11-20",
                           "2026-11-20T10:00Z",
                           "2026-11-20T10:00:00",
                           "2026-11-20T24:00:00Z",
                           "2026-11-20T10:60:00Z",
                           "2026-11-20T10:00:60Z",
                           "2026-13-20T10:00:00Z",
                           "2026-00-20T10:00:00Z",
                           "2026-11-31T10:00:00Z",
                           "2026-11-00T10:00:00Z",
                           "2026-11-20T10:00:00.Z",
                           "2026-11-20T10:00:00.1234567890Z",
                           "2026-11-20T10:00:00+0200",
                           "2026-11-20T10:00:00+24:00",
                           "2026-11-20T10:00:00+02:60",
                           "2026-11-20T10:00:00Z ",
                           " 2026-11-20T10:00:00Z",
                           "+026-11-20T10:00:00Z",
                           "2026-1-20T10:00:00Z",
                           "12026-11-20T10:00:00Z"}) {
    EXPECT_EQ(timestamp(text), "refused") << text;
  }
}

std::string duration(std::string_view text) {
  const auto length = parse_duration(text);
  return length ? std::to_string(length->count()) : "refused";
}

TEST(DurationText, Units) {
  EXPECT_EQ(parse_duration("30m"), 30min);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("7d"), 7 * 24h);
  EXPECT_EQ(parse_duration("1d2h3m4s5ms6us"), 26h + 3min + 4s + 5ms + 6us);
  EXPECT_EQ(parse_duration("1.5h"), 90min);
  EXPECT_EQ(parse_duration("0.000001s"), 1us);
  EXPECT_EQ(parse_duration("-90s"), -90s);
  EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(DurationText, Iso8601) {
  EXPECT_EQ(parse_duration("PT30M"), 30min);
  EXPECT_EQ(parse_duration("P1DT2H3M4.5S"), 26h + 3min + 4500ms);
  EXPECT_EQ(parse_duration("P2W"), 14 * 24h);
  EXPECT_EQ(parse_duration("-PT1S"), -1s);
  EXPECT_EQ(parse_duration("PT0S"), 0s);
}

TEST(DurationText, NothingElseIsOne) {
  for (const char* text :
       {"",       "-",   "--1s", "5",     "s",   "1x",     "1m1h", "1s1s",       "1 h",
        " 1h",    "1h ", "+1h",  "1.s",   ".5s", "1.2.3s", "1e3s", "0.0000001s", "0.5us",
        "P",      "PT",  "P1",   "P1DT",  "P1Y", "P1M",    "P1H",  "PT1D",       "PT1M1H",
        "P1DT1W", "-P",  "P-1D", "PTT1S", "p1d", "1H",     "1S"}) {
    EXPECT_EQ(duration(text), "refused") << text;
  }
}

TEST(DurationText, OverflowIsRefusedAndTheBoundsAreNot) {
  EXPECT_EQ(duration("9223372036854775807us"), std::to_string(k_max));
  EXPECT_EQ(duration("9223372036854775808us"), "refused");
  EXPECT_EQ(duration("-9223372036854775808us"), std::to_string(k_min));
  EXPECT_EQ(duration("-9223372036854775809us"), "refused");
  EXPECT_EQ(duration("99999999999999999999d"), "refused");
  EXPECT_EQ(duration("106751991d"), "9223372022400000000");
  EXPECT_EQ(duration("106751992d"), "refused");
  EXPECT_EQ(duration("106751991d5h"), "refused");
  EXPECT_EQ(duration("PT9223372036854.775807S"), std::to_string(k_max));
}

TEST(DurationText, IsWrittenShortest) {
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(90min), "1h30m");
  EXPECT_EQ(format_duration(-1500ms), "-1s500ms");
  EXPECT_EQ(format_duration(7 * 24h), "7d");
  EXPECT_EQ(format_duration(Duration{k_min}), "-106751991d4h54s775ms808us");
  EXPECT_EQ(format_duration(Duration{k_max}), "106751991d4h54s775ms807us");
}

RC_GTEST_PROP(TimeProperty, EveryDurationReadsBack, (std::int64_t micros)) {
  RC_ASSERT(parse_duration(format_duration(Duration{micros})) == Duration{micros});
}

RC_GTEST_PROP(TimeProperty, EveryTimestampReadsBack, ()) {
  constexpr std::int64_t k_year_1 = -62'135'596'800'000'000;
  constexpr std::int64_t k_year_10000 = 253'402'300'800'000'000;
  const Timestamp at{Duration{*rc::gen::inRange<std::int64_t>(k_year_1, k_year_10000)}};
  RC_ASSERT(parse_timestamp(format_timestamp(at)) == at);
}

}  // namespace
}  // namespace vozex
