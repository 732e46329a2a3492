// SPDX-License-Identifier: Apache-2.0
//
// How likely it is that things go wrong, per occasion. All zero: nothing goes wrong.
#pragma once

namespace vozex::simulation {

struct Faults {
  double crash = 0;   // of a process, before or after a commit, before or during publishing
  double freeze = 0;  // of a process, for longer than its lease
  double commit_lost_before = 0;  // answered outcome_unknown, not applied
  double commit_lost_after = 0;   // answered outcome_unknown, applied
  double unavailable = 0;         // the store, for one request
  double adapter_error = 0;       // retryable, not done
  double adapter_unknown = 0;     // done or not, nobody knows
  double ask_unclear = 0;
  double duplicate = 0;  // of an event from outside
};

}  // namespace vozex::simulation
