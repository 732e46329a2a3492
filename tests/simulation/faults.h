// SPDX-License-Identifier: Apache-2.0
//
// How likely it is that things go wrong. All zero: nothing goes wrong.
#pragma once

#include "tests/simulation/agenda.h"

namespace vozex::simulation {

struct Faults {
  // Per simulated minute, of each process: it dies; it stands still for up to three leases; its
  // wall clock is set wrong by up to two hours, either way.
  double crashes = 0;
  double freezes = 0;
  double clock_jumps = 0;
  // Per simulated minute, of the database's clock: it is set wrong by up to k_database_skew.
  double database_jumps = 0;
  // Per minute: all adapters are away for up to two minutes.
  double outages = 0;

  // Per occasion.
  double crash = 0;               // right before or after a commit, or before its consequences
  double freeze = 0;              // right before a commit, or before its consequences
  double commit_lost_before = 0;  // answered outcome_unknown, not applied
  double commit_lost_after = 0;   // answered outcome_unknown, applied
  double commit_late = 0;         // answered outcome_unknown, applied some time later
  double unavailable = 0;         // the store, for one request
  double slow_store = 0;          // one request takes up to four seconds
  double adapter_error = 0;       // retryable, not done
  double adapter_unknown = 0;     // done or not, nobody knows
  double adapter_slow = 0;        // beyond its time-out, and carried out after it
  double ask_unclear = 0;
  double duplicate = 0;  // of an event from outside
};

// A mixture of its own for each run: some faults never, some often.
inline Faults some_faults(Dice& dice) {
  const auto some = [&dice](double most) {
    return dice.chance(0.5) ? most * static_cast<double>(dice.below(1000)) / 1000 : 0;
  };
  Faults faults;
  faults.crashes = some(1);
  faults.freezes = some(1);
  faults.clock_jumps = some(1);
  faults.database_jumps = some(1);
  faults.outages = some(0.4);
  faults.crash = some(0.02);
  faults.freeze = some(0.01);
  faults.commit_lost_before = some(0.1);
  faults.commit_lost_after = some(0.1);
  faults.commit_late = some(0.1);
  faults.unavailable = some(0.1);
  faults.slow_store = some(0.05);
  faults.adapter_error = some(0.4);
  faults.adapter_unknown = some(0.3);
  faults.adapter_slow = some(0.1);
  faults.ask_unclear = some(0.5);
  faults.duplicate = some(0.6);
  return faults;
}

}  // namespace vozex::simulation
