// SPDX-License-Identifier: Apache-2.0
//
// Which states of an old machine are which of a new one: by path, else by likeness of name and
// behaviour. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/lab/diff/diff.h"

namespace vozex::lab {

struct StatePairs {
  // New index of each old state; k_no_state when it has gone.
  std::vector<machine::StateIndex> to_new;
  std::vector<machine::StateIndex> to_old;
  std::vector<Rename> guessed;
};

// Entries of a migration are taken at their word, before anything is guessed.
StatePairs pair_states(const machine::Machine& before,
                       const machine::Machine& after,
                       const machine::Migration* migration);

}  // namespace vozex::lab
