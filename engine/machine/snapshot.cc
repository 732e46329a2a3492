// SPDX-License-Identifier: Apache-2.0
#include "engine/machine/snapshot.h"

#include <algorithm>

namespace vozex::machine {

const char* to_string(Life life) {
  switch (life) {
    case Life::running: return "running";
    case Life::held: return "held";
    case Life::suspended: return "suspended";
    case Life::completed: return "completed";
    case Life::failed: return "failed";
    case Life::cancelled: return "cancelled";
  }
  return "running";
}

const char* to_string(ItemStatus status) {
  switch (status) {
    case ItemStatus::waiting: return "waiting";
    case ItemStatus::running: return "running";
    case ItemStatus::done: return "done";
    case ItemStatus::failed: return "failed";
    case ItemStatus::cancelled: return "cancelled";
  }
  return "waiting";
}

bool Snapshot::is_active(StateIndex state) const {
  return std::binary_search(configuration.begin(), configuration.end(), state);
}

std::optional<Timestamp> next_due(const Snapshot& snapshot) {
  if (snapshot.life != Life::running) return std::nullopt;
  std::optional<Timestamp> due;
  const auto take = [&due](Timestamp at) {
    if (!due || at < *due) due = at;
  };
  for (const ArmedTimer& timer : snapshot.timers) take(timer.due);
  for (const PendingSend& send : snapshot.sends) take(send.due);
  return due;
}

std::optional<TimerDue> next_timer(const Machine& machine, const Snapshot& snapshot) {
  const std::optional<Timestamp> due = next_due(snapshot);
  if (!due) return std::nullopt;
  for (std::size_t i = 0; i < snapshot.sends.size(); ++i) {
    const PendingSend& send = snapshot.sends[i];
    if (send.due == *due) return TimerDue{"", static_cast<std::uint16_t>(i), send.entry, *due};
  }
  for (const ArmedTimer& timer : snapshot.timers) {
    if (timer.due != *due || timer.state >= machine.states.size()) continue;
    return TimerDue{machine.states[timer.state].path, timer.index, timer.entry, *due};
  }
  return std::nullopt;
}

std::string state_text(const Machine& machine, const Snapshot& snapshot) {
  std::string text;
  for (const StateIndex index : snapshot.configuration) {
    if (index >= machine.states.size()) continue;
    const State& state = machine.states[index];
    if (state.kind != StateKind::atomic && state.kind != StateKind::final) continue;
    if (!text.empty()) text += ',';
    text += state.path;
  }
  return text;
}

}  // namespace vozex::machine
