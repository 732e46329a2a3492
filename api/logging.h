// SPDX-License-Identifier: Apache-2.0
//
// Where the program's log goes: lines for people, or one JSON object a line, both on standard
// error. Call once, before threads start.
#pragma once

#include <string_view>

namespace vozex::program {

// "console" or "json".
void set_up_logging(std::string_view form);

}  // namespace vozex::program
