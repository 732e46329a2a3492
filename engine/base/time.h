// SPDX-License-Identifier: Apache-2.0
//
// Engine time: microseconds since 1970 UTC. Nothing here reads a clock; clocks are ports
// (ports/clock.h). Text forms: instants are RFC 3339 in UTC with 6 fractional digits or none
// ("2026-11-20T10:00:00Z",
// "...:00.000250Z"); durations are "30m", "1h30m", "500ms", "7d" or ISO 8601 without years and
// months ("PT30M"). Calendar periods (years, months) have no fixed length and belong to CEL's
// timestamp functions.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace vozex {

using Duration = std::chrono::microseconds;
using Timestamp = std::chrono::sys_time<Duration>;

// RFC 3339 with any offset and up to nine fractional digits (cut to six); years 0001 to 9999.
std::optional<Timestamp> parse_timestamp(std::string_view text);
std::string format_timestamp(Timestamp at);

// Units d h m s ms us, each at most once and in falling order, with an optional leading '-', or ISO
// 8601.
std::optional<Duration> parse_duration(std::string_view text);
// The shortest exact text in the same notation: "1h30m", "0s".
std::string format_duration(Duration duration);

}  // namespace vozex
