// SPDX-License-Identifier: Apache-2.0
//
// The stored form of a snapshot: three canonical JSON texts (input, data, rt) and the columns that
// queries need. States are named by path, so a snapshot outlives the process and the machine's
// numbering. Spec: the comment on each member in codec.cc. Equal snapshots give equal bytes. Tests:
// tests/unit/machine.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/machine/effect.h"
#include "engine/machine/snapshot.h"

namespace vozex::machine {

inline constexpr std::uint16_t k_snapshot_format = 1;

struct StoredSnapshot {
  std::string input;
  std::string data;
  std::string rt;  // everything of Snapshot that is neither a column (ids, tenant, workflow,
                   // version, key, life, seq, times) nor input or data
};

StoredSnapshot encode(const Machine& machine, const Snapshot& snapshot);

// Fills what encode() wrote into `snapshot`, whose column members the caller has set. Error class
// corrupt; a state path that the machine doesn't have is `unknown_state`.
Result<void> decode(const Machine& machine, const StoredSnapshot& stored, Snapshot& snapshot);

// The `rt` of a stored snapshot with one more incident that holds it, for one whose machine isn't
// known. Error class corrupt when it can't be read.
Result<std::string> add_incident(std::string_view rt, const Incident& incident);

// Events as JSON, for deferred and parked ones, the outbox and history.
types::Value encode_event(const Event& event);
Result<Event> decode_event(const types::Value& value);

// What a history entry tells of the snapshot before the step.
struct Earlier {
  types::Value data;
  Life life = Life::running;
  std::string status;
  std::string state;  // state_text()
};
Earlier earlier(const Machine& machine, const Snapshot& snapshot);

// One history entry as JSON text: what came, where from, where to, which transitions were
// considered, which data members changed (names and new values; secrets never), which effects left.
std::string encode_history(const Machine& machine,
                           const Earlier& before,
                           const Snapshot& after,
                           const Event& event,
                           Disposition disposition,
                           const Explanation& explanation,
                           const std::vector<Effect>& effects);

}  // namespace vozex::machine
