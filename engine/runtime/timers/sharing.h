// SPDX-License-Identifier: Apache-2.0
//
// Sharing: which shards' timers are whose, by rendezvous hashing (Thaler, Ravishankar: A name-based
// mapping scheme for rendezvous, 1996): every process gives each living session a weight for each
// shard, and the heaviest has it. All come to the same answer without a word between them, and when
// a session comes or goes only its own shards move. It is about work, not about right: two that
// fire one timer race for its row, and one loses. Pure. Tests: tests/unit/runtime.
#pragma once

#include <vector>

#include "engine/ports/work_store.h"

namespace vozex::runtime {

// The shards of `self` among the living; `self` counts as living.
ports::ShardSet shards_of(const SessionId& self, const std::vector<SessionId>& living);

}  // namespace vozex::runtime
