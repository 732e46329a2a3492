// SPDX-License-Identifier: Apache-2.0
#include "engine/types/time_text.h"

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <limits>

#include "engine/base/time.h"

namespace vozex::types {
namespace {

constexpr std::size_t k_max_fraction_digits = 9;
// Durations that to_duration() can give in microseconds.
constexpr std::int64_t k_max_seconds = std::numeric_limits<std::int64_t>::max() / 1'000'000 - 1;

// The leading digits of `text` as a fraction in nanoseconds: "5" is 500,000,000.
std::int32_t fraction_nanos(std::string_view text) {
  std::int32_t nanos = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && digits < k_max_fraction_digits; ++digits) {
    if (text[digits] < '0' || text[digits] > '9') break;
    nanos = nanos * 10 + (text[digits] - '0');
  }
  for (; digits < k_max_fraction_digits; ++digits) nanos *= 10;
  return nanos;
}

std::string nine_digits(std::int32_t nanos) {
  std::string digits = std::to_string(nanos);
  return std::string(k_max_fraction_digits - digits.size(), '0') + digits;
}

// "12s", "0.000000001s": the exact form, to the nanosecond; nothing for any other notation.
std::optional<SecondsNanos> parse_seconds(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  if (text.size() < 2 || text.back() != 's' || text[0] < '0' || text[0] > '9') return std::nullopt;
  text.remove_suffix(1);
  const char* limit = text.data() + text.size();
  SecondsNanos length;
  const auto [end, error] = std::from_chars(text.data(), limit, length.seconds);
  if (error != std::errc() || length.seconds > k_max_seconds) return std::nullopt;
  if (end != limit) {
    const std::string_view digits = text.substr(static_cast<std::size_t>(end - text.data()) + 1);
    if (*end != '.' || digits.empty() || digits.size() > k_max_fraction_digits) return std::nullopt;
    if (digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    length.nanos = fraction_nanos(digits);
  }
  if (negative) length = {-length.seconds, -length.nanos};
  return length;
}

}  // namespace

std::string timestamp_text(SecondsNanos at) {
  const auto micros = std::chrono::microseconds{at.nanos / 1000};
  std::string text = format_timestamp(Timestamp{std::chrono::seconds{at.seconds}} + micros);
  if (at.nanos % 1000 == 0) return text;
  text.resize(text.find_first_of(".Z"));
  return text + "." + nine_digits(at.nanos) + "Z";
}

std::optional<SecondsNanos> parse_timestamp_text(std::string_view text) {
  const auto at = parse_timestamp(text);
  if (!at) return std::nullopt;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*at);
  SecondsNanos value{seconds.time_since_epoch().count(), 0};
  // The fraction is the same in every offset, so it can be read where it stands.
  const std::size_t dot = text.find('.');
  if (dot != std::string_view::npos) value.nanos = fraction_nanos(text.substr(dot + 1));
  return value;
}

std::string duration_text(SecondsNanos length) {
  std::string text = length.seconds < 0 || length.nanos < 0 ? "-" : "";
  // Through unsigned: the least int64 has no positive counterpart.
  const auto seconds = static_cast<std::uint64_t>(length.seconds);
  text += std::to_string(length.seconds < 0 ? 0 - seconds : seconds);
  if (length.nanos != 0) {
    text += "." + nine_digits(std::abs(length.nanos));
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + "s";
}

std::optional<SecondsNanos> parse_duration_text(std::string_view text) {
  if (auto exact = parse_seconds(text)) return exact;
  const auto length = parse_duration(text);
  if (!length) return std::nullopt;
  const std::int64_t micros = length->count();
  return SecondsNanos{micros / 1'000'000, static_cast<std::int32_t>(micros % 1'000'000 * 1000)};
}

}  // namespace vozex::types
