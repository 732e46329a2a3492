// SPDX-License-Identifier: Apache-2.0
//
// Small questions about text. Lengths and columns are counted in code points of UTF-8.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vozex {

bool is_valid_utf8(std::string_view text);

// Number of code points; bytes that are not UTF-8 count one each.
std::size_t code_points(std::string_view text);

// Optimal string alignment distance (Levenshtein plus transposition of neighbours), at most `bound`
// + 1.
std::size_t edit_distance(std::string_view one, std::string_view other, std::size_t bound);

// The candidate nearest to `word`, if near enough to be what was meant (a third of its length, at
// most 3 edits); ties go to the first.
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

// "a", "a or b", "a, b or c".
std::string join_or(const std::vector<std::string>& words);

}  // namespace vozex
