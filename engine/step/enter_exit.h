// SPDX-License-Identifier: Apache-2.0
//
// Leaving and entering states: SCXML's exitStates and enterStates, with what hangs on a state:
// history, timers, invokes, approvals, incidents, and the done.state.* events of final states.
#pragma once

#include "engine/step/run.h"

namespace vozex::stepping {

// `leaving` in document order; left from the innermost outwards.
void exit_states(Run& run, const StateSet& leaving);

// `entering` in document order.
void enter_states(Run& run, const StateSet& entering);

// SCXML's isInFinalState: a compound state with an active final child, a parallel one all of whose
// regions are.
bool is_in_final_state(const Run& run, StateIndex state);

// One microstep: exit, the transitions' content, entry.
void microstep(Run& run, const TransitionList& enabled);

}  // namespace vozex::stepping
