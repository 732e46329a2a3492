// SPDX-License-Identifier: Apache-2.0
//
// The bugs that can be planted, each a known way to get a durable engine wrong. One is on at a
// time. README.md shows the same table; a test compares the two.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/planted.h"

namespace vozex::simulation {

struct Bug {
  const char* name;
  const char* kind;    // of runs that find it
  const char* breaks;  // what is wrong
  const char* rule;    // of the oracle: what finds it, as it begins a violation
};
// For test runners, which list parameters.
inline void PrintTo(const Bug& bug, std::ostream* out) { *out << bug.name; }

const std::vector<Bug>& bugs();
const Bug* find_bug(std::string_view name);

// Switches a bug on, or off with "", for as long as it lives. Thread rule: one thread.
class Planting {
 public:
  explicit Planting(const std::string& bug);
  ~Planting();
  Planting(const Planting&) = delete;
  Planting& operator=(const Planting&) = delete;

 private:
  std::string name_;
  const char* before_;
};

}  // namespace vozex::simulation
