// SPDX-License-Identifier: Apache-2.0
//
// Run: the working state of one step() while it decides. Everything that a step may read or change
// hangs here; the files of this folder are its verbs, by role: select.cc, sets.cc, enter_exit.cc,
// execute.cc, ... One Run lives for one call, on one thread. The vocabulary is SCXML's, Appendix D.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/machine/effect.h"
#include "engine/machine/machine.h"
#include "engine/machine/snapshot.h"
#include "engine/step/activation.h"
#include "engine/step/draft.h"
#include "engine/step/small_list.h"
#include "engine/step/step.h"

namespace vozex::stepping {

using machine::Machine;
using machine::Snapshot;
using machine::State;
using machine::StateIndex;
using machine::StateKind;
using machine::Transition;
using machine::TransitionIndex;
using types::Value;

using StateSet = SmallList<StateIndex, 24>;  // sorted: document order is entry order
using TransitionList = SmallList<const Transition*, 8>;

// What ended, for occurrences that report an invoke: what `result`, `error`, the loop variable and
// `index` show.
struct Ended {
  Value result;
  machine::ErrorInfo error;
  bool has_result = false;
  bool has_error = false;
  Value item;
  std::int64_t index = -1;
  std::string invoke;  // "" when it speaks of no invocation
  std::uint32_t entry = 0;
  std::optional<CallId> call;  // whose failure nobody may take
};

enum class Label : std::uint8_t {
  named,
  on_done,
  on_error,
  on_each,
  after,
  every,
  action,
  overdue
};

// Something that transitions may take: the event of the step, or one of the internal queue.
struct Occurrence {
  std::string_view name;                  // of outside events and declared names: outlives the step
  std::string owned_name;                 // of computed names
  Value data;                             // of internal events; an outside one has its own
  const machine::Event* event = nullptr;  // the outside event behind it
  // Transitions that take it besides those whose descriptor matches its name: those of the timer,
  // action or invoke that it speaks of, at their state.
  StateIndex state = machine::k_no_state;
  const std::vector<TransitionIndex>* direct = nullptr;
  Label label = Label::named;
  bool by_name = true;
  std::string detail;  // "30m", an action's name: for the explanation
  std::unique_ptr<Ended> ended;

  const Value& shown_data() const { return event != nullptr && by_name ? event->data : data; }
  std::string_view text() const { return owned_name.empty() ? name : std::string_view(owned_name); }
};

struct Refusal {
  std::string code;
  std::string message;
  std::string state;
};

struct Run {
  // `snapshot` is the one to change.
  Run(const Machine& m, Snapshot& snapshot, Timestamp at, const Value& values, StepReport& o);

  const Machine& machine;
  const Timestamp now;
  const Value& config;
  StepReport& out;
  const Snapshot& next;  // what it is by now; changed through the draft only
  Draft draft;
  const bool first;        // the step that starts the instance
  const bool had_invokes;  // before this step

  const machine::Event* event = nullptr;  // what this step is about; nothing at the start
  Activation activation;

  std::vector<Occurrence> queue;  // internal events, from `queue_head` on
  std::size_t queue_head = 0;
  StateSet states_to_invoke;  // entered and still active: timers and invokes wait for the end
  std::vector<machine::Invocation> left;  // of states left in this step: transitions still see them
  SmallList<const Transition*, 8>
      failed_guards;  // reported once a step, so that a stuck guard can't loop

  std::optional<Refusal> refusal;                // set: everything stops, and the step is undone
  StateIndex final_state = machine::k_no_state;  // a top-level final state was entered
  bool explain = true;                           // tell what was considered, left and entered
  bool cancelled = false;                        // ended by the reserved event `cancel`
  bool transitioned = false;                     // a transition with an effect was taken
  bool masked = false;                           // one without was
  bool data_changed = false;
  bool data_may_grow = false;
  bool configuration_changed = false;
  bool incident_raised = false;
  std::uint32_t changes = 0;     // of the configuration: states entered and left
  std::uint32_t offered_at = 0;  // `changes` when deferred events were last offered
  std::uint32_t microsteps = 0;
  std::uint32_t internal_events = 0;
  std::uint32_t call_index = 0;
  std::uint32_t message_index = 0;
  std::uint64_t cost = 0;        // spent so far, k_max_step_cost at most
  std::size_t effect_bytes = 0;  // of what the effects carry: those that are not small
  bool counted_own = false;  // this step is counted among those that the instance makes by itself
  std::uint32_t caused = 0;  // events and instances that this step sends out of its family

  bool stopped() const {
    return refusal.has_value() || final_state != machine::k_no_state || cancelled;
  }
  const State& state(StateIndex index) const { return machine.states[index]; }
  const Transition& transition(TransitionIndex index) const { return machine.transitions[index]; }
};

// Ends the run: the step is undone and becomes an incident. The first refusal counts.
void refuse(Run& run,
            std::string code,
            std::string message,
            StateIndex where = machine::k_no_state);

// Pays for work that grows with what is worked on; beyond k_max_step_cost the step is refused.
void spend(Run& run, std::uint64_t units);
// The same for what a copy or a walk of this value costs.
void spend_walk(Run& run, const Value& value);
// Evaluations that the step pays for.
expr::Evaluated evaluate(Run& run, const expr::Program& program);
tl::expected<bool, expr::EvalError> test(Run& run, const expr::Program& condition);

// Adds an effect, within the bounds of their number and their bytes.
void add_effect(Run& run, machine::Effect effect);

// An incident that holds nothing: of an exhausted call, of an unhandled event.
void raise_incident(Run& run, machine::Incident incident);

// Puts an occurrence at the end of the internal queue, within the bound.
void raise(Run& run, Occurrence occurrence);

// SCXML's error.execution (or another error.*) with what went wrong as its data.
void raise_error(Run& run, std::string_view name, const expr::EvalError& error, StateIndex where);

CallId next_call_id(Run& run);
std::uint16_t next_message_index(Run& run);

}  // namespace vozex::stepping
