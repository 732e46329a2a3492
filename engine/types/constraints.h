// SPDX-License-Identifier: Apache-2.0
//
// The constraints of the long form of a type, one by one: formats and patterns of strings.
// validate.h applies them to payloads; the compiler of workflow files asks whether they can be
// applied at all. Patterns are RE2 (linear time, so a hostile payload can't hang a step). Tests:
// tests/unit/types.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vozex::types {

// email, uri, uuid, date, date-time, hostname, ipv4, ipv6.
const std::vector<std::string>& known_formats();

// False also for a format nobody knows.
bool matches_format(std::string_view text, std::string_view format);

// Whether all of `text` matches; false also for a pattern that is none. Compiled patterns are kept
// per thread, at most k_max_kept_patterns.
inline constexpr std::size_t k_max_kept_patterns = 256;
bool matches_pattern(std::string_view text, const std::string& pattern);

// What is wrong with a pattern, in RE2's words; nothing when it is fine.
std::optional<std::string> pattern_problem(const std::string& pattern);

}  // namespace vozex::types
