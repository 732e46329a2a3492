// SPDX-License-Identifier: Apache-2.0
//
// Replay: each instance is made anew by the pure step(), from its history and from nothing that the
// runtime kept: the cause of each entry is what a client sent, a timer that the replayed snapshot
// has armed, the end of a call as it was offered, or a message that the replay of another instance
// sent. Each step must write the same history entry, byte for byte, and the last snapshot must be
// the stored row.
#pragma once

#include <string>
#include <vector>

#include "tests/simulation/world.h"

namespace vozex::simulation {

void replay(const World& world,
            const simulated::Tables& tables,
            std::vector<std::string>& violations);

}  // namespace vozex::simulation
