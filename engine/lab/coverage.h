// SPDX-License-Identifier: Apache-2.0
//
// What scenarios reached of the machines they ran: states entered, transitions taken.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/lab/scenario.h"
#include "engine/lab/world.h"

namespace vozex::lab {

class CoverageMap {
 public:
  // After each step of an instance.
  void note(const Inhabitant& instance);
  std::vector<Coverage> result() const;

 private:
  struct Reached {
    machine::MachineRef machine;
    std::vector<bool> states;
    std::vector<bool> transitions;
  };
  // By workflow and version: a scenario may migrate from one to the next.
  std::map<std::pair<std::string, std::uint32_t>, Reached> reached_;
};

// Counts and misses again from the flags.
void summarise(Coverage& coverage, const machine::Machine& machine);

}  // namespace vozex::lab
