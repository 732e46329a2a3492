// SPDX-License-Identifier: Apache-2.0
//
// Timers: `after`, `every`, tasks' due times, delayed sends. Armed at the end of the macrostep that
// entered their state; a due one is recognised by (state, index, entry, due), so that one of an
// earlier entry is stale.
#pragma once

#include <optional>

#include "engine/step/run.h"

namespace vozex::stepping {

// at + delay, or the end of time when that is beyond it.
Timestamp later(Timestamp at, Duration delay);

void arm_timers(Run& run, StateIndex state);
// One of them, by its position among the state's timers, or k_task_timer.
void arm_timer(Run& run, StateIndex state, std::uint16_t index);
// Whether the state has a task that becomes due.
bool has_task_timer(const Machine& machine, const State& state);
void disarm(Run& run, StateIndex state);

// Takes the due timer or send off the snapshot (a recurring one is armed anew) and says what it
// means to the machine; nothing when it is stale.
std::optional<Occurrence> timer_due(Run& run, const machine::TimerDue& due);

}  // namespace vozex::stepping
