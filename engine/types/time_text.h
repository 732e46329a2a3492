// SPDX-License-Identifier: Apache-2.0
//
// Text of timestamps and durations to the nanosecond, as JSON carries them: what append_json
// writes, these read back exactly. Timestamps are RFC 3339 in UTC with 0, 6 or 9 fractional digits;
// durations are seconds ("3600s", "-1.5s", CEL's JSON mapping) and are read in every notation of
// base/time.h. Tests: tests/unit/types.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/types/value.h"

namespace vozex::types {

std::string timestamp_text(SecondsNanos at);
std::optional<SecondsNanos> parse_timestamp_text(std::string_view text);

std::string duration_text(SecondsNanos length);
std::optional<SecondsNanos> parse_duration_text(std::string_view text);

}  // namespace vozex::types
