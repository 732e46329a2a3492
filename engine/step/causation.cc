// SPDX-License-Identifier: Apache-2.0
#include "engine/step/causation.h"

#include <algorithm>
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

// An instance that others keep busy is not one that is busy with itself.
void pay_for_own_steps(Run& run, const machine::Event& event) {
  machine::OwnSteps own = run.next.own_steps;
  if (own.count == 0) return;
  const bool of_own = std::holds_alternative<machine::TimerDue>(event.cause) ||
                      std::holds_alternative<machine::CallEnded>(event.cause) ||
                      std::holds_alternative<machine::ChildEnded>(event.cause);
  if (of_own) return;
  own.count -= std::min(own.count, machine::k_own_steps_for_an_event);
  // Who resumes it gives it as many again.
  if (std::holds_alternative<machine::Resumed>(event.cause)) own.count = 0;
  run.draft.set_own_steps(own.count == 0 ? machine::OwnSteps{} : own);
}

}  // namespace

void follow(Run& run, const machine::Event& event, Timestamp before) {
  pay_for_own_steps(run, event);
  if (const auto* due = std::get_if<machine::TimerDue>(&event.cause)) {
    follow_timer(run, *due, before);
    return;
  }
  run.draft.set_causation(event.causation);
  run.draft.begin_turn();
}

void count_own_step(Run& run) {
  if (run.counted_own || run.next.seq <= machine::k_free_steps) return;
  run.counted_own = true;
  machine::OwnSteps own = run.next.own_steps;
  if (own.count == 0 || run.now - own.since >= machine::k_own_steps_within) own = {run.now, 0};
  if (++own.count > machine::k_max_own_steps) {
    refuse(
        run,
        "too_many_own_steps",
        "since " + format_timestamp(own.since) + " the instance has made " +
            std::to_string(machine::k_max_own_steps) +
            " steps by itself, by timers and by what it invokes: is it a loop that should wait?");
    return;
  }
  run.draft.set_own_steps(own);
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
