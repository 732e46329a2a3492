// SPDX-License-Identifier: Apache-2.0
//
// One event at a running instance, by its cause; and what ops do. A step is decided in three moves:
// process (here), then finish (macrostep.h), then the verdict (step.cc), which undoes a refused
// step.
#pragma once

#include <memory>
#include <optional>

#include "engine/step/run.h"

namespace vozex::stepping {

struct Processed {
  machine::Disposition disposition = machine::Disposition::ignored;
  std::optional<Error> rejection;  // set: nothing is to change
};

// `normalised` is storage for the event's validated form; it must outlive the run.
Processed process_event(Run& run,
                        const machine::Event& event,
                        std::unique_ptr<machine::Event>& normalised);

// --- operations.cc: also on held and suspended instances. These include finish().
Processed move_to(Run& run, const machine::Moved& moved);
Processed patch(Run& run, const machine::Patched& patched);
Processed resume(Run& run);
Processed suspend(Run& run);

// Turns a refused run into a held instance: the snapshot as it was, the incident, and the event
// first in the queue unless it is null.
void hold(Run& run, const machine::Event* event);

}  // namespace vozex::stepping
