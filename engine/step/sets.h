// SPDX-License-Identifier: Apache-2.0
//
// Which states a transition leaves and enters: the set functions of SCXML's Appendix D, under their
// names. All are pure over the machine and the snapshot's configuration and history. One deliberate
// difference, from the language: a transition without `reenter` to its own source or below never
// leaves the source, also when the source is atomic (nothing happens to it) or parallel (only the
// regions that hold a target are left).
#pragma once

#include "engine/step/run.h"

namespace vozex::stepping {

// History replaced by what it remembers, or by its default.
StateSet get_effective_target_states(const Run& run, const Transition& transition);

// The state whose descendants are left and entered; k_no_state for a transition without targets.
StateIndex get_transition_domain(const Run& run, const Transition& transition);

// The innermost compound state (or the root) above all of them.
StateIndex find_lcca(const Machine& machine, const StateSet& states);

// Active states that the transition leaves.
StateSet compute_exit_set(const Run& run, const Transition& transition);

// States that the transitions enter, in document order, without those that stay active.
StateSet compute_entry_set(const Run& run, const TransitionList& transitions);

// The same for a jump to states from nowhere (the start): everything up to the root.
StateSet compute_initial_set(const Run& run);

}  // namespace vozex::stepping
