// SPDX-License-Identifier: Apache-2.0
//
// The macrostep: an occurrence is taken, then eventless transitions and internal events run until
// nothing is enabled (settle), then deferred events that can now be taken, then timers are armed
// and invokes started (finish). The end of the instance (ending.cc) and what is derived from data
// (status, keys, invariants: derived.cc) come last.
#pragma once

#include "engine/step/run.h"

namespace vozex::stepping {

enum class Taken : std::uint8_t { nobody, deferred, taken };

// Offers the occurrence to the configuration and settles. A deferring transition executes nothing.
Taken take(Run& run, const Occurrence& occurrence);

// SCXML's inner loop: eventless transitions, then internal events, until the configuration is
// stable.
void settle(Run& run);

// Keeps the event for later, within the bound.
void defer(Run& run, machine::Event event);

// The rest of the macrostep, to be called once at the end of a step that was not refused.
void finish(Run& run);

// --- ending.cc
void end_instance(Run& run);

// --- derived.cc
void refresh_status(Run& run);
void refresh_keys(Run& run);
void check_invariants(Run& run);
void check_bounds(Run& run);
// The four in this order, until one refuses.
void derive(Run& run);

}  // namespace vozex::stepping
