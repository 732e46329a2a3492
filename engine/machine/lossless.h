// SPDX-License-Identifier: Apache-2.0
//
// Values inside the engine's own JSON without loss: what plain JSON has no kind for is written as
// an object with one member whose name starts with '$' ({"$timestamp": "..."}, {"$duration": ...},
// {"$bytes": ...}, {"$uint": "..."},
// {"$real": "NaN"}, {"$some": ...}, {"$none": true}, {"$type": ...}, {"$entries": [[key, value],
// ...]}); a map that could be mistaken for one goes as $entries. Used for the runtime part of
// snapshots and for stored events.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/types/value.h"

namespace vozex::machine {

// The value as plain JSON can carry it, and back. Depth is bounded by what parse_json lets through.
types::Value to_plain(const types::Value& value);
Result<types::Value> from_plain(const types::Value& plain);

// Appends to_plain(value) as canonical JSON.
void append_lossless(std::string& out, const types::Value& value);

}  // namespace vozex::machine
