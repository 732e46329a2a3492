// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/base/planted.h"
#include "engine/step/migrator.h"
#include "engine/step/tasks.h"
#include "engine/step/timers.h"

namespace vozex::stepping {
namespace {

using machine::ArmedTimer;
using machine::k_no_state;
using machine::k_task_timer;
using machine::Machine;
using machine::State;
using machine::StateIndex;

const machine::TimerDecl* timer_at(const Machine& machine, StateIndex state, std::uint16_t index) {
  const State& in = machine.states[state];
  return index < in.timers.size() ? &machine.timers[in.timers[index]] : nullptr;
}

}  // namespace

bool Migrator::same_place(const ArmedTimer& timer, StateIndex moved) const {
  if (timer.index == k_task_timer) return has_task_timer(to_, to_.states[moved]);
  const machine::TimerDecl* was = timer_at(from_, timer.state, timer.index);
  const machine::TimerDecl* is = timer_at(to_, moved, timer.index);
  return was != nullptr && is != nullptr && was->recurring == is->recurring &&
         was->cron == is->cron;
}

void Migrator::keep_timers(SettledTimers& settled) {
  for (ArmedTimer timer : old_.timers) {
    const StateIndex moved = new_active(timer.state);
    if (moved == k_no_state || !same_place(timer, moved)) {
      ++plan_.timers_dropped;
      continue;
    }
    timer.state = moved;
    settled.emplace(moved, timer.index);
    next_.timers.push_back(timer);
    ++plan_.timers_kept;
  }
  // What the old state had and isn't armed has fired: it is over.
  for (const StateIndex state : old_.configuration) {
    const StateIndex moved = new_active(state);
    if (moved == k_no_state) continue;
    const State& was = from_.states[state];
    for (std::size_t i = 0; i < was.timers.size(); ++i) {
      const auto index = static_cast<std::uint16_t>(i);
      if (!is_armed(state, index)) settled.emplace(moved, index);
    }
    if (has_task_timer(from_, was) && !is_armed(state, k_task_timer))
      settled.emplace(moved, k_task_timer);
  }
}

bool Migrator::is_armed(StateIndex state, std::uint16_t index) const {
  return std::any_of(old_.timers.begin(), old_.timers.end(), [&](const ArmedTimer& timer) {
    return timer.state == state && timer.index == index;
  });
}

void Migrator::move_timers() {
  next_.timers.clear();
  SettledTimers settled;
  if (migration_.timers == machine::MigratedTimers::keep &&
      !VOZEX_PLANTED(migration_restarts_timers)) {
    keep_timers(settled);
  } else {
    plan_.timers_dropped = static_cast<std::uint32_t>(old_.timers.size());
  }
  const std::size_t kept = next_.timers.size();
  for (const StateIndex state : next_.configuration) {
    const State& in = to_.states[state];
    for (std::size_t i = 0; i < in.timers.size(); ++i) {
      const auto index = static_cast<std::uint16_t>(i);
      if (!settled.contains({state, index})) arm_timer(run_, state, index);
    }
    if (has_task_timer(to_, in) && !settled.contains({state, k_task_timer}))
      arm_timer(run_, state, k_task_timer);
  }
  plan_.timers_armed = static_cast<std::uint32_t>(next_.timers.size() - kept);
  open_tasks(run_);
  if (migration_.timers == machine::MigratedTimers::restart) {
    for (machine::OpenTask& task : next_.tasks) task.due = due_of_task(run_, task.state);
  }
  for (std::size_t i = run_.queue_head; i < run_.queue.size(); ++i) {
    const Occurrence& failed = run_.queue[i];
    obstacle(failed.detail,
             "a timer can't be armed: " + (failed.ended == nullptr ? std::string(failed.text())
                                                                   : failed.ended->error.message));
  }
}

}  // namespace vozex::stepping
