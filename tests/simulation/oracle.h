// SPDX-License-Identifier: Apache-2.0
//
// What must be true when everything has come to rest, read from the store and the outside world
// alone: it knows nothing of lanes, batches or calls in memory. Each violation is one line of text.
#pragma once

#include <string>
#include <vector>

#include "tests/simulation/clients.h"

namespace vozex::simulation {

std::vector<std::string> violations(const World& world, const Clients& clients);

}  // namespace vozex::simulation
