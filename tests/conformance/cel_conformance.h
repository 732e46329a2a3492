// SPDX-License-Identifier: Apache-2.0
//
// Runs cases of the Common Expression Language's public conformance tests, converted to JSON:
// {"cases": [{id, expr, container?, type_env?, bindings?, disable_check?, check_only?, expect,
// profile}]}. Used by tests and by the conformance program.
#pragma once

#include <iosfwd>
#include <string>

namespace vozex::conformance {

struct Tally {
  int passed = 0;
  int failed = 0;
};

// Writes one line per failing case and the closing "N passed, N failed". A file that can't be read
// is one failure.
Tally run_cel(const std::string& path, std::ostream& out);

}  // namespace vozex::conformance
