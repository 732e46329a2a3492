// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/calendar.h"

#include <date/date.h>
#include <date/tz.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "engine/base/time.h"
#include "engine/types/time_text.h"

namespace vozex::expr {

using types::SecondsNanos;
__extension__ typedef __int128
    Wide;  // NOLINT(modernize-use-using): using can't carry __extension__

namespace {

constexpr std::int64_t k_first_second = -62135596800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t k_last_second = 253402300799;   // 9999-12-31T23:59:59Z
constexpr std::int64_t k_billion = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool read_fixed(std::string_view text, std::size_t& at, int digits, int& value) {
  value = 0;
  for (int i = 0; i < digits; ++i, ++at) {
    if (at >= text.size() || !is_digit(text[at])) return false;
    value = value * 10 + (text[at] - '0');
  }
  return true;
}

bool read_char(std::string_view text, std::size_t& at, std::string_view wanted) {
  if (at >= text.size() || wanted.find(text[at]) == std::string_view::npos) return false;
  ++at;
  return true;
}

// "+11:00", "-08:30", "02:00".
std::optional<std::int64_t> read_numeric_zone(std::string_view text) {
  std::size_t at = 0;
  std::int64_t sign = 1;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    sign = text[0] == '-' ? -1 : 1;
    ++at;
  }
  int hours = 0;
  int minutes = 0;
  if (!read_fixed(text, at, 2, hours) || !read_char(text, at, ":") ||
      !read_fixed(text, at, 2, minutes))
    return std::nullopt;
  if (at != text.size() || hours > 23 || minutes > 59) return std::nullopt;
  return sign * (hours * 3600 + minutes * 60);
}

const date::time_zone* find_zone(std::string_view name) {
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

// Nanoseconds in 64 bits, or nothing.
std::optional<SecondsNanos> from_nanos(Wide nanos) {
  constexpr Wide k_max = std::numeric_limits<std::int64_t>::max();
  constexpr Wide k_min = std::numeric_limits<std::int64_t>::min();
  if (nanos > k_max || nanos < k_min) return std::nullopt;
  return SecondsNanos{static_cast<std::int64_t>(nanos / k_billion),
                      static_cast<std::int32_t>(nanos % k_billion)};
}

Wide to_nanos(SecondsNanos value) {
  return static_cast<Wide>(value.seconds) * k_billion + value.nanos;
}

std::optional<SecondsNanos> timestamp_of(Wide nanos) {
  Wide seconds = nanos / k_billion;
  Wide rest = nanos % k_billion;
  if (rest < 0) {
    rest += k_billion;
    seconds -= 1;
  }
  if (seconds < k_first_second || seconds > k_last_second) return std::nullopt;
  return SecondsNanos{static_cast<std::int64_t>(seconds), static_cast<std::int32_t>(rest)};
}

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};
// Longer names before those they begin with.
constexpr std::array<Unit, 8> k_units{{{"ns", 1},
                                       {"us", 1000},
                                       {"\xC2\xB5s", 1000},
                                       {"\xCE\xBCs", 1000},
                                       {"ms", 1'000'000},
                                       {"h", 3600 * k_billion},
                                       {"m", 60 * k_billion},
                                       {"s", k_billion}}};

// One "1.5h" of a duration in the notation of Go's time package.
bool read_go_part(std::string_view text, std::size_t& at, Wide& total) {
  Wide number = 0;
  Wide scale = 1;
  bool point = false;
  bool digits = false;
  for (; at < text.size() && (is_digit(text[at]) || text[at] == '.'); ++at) {
    if (text[at] == '.') {
      if (point) return false;
      point = true;
      continue;
    }
    digits = true;
    if (scale > 1'000'000'000'000'000) continue;  // further digits are below a nanosecond
    number = number * 10 + (text[at] - '0');
    if (number > static_cast<Wide>(k_billion) * k_billion * 100) return false;
    if (point) scale *= 10;
  }
  if (!digits) return false;
  for (const Unit& unit : k_units) {
    if (!text.substr(at).starts_with(unit.name)) continue;
    at += unit.name.size();
    total += number * unit.nanos / scale;
    return total < static_cast<Wide>(k_billion) * k_billion * 100;
  }
  return false;
}

std::optional<SecondsNanos> read_go_duration(std::string_view text) {
  bool negative = false;
  std::size_t at = 0;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    ++at;
  }
  if (text.substr(at) == "0") return SecondsNanos{};
  if (at == text.size()) return std::nullopt;
  Wide total = 0;
  while (at < text.size()) {
    if (!read_go_part(text, at, total)) return std::nullopt;
  }
  return from_nanos(negative ? -total : total);
}

}  // namespace

CivilTime civil_time(std::int64_t seconds) {
  const date::sys_seconds at{std::chrono::seconds{seconds}};
  const auto day = date::floor<date::days>(at);
  const date::year_month_day date{day};
  const date::hh_mm_ss<std::chrono::seconds> time{at - day};
  CivilTime civil;
  civil.year = static_cast<int>(date.year());
  civil.month = static_cast<int>(static_cast<unsigned>(date.month()));
  civil.day = static_cast<int>(static_cast<unsigned>(date.day()));
  civil.hour = static_cast<int>(time.hours().count());
  civil.minute = static_cast<int>(time.minutes().count());
  civil.second = static_cast<int>(time.seconds().count());
  civil.day_of_week = static_cast<int>(date::weekday{day}.c_encoding());
  civil.day_of_year =
      static_cast<int>((day - date::sys_days{date.year() / date::January / 1}).count());
  return civil;
}

std::optional<ZoneSpan> zone_span(std::string_view zone, std::int64_t at_seconds) {
  constexpr std::int64_t k_first = std::numeric_limits<std::int64_t>::min() / 2;
  constexpr std::int64_t k_last = std::numeric_limits<std::int64_t>::max() / 2;
  if (zone == "UTC" || zone == "Z") return ZoneSpan{k_first, k_last, 0};
  if (const auto numeric = read_numeric_zone(zone)) return ZoneSpan{k_first, k_last, *numeric};
  const date::time_zone* known = find_zone(zone);
  if (known == nullptr) return std::nullopt;
  const std::int64_t at = std::clamp(at_seconds, k_first_second, k_last_second);
  const auto info = known->get_info(date::sys_seconds{std::chrono::seconds{at}});
  return ZoneSpan{info.begin.time_since_epoch().count(),
                  info.end.time_since_epoch().count(),
                  info.offset.count()};
}

std::optional<std::int64_t> zone_offset(std::string_view zone, std::int64_t at_seconds) {
  const auto span = zone_span(zone, at_seconds);
  return span ? std::optional(span->offset) : std::nullopt;
}

bool is_zone(std::string_view zone) { return zone_span(zone, 0).has_value(); }

bool in_range(SecondsNanos timestamp) {
  return timestamp.seconds >= k_first_second && timestamp.seconds <= k_last_second;
}

std::optional<SecondsNanos> read_timestamp(std::string_view text) {
  const auto at = types::parse_timestamp_text(text);
  return at && in_range(*at) ? at : std::nullopt;
}

std::optional<SecondsNanos> read_duration(std::string_view text) {
  if (auto go = read_go_duration(text)) return go;
  const auto ours = parse_duration(text);
  if (!ours) return std::nullopt;
  return from_nanos(static_cast<Wide>(ours->count()) * 1000);
}

std::optional<SecondsNanos> add_durations(SecondsNanos a, SecondsNanos b, bool subtract) {
  return from_nanos(subtract ? to_nanos(a) - to_nanos(b) : to_nanos(a) + to_nanos(b));
}

std::optional<SecondsNanos> shift_timestamp(SecondsNanos at, SecondsNanos by, bool subtract) {
  return timestamp_of(subtract ? to_nanos(at) - to_nanos(by) : to_nanos(at) + to_nanos(by));
}

std::optional<SecondsNanos> between(SecondsNanos later, SecondsNanos earlier) {
  return from_nanos(to_nanos(later) - to_nanos(earlier));
}

std::optional<Period> read_period(std::string_view text) {
  Period period;
  std::size_t at = 0;
  std::int64_t sign = 1;
  if (!text.empty() && text[0] == '-') {
    sign = -1;
    ++at;
  }
  if (at >= text.size() || text[at] != 'P') {
    const auto exact = parse_duration(text);
    if (!exact || exact->count() % 1'000'000 != 0) return std::nullopt;
    period.seconds = exact->count() / 1'000'000;
    return period;
  }
  bool time = false;
  bool any = false;
  for (++at; at < text.size();) {
    if (text[at] == 'T' && !time) {
      time = true;
      ++at;
      any = false;
      continue;
    }
    std::int32_t count = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), count);
    if (error != std::errc() || !is_digit(text[at]) || end == text.data() + text.size())
      return std::nullopt;
    at = static_cast<std::size_t>(end - text.data());
    const std::int64_t amount = sign * count;
    const char unit = text[at++];
    if (!time && unit == 'Y')
      period.months += amount * 12;
    else if (!time && unit == 'M')
      period.months += amount;
    else if (!time && unit == 'W')
      period.days += amount * 7;
    else if (!time && unit == 'D')
      period.days += amount;
    else if (time && unit == 'H')
      period.seconds += amount * 3600;
    else if (time && unit == 'M')
      period.seconds += amount * 60;
    else if (time && unit == 'S')
      period.seconds += amount;
    else
      return std::nullopt;
    any = true;
  }
  return any ? std::optional(period) : std::nullopt;
}

std::optional<SecondsNanos> add_period(SecondsNanos at,
                                       const Period& period,
                                       std::int64_t count,
                                       std::string_view zone) {
  constexpr std::int64_t k_most = 1'000'000;
  if (count > k_most || count < -k_most) return std::nullopt;
  const auto offset = zone_offset(zone, at.seconds);
  if (!offset) return std::nullopt;
  const std::int64_t local = at.seconds + *offset;
  const auto day = date::floor<date::days>(date::sys_seconds{std::chrono::seconds{local}});
  const std::int64_t time_of_day = local - day.time_since_epoch().count() * 86400;
  const date::year_month_day start{day};
  const std::int64_t months = static_cast<int>(start.year()) * 12LL +
                              static_cast<unsigned>(start.month()) - 1 + period.months * count;
  if (months < 12 || months >= 10000 * 12) return std::nullopt;
  const auto month = date::year{static_cast<int>(months / 12)} /
                     date::month{static_cast<unsigned>(months % 12 + 1)};
  const date::day last = (month / date::last).day();
  const date::sys_days date_part = date::sys_days{month / std::min(start.day(), last)};
  const std::int64_t days = date_part.time_since_epoch().count() + period.days * count;
  if (days < k_first_second / 86400 || days > k_last_second / 86400) return std::nullopt;
  const std::int64_t wanted = days * 86400 + time_of_day;

  std::int64_t instant = wanted - *offset;
  if (zone != "UTC" && zone != "Z" && !read_numeric_zone(zone)) {
    const auto info = find_zone(zone)->get_info(date::local_seconds{std::chrono::seconds{wanted}});
    // `first` is the only offset, the earlier one of two, or the one before a gap, which moves
    // forward by the gap.
    instant = wanted - info.first.offset.count();
  }
  const Wide nanos =
      (static_cast<Wide>(instant) + static_cast<Wide>(period.seconds) * count) * k_billion +
      at.nanos;
  return timestamp_of(nanos);
}

}  // namespace vozex::expr
