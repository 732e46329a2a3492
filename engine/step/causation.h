// SPDX-License-Identifier: Apache-2.0
//
// What one thing from outside may cause: machine::Causation says how far a step is from it. Decided
// from the snapshot and the event alone, so that a replay decides the same. Tests:
// tests/unit/step/causation_test.cc, tests/unit/runtime/flood_test.cc.
#pragma once

#include <string>

#include "engine/step/run.h"

namespace vozex::stepping {

using Caused = tl::expected<machine::Causation, expr::EvalError>;

// At the beginning of a step on `event`; `before` is when the last step was. Refuses the run when
// timers go round without time, k_max_turns in a row.
void follow(Run& run, const machine::Event& event, Timestamp before);

// Of an event or an instance that leaves the family; `what` is for the message of the error
// (causation_too_deep, too_much_caused). share_out() completes it.
Caused cause_outside(Run& run, const std::string& what);

// Of a message or a child within the family. Error: too_many_turns.
Caused next_turn(const Run& run, const std::string& what);

// The step is one that the instance makes by itself: the first of these in a step counts. Refuses
// the run when there are too many of them in an hour (too_many_own_steps).
void count_own_step(Run& run);

// At the end of a step: what may still come of its cause is shared out evenly among what it sends
// and itself.
void share_out(Run& run);

}  // namespace vozex::stepping
