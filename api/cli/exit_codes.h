// SPDX-License-Identifier: Apache-2.0
//
// What the program's exit says to scripts. Part of the contract: never changed.
#pragma once

namespace vozex::cli {

enum ExitCode : int {
  k_ok = 0,
  k_findings = 1,  // mistakes were found, or the answer is no
  k_usage = 2,
  k_not_found = 3,
  k_not_allowed = 4,
  k_conflict = 5,
  k_refused = 6,      // by the rules, in the present state
  k_unreachable = 7,  // nothing was done: trying again is safe
  k_timeout = 8,
  k_partly = 9,
  k_bug = 70,
  k_interrupted = 130,
};

}  // namespace vozex::cli
