// SPDX-License-Identifier: Apache-2.0
//
// Whether a world is as a scenario expects it. Maps are compared by what is expected of them, lists
// element by element, numbers as CEL compares them; null expects nothing there. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/lab/scenario.h"
#include "engine/lab/scenario_file.h"
#include "engine/lab/world.h"

namespace vozex::lab {

// The first place where they differ, or nothing. `path` begins the place's name.
struct Difference {
  std::string path;
  std::string expected;
  std::string actual;
};
std::optional<Difference> difference(const types::Value& expected,
                                     const types::Value& actual,
                                     const std::string& path);

// What the runner knows besides the world.
struct Situation {
  const World& world;
  const Inhabitant* subject = nullptr;  // whom the expectations are about; null: not started
  std::string last_disposition;         // of the last event or action
  std::string last_rejection;           // its code
};

std::vector<Failure> check(const ExpectStep& step, const Situation& situation, const Span& where);

}  // namespace vozex::lab
