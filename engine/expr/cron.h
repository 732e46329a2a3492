// SPDX-License-Identifier: Apache-2.0
//
// Cron: a schedule of five fields (minute, hour, day of month, month, day of week) and its moments
// on the calendar of a time zone. Grammar and meaning are Vixie cron's (crontab(5)): `*`, numbers,
// ranges, lists, steps, three-letter names of months and days, 7 is Sunday as 0 is. Where day of
// month and day of week are both restricted, a day that fits either of them counts; a field that
// begins with `*` is not restricted.
//
// Where the clock changes, as in Vixie cron: a schedule of fixed times (neither minute nor hour
// begins with `*`) keeps its promise of one run for each: a time that the clock skips fires at the
// first instant after the gap, once for all that were skipped; a time that comes twice fires the
// first time only. A schedule with `*` in minute or hour goes on in real time: what is skipped is
// skipped, what comes twice fires twice.
//
// Pure: the time zones are those of calendar.h. Bounded by k_cron_years. Reference:
// docs/language/timers.md. Tests: tests/unit/expr/cron_test.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "engine/base/time.h"

namespace vozex::expr {

// How far ahead a moment is looked for. 29 February falls on a given day of the week at the latest
// after 40 years; a schedule without a moment within this has none at all.
inline constexpr int k_cron_years = 41;

// What can't be read: at bytes [offset, offset + length) of the text.
struct CronFault {
  std::size_t offset = 0;
  std::size_t length = 0;
  std::string message;
  std::string hint;
};

class Cron {
 public:
  // Also refuses schedules that no day ever fits (30 February).
  static tl::expected<Cron, CronFault> parse(std::string_view text);

  // The first moment after `after`, a whole minute of the zone's clock; nothing when the zone is
  // unknown or the moment is beyond the year 9999.
  std::optional<Timestamp> next(Timestamp after, std::string_view zone) const;

 private:
  Cron() = default;

  bool fits_day(std::int64_t day) const;
  std::optional<std::int64_t> next_in_day(std::int64_t from_minute) const;
  std::optional<std::int64_t> next_local(std::int64_t from_second) const;

  // One bit for each value that fits; by field: minute, hour, day of month, month, day of week.
  std::uint64_t fits_[5] = {};
  bool open_[5] = {};  // the field begins with `*`
};

}  // namespace vozex::expr
