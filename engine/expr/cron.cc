// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/cron.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "engine/expr/calendar.h"

namespace vozex::expr {
namespace {

constexpr std::int64_t k_minute = 60;
constexpr std::int64_t k_day = 86400;

struct Field {
  const char* name;
  int low;
  int high;
  std::string_view words;  // three letters each, from `low` on
};
constexpr Field k_fields[] = {{"minute", 0, 59, ""},
                              {"hour", 0, 23, ""},
                              {"day of month", 1, 31, ""},
                              {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
                              {"day of week", 0, 7, "sunmontuewedthufrisat"}};
enum : std::size_t { k_minutes, k_hours, k_days, k_months, k_weekdays, k_field_count };
static_assert(std::size(k_fields) == k_field_count);

bool has(std::uint64_t bits, std::int64_t value) { return ((bits >> value) & 1u) != 0; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<int> number_of(std::string_view text) {
  constexpr std::size_t k_longest = 4;
  if (text.empty() || text.size() > k_longest) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<int> value_of(std::string_view text, const Field& field) {
  if (const auto number = number_of(text)) {
    if (*number < field.low || *number > field.high) return std::nullopt;
    return number;
  }
  std::string word(text);
  std::transform(word.begin(), word.end(), word.begin(), lower);
  constexpr std::size_t k_letters = 3;
  const std::size_t at = word.size() == k_letters ? field.words.find(word) : std::string::npos;
  if (at == std::string::npos || at % k_letters != 0) return std::nullopt;
  return field.low + static_cast<int>(at / k_letters);
}

// One of the comma-separated parts: *, 5, 1-5, */10, 1-30/5, mon-fri.
bool read_part(std::string_view part, const Field& field, std::uint64_t& bits) {
  int step = 1;
  const std::size_t slash = part.find('/');
  if (slash != std::string_view::npos) {
    const auto every = number_of(part.substr(slash + 1));
    if (!every || *every == 0) return false;
    step = *every;
    part = part.substr(0, slash);
  }
  int low = field.low;
  int high = field.high;
  if (part != "*") {
    const std::size_t dash = part.find('-');
    // A step counts through a range: "5/15" leaves open where it ends.
    if (slash != std::string_view::npos && dash == std::string_view::npos) return false;
    const auto from = value_of(part.substr(0, dash), field);
    const auto to = dash == std::string_view::npos ? from : value_of(part.substr(dash + 1), field);
    if (!from || !to || *from > *to) return false;
    low = *from;
    high = *to;
  }
  for (int value = low; value <= high; value += step) bits |= std::uint64_t{1} << value;
  return true;
}

bool read_field(std::string_view text, const Field& field, std::uint64_t& bits) {
  while (true) {
    const std::size_t comma = text.find(',');
    if (!read_part(text.substr(0, comma), field, bits)) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view k_blank = " \t";
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = text.find_first_not_of(k_blank);
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(k_blank), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

std::string field_hint(const Field& field) {
  std::string hint = "expected " + std::to_string(field.low) + " to " + std::to_string(field.high);
  if (!field.words.empty()) {
    hint += " or " + std::string(field.words.substr(0, 3)) + " to " +
            std::string(field.words.substr(field.words.size() - 3));
  }
  return hint + ", *, 1-5, 1,4 or */2";
}

std::int64_t floor_to(std::int64_t value, std::int64_t unit) {
  const std::int64_t rest = value % unit;
  return rest < 0 ? value - rest - unit : value - rest;
}

Timestamp timestamp_of(std::int64_t seconds) { return Timestamp{std::chrono::seconds{seconds}}; }

}  // namespace

tl::expected<Cron, CronFault> Cron::parse(std::string_view text) {
  const std::vector<std::string_view> words = words_of(text);
  if (words.size() != k_field_count) {
    return tl::unexpected(
        CronFault{0,
                  text.size(),
                  "a cron expression has five fields, got " + std::to_string(words.size()),
                  "minute hour day-of-month month day-of-week: \"0 3 * * *\" is every day at "
                  "03:00"});
  }
  Cron cron;
  for (std::size_t i = 0; i < k_field_count; ++i) {
    cron.open_[i] = words[i].front() == '*';
    if (read_field(words[i], k_fields[i], cron.fits_[i])) continue;
    return tl::unexpected(CronFault{static_cast<std::size_t>(words[i].data() - text.data()),
                                    words[i].size(),
                                    "`" + std::string(words[i]) + "` is no " + k_fields[i].name,
                                    field_hint(k_fields[i])});
  }
  constexpr std::int64_t k_sunday = 7;
  if (has(cron.fits_[k_weekdays], k_sunday)) cron.fits_[k_weekdays] |= 1u;
  if (!cron.next_local(0)) {
    return tl::unexpected(CronFault{0,
                                    text.size(),
                                    "no day ever fits \"" + std::string(text) + "\"",
                                    "the months that it names never have that day"});
  }
  return cron;
}

bool Cron::fits_day(std::int64_t day) const {
  const CivilTime date = civil_time(day * k_day);
  const bool of_month = has(fits_[k_days], date.day);
  const bool of_week = has(fits_[k_weekdays], date.day_of_week);
  return open_[k_days] || open_[k_weekdays] ? of_month && of_week : of_month || of_week;
}

// Minutes of a day, from 0 to 1439.
std::optional<std::int64_t> Cron::next_in_day(std::int64_t from_minute) const {
  constexpr std::int64_t k_hour = 60;
  for (std::int64_t hour = from_minute / k_hour; hour < 24; ++hour) {
    if (!has(fits_[k_hours], hour)) continue;
    const std::int64_t begin = std::max(from_minute - hour * k_hour, std::int64_t{0});
    for (std::int64_t minute = begin; minute < k_hour; ++minute) {
      if (has(fits_[k_minutes], minute)) return hour * k_hour + minute;
    }
  }
  return std::nullopt;
}

// The first whole minute of a clock without changes at `from_second` or after it.
std::optional<std::int64_t> Cron::next_local(std::int64_t from_second) const {
  constexpr std::int64_t k_days_ahead = k_cron_years * 366;
  const std::int64_t from = floor_to(from_second + k_minute - 1, k_minute);
  std::int64_t day = floor_to(from, k_day) / k_day;
  const std::int64_t last = day + k_days_ahead;
  for (std::int64_t minute = (from - day * k_day) / k_minute; day <= last; minute = 0) {
    const CivilTime date = civil_time(day * k_day);
    if (!has(fits_[k_months], date.month)) {
      do {
        ++day;
      } while (civil_time(day * k_day).day != 1);
      continue;
    }
    const auto found = fits_day(day) ? next_in_day(minute) : std::nullopt;
    if (found) return day * k_day + *found * k_minute;
    ++day;
  }
  return std::nullopt;
}

std::optional<Timestamp> Cron::next(Timestamp after, std::string_view zone) const {
  const bool real_time = open_[k_minutes] || open_[k_hours];
  const std::int64_t since =
      std::chrono::floor<std::chrono::seconds>(after.time_since_epoch()).count();
  auto span = zone_span(zone, since);
  if (!span || !in_range({since, 0})) return std::nullopt;
  std::int64_t from = since + span->offset + 1;
  if (const auto before = zone_span(zone, span->begin - 1); before && !real_time) {
    // The times that this span repeats have fired.
    from = std::max(from, span->begin + before->offset);
  }
  // A clock changes a few times a year at most: Morocco's, for Ramadan, four times.
  constexpr int k_most_changes = k_cron_years * 8;
  for (int i = 0; i < k_most_changes; ++i) {
    const auto local = next_local(from);
    if (!local) return std::nullopt;
    const std::int64_t instant = *local - span->offset;
    if (!in_range({instant, 0})) return std::nullopt;
    if (instant < span->end) return timestamp_of(instant);
    const std::int64_t change = span->end;
    const std::int64_t old_clock = change + span->offset;
    span = zone_span(zone, change);
    const std::int64_t new_clock = change + span->offset;
    if (!real_time && *local < new_clock) return timestamp_of(change);  // skipped
    from = real_time ? new_clock : std::max(old_clock, new_clock);
  }
  return std::nullopt;
}

}  // namespace vozex::expr
