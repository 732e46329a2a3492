// SPDX-License-Identifier: Apache-2.0
//
// What the other end of standard output and standard error is: a person at a terminal, or a
// program. Thread rule: any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vozex::cli {

enum class Stream { in = 0, out = 1, err = 2 };

bool is_terminal(Stream stream);
// On a terminal, unless NO_COLOR is set or TERM is "dumb".
bool wants_colour(Stream stream);
// Columns of the terminal on standard output, within 40 to 100; 80 when it is none.
std::size_t page_width();

}  // namespace vozex::cli
