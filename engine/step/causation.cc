// SPDX-License-Identifier: Apache-2.0
#include "engine/step/causation.h"

#include <utility>

#include "engine/step/execute.h"

namespace vozex::stepping {

using machine::Causation;

namespace {

constexpr const char* k_how_to_end = "; a loop without an end?";

std::string in_a_row(std::uint32_t count) { return std::to_string(count) + " in a row"; }

// A timer goes on from the step before it, unless real time has passed since. Timers that were
// armed in one turn are the next turn together, however many there are.
void follow_timer(Run& run, const machine::TimerDue& due, Timestamp before) {
  if (due.due - before >= machine::k_real_time) {
    run.draft.set_causation({});
    run.draft.begin_turn();
    return;
  }
  Causation causation = run.next.causation;
  // Only what is stored may decide, and a row that is in no turn doesn't store where one began.
  if (causation.turns > 0 && due.entry < run.next.turn_seq) return;
  if (++causation.turns > machine::k_max_turns) {
    refuse(run,
           "too_many_turns",
           "timers without time between them, or messages of one family, " +
               in_a_row(machine::k_max_turns) + k_how_to_end,
           due.state.empty() ? machine::k_no_state : run.machine.find_state(due.state));
    return;
  }
  run.draft.set_causation(causation);
  run.draft.begin_turn();
}

}  // namespace

void follow(Run& run, const machine::Event& event, Timestamp before) {
  if (const auto* due = std::get_if<machine::TimerDue>(&event.cause)) {
    follow_timer(run, *due, before);
    return;
  }
  run.draft.set_causation(event.causation);
  run.draft.begin_turn();
}

Caused cause_outside(Run& run, const std::string& what) {
  Causation causation = run.next.causation;
  if (causation.depth >= machine::k_max_causation_depth) {
    return failed("causation_too_deep",
                  what + ": the events that caused this one are a chain of " +
                      std::to_string(causation.depth) + "; a loop between workflows?");
  }
  if (run.caused >= causation.left) {
    return failed("too_much_caused",
                  what + ": of one thing from outside come at most " +
                      std::to_string(machine::k_max_caused) +
                      " events and instances, and this step may send " +
                      std::to_string(causation.left) + " of them" + k_how_to_end);
  }
  ++run.caused;
  ++causation.depth;
  return causation;
}

Caused next_turn(const Run& run, const std::string& what) {
  Causation causation = run.next.causation;
  if (causation.turns >= machine::k_max_turns) {
    return failed("too_many_turns",
                  what + ": messages and children of one family, or timers without time, " +
                      in_a_row(machine::k_max_turns) + k_how_to_end);
  }
  ++causation.turns;
  return causation;
}

void share_out(Run& run) {
  if (run.caused == 0) return;
  Causation own = run.next.causation;
  own.left = (own.left - run.caused) / (run.caused + 1);
  run.draft.set_causation(own);
  const auto share = [&](auto& effect) {
    if constexpr (requires { effect.causation; }) effect.causation.left = own.left;
  };
  for (machine::Effect& effect : run.out.effects) std::visit(share, effect);
}

}  // namespace vozex::stepping
