// SPDX-License-Identifier: Apache-2.0
//
// Waves: groups of one request that touch the same row can't go into one call of commit_v4, which
// touches each row once; they go into calls one after the other, in the order of the request.
// Nearly always there is one wave: the runtime folds what belongs together. Writes that add up may
// share a wave: events that wait on one key, instances that share an alias. Pure. Tests:
// tests/unit/postgres/waves_test.cc.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/ports/lane_store.h"

namespace vozex::postgres {

// Positions of the groups of each wave. A group without writes is in none.
std::vector<std::vector<std::size_t>> waves_of(const std::vector<ports::Group>& groups);

}  // namespace vozex::postgres
