// SPDX-License-Identifier: Apache-2.0
//
// Machines and worlds at random, from a seed: nested and parallel states, histories, guards that
// may fail, loops, timers, calls, fan-outs, children, deferral, actions, ops. Everything that a
// compiled file could contain and that step() must survive.
#pragma once

#include <cstdint>
#include <random>

#include "engine/machine/machine.h"
#include "tests/unit/step/walk.h"

namespace vozex::testing {

machine::Machine random_machine(std::mt19937& dice);

// One thing that could happen to this instance now: sensible or not.
machine::Event random_event(std::mt19937& dice, const Walk& walk);

}  // namespace vozex::testing
