// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/timers/schedules.h"

#include <algorithm>
#include <utility>

#include "engine/expr/cron.h"
#include "engine/machine/scope.h"

namespace vozex::runtime {
namespace {

class MomentActivation final : public expr::Activation {
 public:
  MomentActivation(Timestamp due, const types::Value& config)
      : now_(types::Value::timestamp(due)), config_(config) {}

  const types::Value* variable(expr::Slot slot) const override {
    if (slot == machine::k_slot_now) return &now_;
    if (slot == machine::k_slot_config) return &config_;
    return nullptr;
  }
  bool in_state(std::string_view) const override { return false; }

 private:
  types::Value now_;
  const types::Value& config_;
};

std::optional<Timestamp> next_moment(const machine::StartSchedule& schedule, Timestamp after) {
  const auto cron = expr::Cron::parse(schedule.cron);
  return cron ? cron->next(after, schedule.timezone) : std::nullopt;
}

// How many schedules before this one are due at the same moment: they are told apart by that.
std::size_t rank_at(const machine::Machine& machine, std::size_t position, Timestamp due) {
  std::size_t rank = 0;
  for (std::size_t i = 0; i < position; ++i) {
    if (next_moment(machine.start_schedules[i], due - Duration{1}) == due) ++rank;
  }
  return rank;
}

}  // namespace

std::optional<Timestamp> last_due(const machine::StartSchedule& schedule,
                                  Timestamp since,
                                  Timestamp now) {
  const auto cron = expr::Cron::parse(schedule.cron);
  if (!cron) return std::nullopt;
  // Looked for in growing windows, so that a schedule of each minute isn't walked for a month.
  constexpr int k_growth = 4;
  for (Duration window{std::chrono::hours{1}};; window *= k_growth) {
    const Timestamp from = std::max(since, now - window);
    auto found = cron->next(from, schedule.timezone);
    if (found && *found <= now) {
      for (auto later = found; later && *later <= now;
           later = cron->next(*later, schedule.timezone))
        found = later;
      return found;
    }
    if (from == since) return std::nullopt;
  }
}

Result<ScheduledStart> scheduled_start(const Definitions& definitions,
                                       const machine::Machine& machine,
                                       std::size_t position,
                                       Timestamp due) {
  ScheduledStart start;
  start.due = due;
  start.order.workflow = machine.workflow;
  start.order.source = "schedule:" + machine.workflow;
  start.order.id = format_timestamp(due);
  if (const std::size_t rank = rank_at(machine, position, due); rank > 0)
    start.order.id += "#" + std::to_string(rank + 1);
  const machine::StartSchedule& schedule = machine.start_schedules[position];
  const MomentActivation activation(due, definitions.config_of(machine));
  auto input = expr::evaluate(*schedule.input, activation);
  if (!input) {
    return fail(ErrorClass::invalid,
                "invalid_input",
                "the schedule \"" + schedule.cron + "\" of " + machine.workflow +
                    " can't make its input for " + format_timestamp(due) + ": " +
                    input.error().message);
  }
  start.order.input = *std::move(input);
  return start;
}

std::vector<ScheduledStart> Schedules::due(const Definitions& definitions,
                                           Timestamp now,
                                           std::vector<std::string>& unusable) {
  std::vector<ScheduledStart> starts;
  for (auto& [at, start] : retries_) {
    if (at <= now) starts.push_back(std::move(start));
  }
  std::erase_if(retries_, [now](const auto& retry) { return retry.first <= now; });
  std::map<Place, std::optional<Timestamp>> next;
  for (const Definitions::Scheduled& scheduled : definitions.scheduled()) {
    const machine::Machine& machine = *scheduled.machine;
    for (std::size_t i = 0; i < machine.start_schedules.size(); ++i) {
      const machine::StartSchedule& schedule = machine.start_schedules[i];
      const Place place{machine.workflow, machine.version, i};
      const auto known = next_.find(place);
      if (known != next_.end() && (!known->second || *known->second > now)) {
        next.insert(*known);
        continue;
      }
      const Timestamp since = known != next_.end()
                                  ? *known->second - Duration{1}
                                  : std::max(scheduled.since, now - k_schedule_catch_up);
      if (const auto moment = last_due(schedule, since, now)) {
        auto start = scheduled_start(definitions, machine, i, *moment);
        if (start) {
          starts.push_back(std::move(*start));
        } else {
          unusable.push_back(start.error().message);
        }
      }
      next[place] = next_moment(schedule, now);
    }
  }
  next_ = std::move(next);
  return starts;
}

Timestamp Schedules::next(Timestamp now) const {
  Timestamp next = now + k_schedule_look;
  for (const auto& [place, moment] : next_) {
    if (moment) next = std::min(next, *moment);
  }
  for (const auto& [at, start] : retries_) next = std::min(next, at);
  return next;
}

void Schedules::failed(ScheduledStart start, Timestamp now) {
  if (retries_.size() < k_max_schedule_retries)
    retries_.emplace_back(now + k_schedule_retry, std::move(start));
}

}  // namespace vozex::runtime
