// SPDX-License-Identifier: Apache-2.0
#include "engine/step/timers.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/expr/cron.h"
#include "engine/step/causation.h"
#include "engine/step/execute.h"
#include "engine/step/tasks.h"
#include "engine/types/json.h"

namespace vozex::stepping {
namespace {

using machine::ArmedTimer;
using machine::TimerDecl;

using Due = tl::expected<std::optional<Timestamp>, expr::EvalError>;

Due due_from(Run& run, const Value& value) {
  switch (value.kind()) {
    case types::Kind::null: return std::nullopt;
    case types::Kind::duration: return later(run.now, std::max(value.to_duration(), Duration{0}));
    case types::Kind::timestamp: return value.to_timestamp();
    case types::Kind::boolean:
    case types::Kind::integer:
    case types::Kind::uint:
    case types::Kind::real:
    case types::Kind::string:
    case types::Kind::bytes:
    case types::Kind::list:
    case types::Kind::map:
    case types::Kind::optional:
    case types::Kind::type: break;
  }
  return failed(
      "no_such_overload",
      "a timer wants a duration or a timestamp, got " + std::string(to_string(value.kind())));
}

// Always after now: what downtime let pass is made up for by the one firing that is under way.
Due cron_due(const Run& run, const TimerDecl& decl) {
  const auto cron = expr::Cron::parse(decl.cron);
  const auto due = cron ? cron->next(run.now, decl.timezone) : std::nullopt;
  if (due) return due;
  return failed("invalid_argument",
                "no moment of \"" + decl.cron + "\" in " + decl.timezone + " can be found");
}

Due first_due(Run& run, const TimerDecl& decl) {
  if (!decl.cron.empty()) return cron_due(run, decl);
  auto value = value_of(run, decl.when);
  if (!value) return tl::unexpected(value.error());
  if (decl.recurring && value->kind() == types::Kind::duration)
    return later(run.now, std::max(value->to_duration(), machine::k_shortest_period));
  return due_from(run, *value);
}

// The next moment on the grid of one that fired, after now, so that downtime is made up for by one
// firing at most.
Timestamp next_on_grid(const Run& run, Timestamp fired, Duration period) {
  period = std::max(period, machine::k_shortest_period);
  if (later(fired, period) > run.now) return later(fired, period);
  const auto missed = (run.now - fired) / period;
  return fired + period * (missed + 1);
}

Due next_due(Run& run, const TimerDecl& decl, Timestamp fired) {
  if (!decl.cron.empty()) return cron_due(run, decl);
  auto value = value_of(run, decl.when);
  if (!value) return tl::unexpected(value.error());
  if (value->kind() != types::Kind::duration) return std::nullopt;
  return next_on_grid(run, fired, value->to_duration());
}

void arm(Run& run, StateIndex state, std::uint16_t index, std::uint32_t entry, const Due& due) {
  if (!due) {
    raise_error(run, "error.execution", due.error(), state);
    return;
  }
  if (due->has_value()) run.draft.timers().push_back({state, index, entry, **due});
}

std::string timer_text(const TimerDecl& decl) {
  if (!decl.cron.empty()) return decl.cron;
  if (decl.when == nullptr) return "";
  const Value* fixed = expr::constant_of(*decl.when);
  if (fixed != nullptr && fixed->kind() == types::Kind::duration)
    return format_duration(fixed->to_duration());
  return "${" + expr::source_of(*decl.when) + "}";
}

std::optional<Occurrence> send_due(Run& run, const machine::TimerDue& due) {
  auto& sends = run.draft.sends();
  const auto fits = [&](const machine::PendingSend& send) {
    return send.entry == due.entry && send.due == due.due;
  };
  auto at = sends.end();
  if (due.index < sends.size() && fits(sends[due.index])) {
    at = sends.begin() + due.index;
  } else {
    // Its position moves when an earlier one is sent or cancelled.
    at = std::find_if(sends.begin(), sends.end(), fits);
  }
  if (at == sends.end()) return std::nullopt;
  Occurrence occurrence;
  occurrence.owned_name = std::move(at->event);
  occurrence.data = std::move(at->data);
  sends.erase(at);
  count_own_step(run);
  return occurrence;
}

Occurrence task_overdue(const Run& run, const State& state) {
  Occurrence occurrence;
  occurrence.name = "overdue";
  occurrence.by_name = false;
  occurrence.state = state.index;
  occurrence.label = Label::overdue;
  if (state.task) occurrence.direct = &run.machine.tasks[*state.task].overdue;
  return occurrence;
}

}  // namespace

Timestamp later(Timestamp at, Duration delay) {
  if (delay > Duration::zero() && at > Timestamp::max() - delay) return Timestamp::max();
  return at + delay;
}

void arm_timer(Run& run, StateIndex state, std::uint16_t index) {
  if (index != machine::k_task_timer) {
    const TimerDecl& decl = run.machine.timers[run.state(state).timers[index]];
    arm(run, state, index, run.next.seq, first_due(run, decl));
    return;
  }
  auto value = value_of(run, run.machine.tasks[*run.state(state).task].due);
  const Due due = value ? due_from(run, *value) : Due(tl::unexpected(value.error()));
  arm(run, state, index, run.next.seq, due);
}

void arm_timers(Run& run, StateIndex index) {
  const State& state = run.state(index);
  for (std::size_t i = 0; i < state.timers.size(); ++i)
    arm_timer(run, index, static_cast<std::uint16_t>(i));
  if (has_task_timer(run.machine, state)) arm_timer(run, index, machine::k_task_timer);
}

bool has_task_timer(const Machine& machine, const State& state) {
  return state.task && machine.tasks[*state.task].due != nullptr;
}

void disarm(Run& run, StateIndex state) {
  if (run.next.timers.empty()) return;
  std::erase_if(run.draft.timers(), [&](const ArmedTimer& timer) { return timer.state == state; });
}

std::optional<Occurrence> timer_due(Run& run, const machine::TimerDue& due) {
  if (due.state.empty()) return send_due(run, due);
  auto& timers = run.draft.timers();
  const StateIndex index = run.machine.find_state(due.state);
  const auto at = std::find_if(timers.begin(), timers.end(), [&](const ArmedTimer& timer) {
    return timer.state == index && timer.index == due.index && timer.entry == due.entry &&
           timer.due == due.due;
  });
  if (index == machine::k_no_state || at == timers.end()) return std::nullopt;
  timers.erase(at);
  const State& state = run.state(index);
  if (due.index == machine::k_task_timer) {
    if (state.task && run.machine.tasks[*state.task].overdue_every) {
      const Duration period = *run.machine.tasks[*state.task].overdue_every;
      arm(run, index, due.index, due.entry, next_on_grid(run, due.due, period));
    }
    escalate_task(run, index);
    return task_overdue(run, state);
  }
  if (due.index >= state.timers.size()) return std::nullopt;
  const TimerDecl& decl = run.machine.timers[state.timers[due.index]];
  if (!decl.recurring) count_own_step(run);
  if (decl.recurring) arm(run, index, due.index, due.entry, next_due(run, decl, due.due));
  Occurrence occurrence;
  occurrence.name = "timer";
  occurrence.by_name = false;
  occurrence.state = index;
  occurrence.direct = &decl.transitions;
  occurrence.label = decl.recurring ? Label::every : Label::after;
  occurrence.detail = timer_text(decl);
  return occurrence;
}

}  // namespace vozex::stepping
