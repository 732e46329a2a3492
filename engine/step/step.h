// SPDX-License-Identifier: Apache-2.0
//
// step(): the pure transition function, W3C SCXML's algorithm (Appendix D of the recommendation;
// functions are named after it): (machine, snapshot, event, now) -> (snapshot', effects,
// explanation). No I/O, no clock, no randomness: equal arguments give equal outcomes, which replay,
// simulation and exploration rely on. One call is one macrostep: the event, then eventless
// transitions and internal events until stable (bounded), then deferred events that can now be
// taken, then timers armed and invokes started for states still active, aliases rebound, invariants
// checked. Never throws. Tests: tests/unit/step.
#pragma once

#include <vector>

#include "engine/base/result.h"
#include "engine/machine/effect.h"
#include "engine/machine/machine.h"
#include "engine/machine/snapshot.h"

namespace vozex {

// What a step says besides the snapshot that it gives.
struct StepReport {
  machine::Disposition disposition = machine::Disposition::ignored;
  std::vector<machine::Effect> effects;
  machine::Explanation explanation;
  // rejected: why, with a stable code (event_not_accepted, action_not_available, not_allowed,
  // approvals_missing, ...)
  Error rejection;
};

struct StepOutcome : StepReport {
  machine::Snapshot next;  // seq raised by one unless the event was rejected
};

// Everything of a new instance that the step can't know.
struct StartRequest {
  InstanceId id;
  InstanceId root;
  std::optional<machine::ParentRef> parent;
  std::string tenant;
  types::Value input;  // as it came; validated here
  machine::Causation causation = {};
};

// The first step: validates input, fills defaults, evaluates the key, enters the initial
// configuration. Errors: invalid_input (details: a JSON pointer each), invalid_key.
Result<StepOutcome> start(const machine::Machine& machine,
                          const StartRequest& request,
                          Timestamp now,
                          const types::Value& config);

// `now` must not be before snapshot.at; config is the installation's values for `config:`.
StepOutcome step(const machine::Machine& machine,
                 const machine::Snapshot& snapshot,
                 const machine::Event& event,
                 Timestamp now,
                 const types::Value& config);

// The same for who has no use for the old snapshot: `snapshot` becomes the next one. It costs what
// the step changes and not what the snapshot holds. A rejected event leaves it as it was. `report`
// is used again and again: its memory is kept. Without `explain` the explanation holds only its
// note and the transitions taken.
struct StepOptions {
  bool explain = true;
};
void step_in_place(StepReport& report,
                   const machine::Machine& machine,
                   machine::Snapshot& snapshot,
                   const machine::Event& event,
                   Timestamp now,
                   const types::Value& config,
                   StepOptions options = {});

// What an instance could do next: for `why`, for the API's error on refused events, for people's
// buttons.
struct OfferedAction {
  std::string name;
  std::string title;
  std::string state;
  bool enabled = false;  // its `when` holds for this actor and the actor has a role
  std::string reason;    // why not
  types::Value prefill;  // what its form starts with; null without
};
struct Waiting {
  std::vector<std::string> events;  // names that an active state takes now
  std::vector<machine::ArmedTimer> timers;
  std::vector<CallId> calls;
  std::vector<InstanceId> children;
  std::vector<OfferedAction> actions;
  std::vector<machine::OpenTask> tasks;
};
Waiting waiting_for(const machine::Machine& machine,
                    const machine::Snapshot& snapshot,
                    const machine::Actor& actor,
                    Timestamp now,
                    const types::Value& config);

// Values of one alias or match expression as keys: a string, an optional, or a list; numbers as
// decimal text.
std::vector<std::string> keys_from(const types::Value& value);

// Limits of one macrostep; beyond them the step is refused with an incident.
inline constexpr std::uint32_t k_max_microsteps = 1000;
inline constexpr std::uint32_t k_max_internal_events = 1000;
inline constexpr std::uint32_t k_max_effects = 20'000;
// Of what they carry together, as types::weight() counts. Small ones are let in by number alone.
inline constexpr std::size_t k_max_effect_bytes = 32u << 20;
// Units as of expr::EvalLimits::max_cost: of all expressions of the step, and of the values that it
// copies and checks.
inline constexpr std::uint64_t k_max_step_cost = 10'000'000;

}  // namespace vozex
