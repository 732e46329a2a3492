// SPDX-License-Identifier: Apache-2.0
//
// Runs statechart cases of public suites (W3C's SCXML tests and others), converted to JSON, through
// our own language: each machine becomes YAML text (scxml_to_yaml.h), is compiled by the real
// compiler and run by step() on a virtual clock. Used by tests and by the conformance program.
#pragma once

#include <iosfwd>
#include <string>

namespace vozex::conformance {

struct StatechartTally {
  int passed = 0;
  int failed = 0;
  int not_expressible = 0;  // our language has no way to say it, on purpose
};

// Writes one line per failing case, one per case that the language can't express with the reason,
// and the closing "N passed, N failed, N not expressible". A file that can't be read is one
// failure.
StatechartTally run_statecharts(const std::string& path, std::ostream& out);

}  // namespace vozex::conformance
