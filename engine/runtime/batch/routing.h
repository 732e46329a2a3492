// SPDX-License-Identifier: Apache-2.0
//
// Which lane an item goes to, and small items that several places make. Pure.
#pragma once

#include <optional>
#include <string>

#include "engine/runtime/definitions/definitions.h"
#include "engine/runtime/items/item.h"

namespace vozex::runtime {

// The lane is this shard modulo the number of lanes. Messages of one sender go through the sender's
// lane, so that they stay in order; an event from outside starts in the lane of its first key.
Shard shard_for(const Item& item, const Definitions& definitions, Timestamp now);

// Leases a waiting or dead call to `session`; once committed it goes out if it is wanted.
Item lease_item(const ports::CallRow& row, const SessionId& session, bool maybe_sent);

// The row whose lease an item of a call relies on: CallOrder and CallWriteOrder only.
const ports::CallRow& row_of_end(const Item& item);
SessionId owner_of_end(const Item& item);
std::uint16_t attempt_of_end(const Item& item);

// The business key that an input would give a new instance, as far as it can be said without
// starting it.
std::optional<std::string> key_of_input(const machine::Machine& machine,
                                        const types::Value& input,
                                        const types::Value& config);

}  // namespace vozex::runtime
