// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/expr/fixture.h"

namespace vozex::expr::testing {
namespace {

struct Row {
  const char* text;
  const char* wanted;
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) EXPECT_EQ(outcome(row.text), row.wanted) << row.text;
}

TEST(Periods, AreCountedFromTheAnchor) {
  check({{"timestamp('2026-01-31T10:00:00Z').add('P1M', 1)", "2026-02-28T10:00:00Z"},
         {"timestamp('2026-01-31T10:00:00Z').add('P1M', 2)", "2026-03-31T10:00:00Z"},
         {"timestamp('2026-01-31T10:00:00Z').add('P1M', -2)", "2025-11-30T10:00:00Z"},
         {"timestamp('2024-02-29T10:00:00Z').add('P1Y', 1)", "2025-02-28T10:00:00Z"},
         {"timestamp('2024-02-29T10:00:00Z').add('P1Y', 4)", "2028-02-29T10:00:00Z"},
         {"timestamp('2026-01-01T00:00:00Z').add('P2W')", "2026-01-15T00:00:00Z"},
         {"timestamp('2026-01-01T00:00:00Z').add('P1M10DT2H')", "2026-02-11T02:00:00Z"},
         {"timestamp('2026-01-01T00:00:00Z').add('36h', 2)", "2026-01-04T00:00:00Z"},
         {"timestamp('2026-01-01T00:00:00Z').add('P1M', 1000000)", "error out_of_range"},
         {"timestamp('2026-01-01T00:00:00Z').add('P1M', 1, input.payment_id)",
          "error invalid_argument"},
         {"timestamp('2026-01-01T00:00:00Z').add(input.payment_id, 1)", "error invalid_argument"}});
}

TEST(Periods, KeepTheLocalTimeOfDay) {
  // Berlin: summer time from 2026-03-29T01:00Z to 2026-10-25T01:00Z.
  check(
      {{"timestamp('2026-03-15T09:00:00Z').add('P1M', 1, 'Europe/Berlin')", "2026-04-15T08:00:00Z"},
       {"timestamp('2026-03-28T01:30:00Z').add('P1D', 1, 'Europe/Berlin')", "2026-03-29T01:30:00Z"},
       {"timestamp('2026-10-24T00:30:00Z').add('P1D', 1, 'Europe/Berlin')", "2026-10-25T00:30:00Z"},
       {"timestamp('2026-03-31T23:30:00Z').add('P1M', 1, 'Europe/Berlin')", "2026-04-30T23:30:00Z"},
       {"timestamp('2026-03-15T09:00:00Z').add('P1M', 1, '+02:00')", "2026-04-15T09:00:00Z"}});
}

TEST(Durations, TakeBothNotations) {
  check({{"duration('3d')", "259200s"},
         {"duration('PT30M')", "1800s"},
         {"duration('1h30m')", "5400s"},
         {"duration('1.5s')", "1.5s"},
         {"duration('-90s')", "-90s"},
         {"duration('1500us')", "0.0015s"},
         {"duration('1ns')", "0.000000001s"},
         {"duration('0')", "0s"},
         {"duration(90)", "90s"},
         {"duration(input.payment_id)", "error invalid_argument"},
         {"now - event.time", "60s"},
         {"event.time + duration('1m') == now", "true"},
         {"now > event.time", "true"}});
}

TEST(Timestamps, HaveParts) {
  check({{"timestamp('2026-11-20T23:30:15.250Z').getFullYear('Asia/Tokyo')", "2026"},
         {"timestamp('2026-11-20T23:30:15.250Z').getDate('Asia/Tokyo')", "21"},
         {"timestamp('2026-11-20T23:30:15.250Z').getDayOfWeek()", "5"},
         {"timestamp('2026-11-20T23:30:15.250Z').getMonth()", "10"},
         {"timestamp('2026-11-20T23:30:15.250Z').getMilliseconds()", "250"},
         {"timestamp('2026-11-20T23:30:15+01:00')", "2026-11-20T22:30:15Z"},
         {"string(timestamp('2026-11-20T23:30:15.250Z'))", "'2026-11-20T23:30:15.250000Z'"},
         {"int(timestamp('1970-01-02T00:00:00Z'))", "86400"},
         {"timestamp(86400)", "1970-01-02T00:00:00Z"}});
}

}  // namespace
}  // namespace vozex::expr::testing
