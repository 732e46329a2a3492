// SPDX-License-Identifier: Apache-2.0
//
// Manual actions: what people may do in the active states, and whether this person may. The
// innermost active state that declares the action speaks for it.
#pragma once

#include <optional>

#include "engine/step/run.h"

namespace vozex::stepping {

// The declared action of that name that the configuration offers, innermost first; nullptr when
// there is none.
const machine::ManualAction* find_action(const Machine& machine,
                                         const Snapshot& snapshot,
                                         std::string_view name);

// Why this person can't do it now; nothing when they can. Codes not_allowed, action_not_available.
std::optional<Error> why_not(Run& run,
                             const machine::ManualAction& action,
                             const machine::Actor& actor);

// What doing it means to the machine, or a rejection. An approval that isn't the last one is
// recorded and gives neither: `waiting` is set.
struct Admission {
  std::optional<Occurrence> occurrence;
  std::optional<Error> rejection;
  bool waiting = false;
};
// `event` is the ActionTaken event; its form is replaced by the validated one through `normalised`,
// which must outlive the step.
Admission admit_action(Run& run, const machine::Event& event, machine::Event& normalised);

}  // namespace vozex::stepping
