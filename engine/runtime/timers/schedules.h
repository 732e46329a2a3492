// SPDX-License-Identifier: Apache-2.0
//
// Schedules: which instances `start: schedule:` wants started, and when next. Every process asks
// for itself; that a due moment starts one instance in the whole installation is kept by the mark
// of its order, which is made from the workflow and the moment and so is the same everywhere. Of a
// workflow the newest version counts, from its deployment on. What a stopped or sleeping
// installation missed is made up for by the last moment of each schedule. Without I/O; pure but for
// what it remembers. Thread rule: the driver's lock. Tests: tests/unit/runtime, tests/simulation.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "engine/runtime/definitions/definitions.h"
#include "engine/runtime/engine.h"

namespace vozex::runtime {

// A moment longer ago than this is not made up for. Marks are kept for longer.
inline constexpr Duration k_schedule_catch_up{std::chrono::hours{24 * 31}};
// The definitions are looked at so often: others may have deployed.
inline constexpr Duration k_schedule_look{std::chrono::seconds{5}};
// A start that could not be stored is tried again after so long.
inline constexpr Duration k_schedule_retry{std::chrono::seconds{5}};
inline constexpr std::size_t k_max_schedule_retries = 1000;

struct ScheduledStart {
  StartOrder order;
  Timestamp due;
};

class Schedules {
 public:
  // What is to be started at `now`, each moment once from this process. `unusable` gets a line for
  // the log about each moment whose input can't be made: it is passed over.
  std::vector<ScheduledStart> due(const Definitions& definitions,
                                  Timestamp now,
                                  std::vector<std::string>& unusable);
  // When to ask again: at the next moment, and before k_schedule_look is over.
  Timestamp next(Timestamp now) const;

  // The store was away: again after a while. Beyond the bound the restart makes up for it.
  void failed(ScheduledStart start, Timestamp now);

 private:
  using Place = std::tuple<std::string, std::uint32_t, std::size_t>;  // workflow, version, position

  std::map<Place, std::optional<Timestamp>> next_;
  std::vector<std::pair<Timestamp, ScheduledStart>> retries_;
};

// The last moment of a schedule in (since, now]; nothing when there is none.
std::optional<Timestamp> last_due(const machine::StartSchedule& schedule,
                                  Timestamp since,
                                  Timestamp now);

// The start of one due moment. Error: the input's expression fails.
Result<ScheduledStart> scheduled_start(const Definitions& definitions,
                                       const machine::Machine& machine,
                                       std::size_t position,
                                       Timestamp due);

}  // namespace vozex::runtime
