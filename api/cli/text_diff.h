// SPDX-License-Identifier: Apache-2.0
//
// The difference of two texts, line by line, in the unified format that patch and reviewers read.
// Pure. Tests: tests/unit/cli/text_diff_test.cc.
#pragma once

#include <string>
#include <string_view>

namespace vozex::cli {

// Lines compared at most, on each side between what both have at the beginning and at the end;
// beyond it all of that is shown as replaced.
inline constexpr std::size_t k_max_compared_lines = 4000;

// "" when they are equal. `name` stands behind `---` and `+++`.
std::string unified_diff(std::string_view name, std::string_view before, std::string_view after);

}  // namespace vozex::cli
