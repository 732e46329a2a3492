// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/cron.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "engine/expr/calendar.h"

namespace vozex::expr::testing {
namespace {

// The moments after `from`, as many as are expected.
void check(const std::string& text,
           const std::string& zone,
           const std::string& from,
           const std::vector<std::string>& wanted) {
  const auto cron = Cron::parse(text);
  ASSERT_TRUE(cron) << text << ": " << cron.error().message;
  Timestamp at = parse_timestamp(from).value();
  for (const std::string& next : wanted) {
    const auto found = cron->next(at, zone);
    ASSERT_TRUE(found) << text << " after " << format_timestamp(at);
    EXPECT_EQ(format_timestamp(*found), next) << text << " in " << zone;
    at = *found;
  }
}

std::string fault_of(const std::string& text) {
  const auto cron = Cron::parse(text);
  if (cron) return "fine";
  return text.substr(cron.error().offset, cron.error().length) + ": " + cron.error().message;
}

TEST(Cron, ReadsListsRangesStepsAndNames) {
  check("0 3 * * *", "UTC", "2026-01-01T03:00:00Z", {"2026-01-02T03:00:00Z"});
  check("5,35 8-9 * * *",
        "UTC",
        "2026-01-01T00:00:00Z",
        {"2026-01-01T08:05:00Z",
         "2026-01-01T08:35:00Z",
         "2026-01-01T09:05:00Z",
         "2026-01-01T09:35:00Z",
         "2026-01-02T08:05:00Z"});
  check("*/20 0-23/12 * * *",
        "UTC",
        "2026-01-01T00:40:00Z",
        {"2026-01-01T12:00:00Z", "2026-01-01T12:20:00Z"});
  check("0 0 1 JAN,jul *",
        "UTC",
        "2026-01-01T00:00:00Z",
        {"2026-07-01T00:00:00Z", "2027-01-01T00:00:00Z"});
  check("0 9 * * mon-fri", "UTC", "2026-01-02T09:00:00Z", {"2026-01-05T09:00:00Z"});
}

TEST(Cron, SundayIsZeroAndSeven) {
  for (const char* day : {"0", "7", "sun", "SUN"}) {
    check("0 0 * * " + std::string(day),
          "UTC",
          "2026-01-01T00:00:00Z",
          {"2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z"});
  }
  check("0 0 * * 6-7",
        "UTC",
        "2026-01-01T00:00:00Z",
        {"2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z", "2026-01-10T00:00:00Z"});
}

TEST(Cron, EitherDayCountsWhenBothAreRestricted) {
  check("0 0 13 * fri",
        "UTC",
        "2026-02-01T00:00:00Z",
        {"2026-02-06T00:00:00Z", "2026-02-13T00:00:00Z", "2026-02-20T00:00:00Z"});
  // A field that begins with * restricts nothing by itself: both must fit.
  check("0 0 */2 * mon",
        "UTC",
        "2026-02-01T00:00:00Z",
        {"2026-02-09T00:00:00Z", "2026-02-23T00:00:00Z"});
}

TEST(Cron, RareDaysAreFound) {
  check("0 0 29 2 *",
        "UTC",
        "2096-03-01T00:00:00Z",
        {"2104-02-29T00:00:00Z", "2108-02-29T00:00:00Z"});
  // 29 February on a Sunday, across the year 2100 that has none.
  check("0 0 29 2 */7", "UTC", "2060-03-01T00:00:00Z", {"2088-02-29T00:00:00Z"});
  check("0 0 29 2 */7", "UTC", "2088-03-01T00:00:00Z", {"2128-02-29T00:00:00Z"});
  check("0 0 31 12 *", "UTC", "1969-06-01T00:00:00Z", {"1969-12-31T00:00:00Z"});
}

TEST(Cron, StopsAtTheEndOfTime) {
  const auto cron = Cron::parse("0 0 1 1 *");
  ASSERT_TRUE(cron);
  EXPECT_FALSE(cron->next(parse_timestamp("9999-06-01T00:00:00Z").value(), "UTC"));
  EXPECT_FALSE(cron->next(Timestamp::max(), "Europe/Berlin"));
}

TEST(Cron, MistakesSayWhere) {
  EXPECT_EQ(fault_of(""), ": a cron expression has five fields, got 0");
  EXPECT_EQ(fault_of("@daily"), "@daily: a cron expression has five fields, got 1");
  EXPECT_EQ(fault_of("60 * * * *"), "60: `60` is no minute");
  EXPECT_EQ(fault_of("* 24 * * *"), "24: `24` is no hour");
  EXPECT_EQ(fault_of("* * 0 * *"), "0: `0` is no day of month");
  EXPECT_EQ(fault_of("* * * 13 *"), "13: `13` is no month");
  EXPECT_EQ(fault_of("* * * * 8"), "8: `8` is no day of week");
  EXPECT_EQ(fault_of("* * * feb-mrz *"), "feb-mrz: `feb-mrz` is no month");
  EXPECT_EQ(fault_of("* * * * anf"), "anf: `anf` is no day of week");
  EXPECT_EQ(fault_of("5/15 * * * *"), "5/15: `5/15` is no minute");
  EXPECT_EQ(fault_of("5-1 * * * *"), "5-1: `5-1` is no minute");
  EXPECT_EQ(fault_of("*/0 * * * *"), "*/0: `*/0` is no minute");
  EXPECT_EQ(fault_of("1,,2 * * * *"), "1,,2: `1,,2` is no minute");
  EXPECT_EQ(fault_of("-1 * * * *"), "-1: `-1` is no minute");
  EXPECT_EQ(fault_of("99999999999 * * * *"), "99999999999: `99999999999` is no minute");
}

TEST(Cron, ADayThatNeverComesIsAMistake) {
  EXPECT_EQ(fault_of("0 0 30 2 *"), "0 0 30 2 *: no day ever fits \"0 0 30 2 *\"");
  EXPECT_EQ(fault_of("0 0 31 4,6,9,11 *"),
            "0 0 31 4,6,9,11 *: no day ever fits \"0 0 31 4,6,9,11 *\"");
  EXPECT_EQ(fault_of("0 0 30 2 mon"), "fine");
}

TEST(Cron, UnknownZonesGiveNothing) {
  EXPECT_FALSE(Cron::parse("0 0 * * *")->next(Timestamp{}, "Europe/Berlim"));
}

// Berlin: 02:00 to 03:00 is skipped on 29 March 2026 (01:00Z), 02:00 to 03:00 comes twice on 25
// October (01:00Z).
TEST(CronInBerlin, AFixedTimeThatIsSkippedFiresAfterTheGap) {
  check("30 2 * * *",
        "Europe/Berlin",
        "2026-03-28T12:00:00Z",
        {"2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"});
  // Two that are skipped, and one at the end of the gap: one firing.
  check("0,30 2-3 * * *",
        "Europe/Berlin",
        "2026-03-28T12:00:00Z",
        {"2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:00:00Z"});
}

TEST(CronInBerlin, AFixedTimeThatComesTwiceFiresOnce) {
  check("30 2 * * *",
        "Europe/Berlin",
        "2026-10-24T12:00:00Z",
        {"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"});
  // Asked between the two: it has fired.
  check("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", {"2026-10-26T01:30:00Z"});
  check("30 2,3 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", {"2026-10-25T02:30:00Z"});
}

TEST(CronInBerlin, AStarGoesOnInRealTime) {
  check("*/30 * * * *",
        "Europe/Berlin",
        "2026-03-29T00:15:00Z",
        {"2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"});
  check("30 * * * *",
        "Europe/Berlin",
        "2026-10-24T23:45:00Z",
        {"2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"});
  check("*/30 2 * * *",
        "Europe/Berlin",
        "2026-03-28T12:00:00Z",
        {"2026-03-30T00:00:00Z", "2026-03-30T00:30:00Z"});
}

// New York: 02:00 to 03:00 is skipped on 8 March 2026 (07:00Z), 01:00 to 02:00 comes twice on 1
// November (06:00Z).
TEST(CronInNewYork, BothEdges) {
  check("15 2 * * *",
        "America/New_York",
        "2026-03-07T12:00:00Z",
        {"2026-03-08T07:00:00Z", "2026-03-09T06:15:00Z"});
  check("15 1 * * *",
        "America/New_York",
        "2026-10-31T12:00:00Z",
        {"2026-11-01T05:15:00Z", "2026-11-02T06:15:00Z"});
  check("0 * * * *",
        "America/New_York",
        "2026-11-01T04:30:00Z",
        {"2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z", "2026-11-01T07:00:00Z"});
}

// Lord Howe changes by half an hour: 02:00 to 02:30 is skipped on 4 October 2026 (15:30Z the day
// before), 01:30 to 02:00 comes twice on 5 April (15:00Z the day before).
TEST(CronInLordHowe, BothEdges) {
  check("15 2 * * *",
        "Australia/Lord_Howe",
        "2026-10-03T00:00:00Z",
        {"2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"});
  check("45 1 * * *",
        "Australia/Lord_Howe",
        "2026-04-04T00:00:00Z",
        {"2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"});
  check("45 * * * *",
        "Australia/Lord_Howe",
        "2026-04-04T14:00:00Z",
        {"2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z", "2026-04-04T16:15:00Z"});
}

// Apia skipped the whole of 30 December 2011.
TEST(CronInApia, ADayThatIsSkippedFiresAfterIt) {
  check("0 12 30 12 *", "Pacific/Apia", "2011-12-29T00:00:00Z", {"2011-12-30T10:00:00Z"});
}

RC_GTEST_PROP(CronProperty, MomentsGrowAndAreWholeMinutesOfTheZone, ()) {
  static const std::vector<std::string> zones{
      "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"};
  static const std::vector<std::string> crons{
      "30 2 * * *", "*/7 * * * *", "0 1-3 * * sun", "45 1 * mar,oct *", "0 */5 1,15 * *"};
  const auto zone = *rc::gen::elementOf(zones);
  const auto cron = Cron::parse(*rc::gen::elementOf(crons));
  const auto from = *rc::gen::inRange<std::int64_t>(0, 2'000'000'000);
  const Timestamp after{std::chrono::seconds{from}};
  const auto first = cron->next(after, zone);
  RC_ASSERT(first.has_value());
  RC_ASSERT(*first > after);
  // Nothing lies between: asked from any moment before it, the answer is the same.
  const auto middle = after + (*first - after) / 2;
  RC_ASSERT(cron->next(middle, zone) == first);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(first->time_since_epoch()).count();
  RC_ASSERT((seconds + *zone_offset(zone, seconds)) % 60 == 0);
}

}  // namespace
}  // namespace vozex::expr::testing
