// SPDX-License-Identifier: Apache-2.0
//
// Which transitions are taken: SCXML's selectTransitions, selectEventlessTransitions and
// removeConflictingTransitions. Each transition that was considered, and why it was not taken, is
// written into the explanation.
#pragma once

#include "engine/step/run.h"

namespace vozex::stepping {

// The occurrence must be the activation's. Deferring transitions are among the result only when
// nothing else is.
TransitionList select_transitions(Run& run, const Occurrence& occurrence);
TransitionList select_eventless_transitions(Run& run);

}  // namespace vozex::stepping
