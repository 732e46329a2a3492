// SPDX-License-Identifier: Apache-2.0
//
// Calendar arithmetic for CEL's timestamps and durations, years 0001 to 9999, nanoseconds kept.
// Time zones come from the installed IANA database through Howard Hinnant's date library; the same
// database gives the same answers. Durations span 64 bits of nanoseconds (292 years), as in the
// reference implementation.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/types/value.h"

namespace vozex::expr {

struct CivilTime {
  int year = 1970;
  int month = 1;  // 1 to 12
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int day_of_week = 0;  // 0 is Sunday
  int day_of_year = 0;  // from 0
};

CivilTime civil_time(std::int64_t seconds_since_epoch);

// While a zone's clock keeps its distance from UTC: instants [begin, end), in seconds.
struct ZoneSpan {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t offset = 0;  // seconds east of UTC
};
// The span around an instant in a zone: an IANA name, "UTC", "+11:00", "02:00". Nothing when the
// zone is unknown. The database is asked here and nowhere else.
std::optional<ZoneSpan> zone_span(std::string_view zone, std::int64_t at_seconds);
std::optional<std::int64_t> zone_offset(std::string_view zone, std::int64_t at_seconds);
bool is_zone(std::string_view zone);

bool in_range(types::SecondsNanos timestamp);

// RFC 3339, nanoseconds kept; nothing when malformed or out of range.
std::optional<types::SecondsNanos> read_timestamp(std::string_view text);
// CEL's "1h30m", "-1.5s", "999999999ns" and the notation of engine/base/time.h ("3d", "PT30M").
std::optional<types::SecondsNanos> read_duration(std::string_view text);

// Sums and differences; nothing when outside the range of the result.
std::optional<types::SecondsNanos> add_durations(types::SecondsNanos a,
                                                 types::SecondsNanos b,
                                                 bool subtract);
std::optional<types::SecondsNanos> shift_timestamp(types::SecondsNanos at,
                                                   types::SecondsNanos by,
                                                   bool subtract);
std::optional<types::SecondsNanos> between(types::SecondsNanos later, types::SecondsNanos earlier);

// An ISO 8601 period ("P1M", "P1Y2M10DT2H", "P2W") or a duration in our notation.
struct Period {
  std::int64_t months = 0;
  std::int64_t days = 0;
  std::int64_t seconds = 0;
};
std::optional<Period> read_period(std::string_view text);

// `count` periods after `at` on the calendar of `zone`: the local time of day is kept, a day beyond
// the month's end becomes its last, a local time that a clock change skips moves forward by the
// gap, one that occurs twice is the first. The time part of the period is exact. Nothing when the
// zone is unknown or the result out of range.
std::optional<types::SecondsNanos> add_period(types::SecondsNanos at,
                                              const Period& period,
                                              std::int64_t count,
                                              std::string_view zone);

}  // namespace vozex::expr
