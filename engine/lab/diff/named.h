// SPDX-License-Identifier: Apache-2.0
//
// What a file lists under names (aliases, search fields, start rules, schedules, invariants),
// compared name by name. Internal to engine/lab/diff.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/lab/diff/comparison.h"

namespace vozex::lab {

struct Named {
  std::string text;
  std::uint32_t line = 0;
};
using ByName = std::map<std::string, Named>;

// What each kind of change means for who is alive.
struct Meanings {
  const char* removed;
  const char* changed;
  const char* added;
  Impact impact = Impact::live;
};

// Adds `<what>_removed`, `<what>_changed` and `<what>_added`; a change is one of the text.
void compare_named(Comparison& comparison,
                   const std::string& what,
                   const ByName& before,
                   const ByName& after,
                   const Meanings& meanings);

}  // namespace vozex::lab
