// SPDX-License-Identifier: Apache-2.0
//
// Patterns of matches(): RE2, so that no pattern can take exponential time.
#pragma once

#include <memory>
#include <string>

namespace re2 {
class RE2;
}

namespace vozex::expr {

inline constexpr std::size_t k_max_pattern_bytes = 1000;

// Never null; ask ok().
std::shared_ptr<const re2::RE2> compile_pattern(const std::string& text);

}  // namespace vozex::expr
