// SPDX-License-Identifier: Apache-2.0
//
// Oracle: what must be true when everything has come to rest, read from the rows and the outside
// world alone: it knows nothing of lanes, batches or calls in memory. With witness.h, which looks
// while it happens, and replay.h. Each violation is one line that begins with the rule's name; the
// rules are listed in README.md.
#pragma once

#include <string>
#include <vector>

#include "tests/simulation/kinds.h"

namespace vozex::simulation {

// Something is still to be done: a row that some process must look at.
bool is_at_rest(const World& world, const Kind& kind, const Clients& clients);

// Of all rules, of the witness, too.
std::vector<std::string> violations(const World& world, const Kind& kind, const Clients& clients);

}  // namespace vozex::simulation
