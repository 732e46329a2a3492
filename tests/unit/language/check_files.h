// SPDX-License-Identifier: Apache-2.0
//
// Files for the tests of the static checks: a head with input, data, events and an adapter, and
// states that a test writes.
#pragma once

#include <string>

#include "tests/unit/language/files.h"

namespace vozex::language {

// The final state that most of them lead to.
inline constexpr const char* k_done = "  done: {type: final}\n";

// "VZ0607:2 VZ0610:3": what is said of a workflow with these states, each code with its line,
// counted from that of the first state, which is 0. `with_use`: events and data of the head are
// used at the top, so that nothing is said of them.
std::string said(const std::string& states, bool with_use = true);

}  // namespace vozex::language
