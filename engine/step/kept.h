// SPDX-License-Identifier: Apache-2.0
//
// What an instance keeps for later (deferred events, the queue of a held one, delayed sends) has a
// bound in bytes besides that of their number (machine::k_max_deferred), and so has what it invoked
// until that is joined: a row that all of it stands in could not be written in the end. Tests:
// tests/unit/step/kept_test.cc.
#pragma once

#include "engine/step/run.h"

namespace vozex::stepping {

// Of the items of what an instance invoked and has not left yet, and of what they gave, together:
// their bytes, as types::weight() counts. Small ones are let in by number alone.
inline constexpr std::size_t k_max_invoked_bytes = 16u << 20;
std::size_t weight(const machine::InvokedItem& item);
std::size_t invoked_bytes(const Run& run);
// Whether one item may become this one.
bool has_room_for(const Run& run,
                  const machine::InvokedItem& before,
                  const machine::InvokedItem& after);

// Of their data, together. Small ones are let in by number alone.
inline constexpr std::size_t k_max_kept_bytes = 8u << 20;

bool has_room_for(const Run& run, const Value& data);

// The same for an event that is to queue: what a call or a child gave counts, too.
bool has_room_for(const Run& run, const machine::Event& event);

// The end of a child that there is no room for, as it queues instead: a failure that says why. What
// it gave stands in its own row.
machine::Event without_result(const machine::Event& event, const machine::ChildEnded& ended);

}  // namespace vozex::stepping
