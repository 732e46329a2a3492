// SPDX-License-Identifier: Apache-2.0
//
// Chores: what a process looks after besides its lanes, and when: what dead sessions left, keys on
// which events wait, calls that wait in the store, timers, events that waited too long, definitions
// that others deployed. Says what is to be asked; what the answers mean for the lanes is here, too.
// Without I/O. Thread rule: the driver's lock. Tests: tests/unit/runtime, tests/simulation.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/ports/store.h"
#include "engine/runtime/item.h"

namespace vozex::runtime {

enum class Chore : std::uint8_t {
  inherit,
  unclaimed,
  claim_calls,
  next_call,
  timers,
  expire,
  definitions,
  schedules
};

inline constexpr Duration k_inherit_every{std::chrono::seconds{3}};
inline constexpr Duration k_unclaimed_every{std::chrono::seconds{5}};
inline constexpr Duration k_next_call_every{std::chrono::seconds{5}};
inline constexpr Duration k_expire_every{std::chrono::minutes{1}};
inline constexpr Duration k_definitions_every{std::chrono::seconds{10}};
inline constexpr std::size_t k_inherit_page = 500;
inline constexpr std::size_t k_unclaimed_page = 200;
inline constexpr std::size_t k_claim_page = 200;
inline constexpr std::size_t k_expire_page = 1000;

class Chores {
 public:
  // What to do at `now`, each once; `timers` is asked of the heap.
  std::vector<Chore> due(Timestamp now) const;
  Timestamp next(Timestamp now) const;

  // Done, or failed: again at its own time, or at once when there was a full page.
  void done(Chore chore, Timestamp now, bool more = false);
  void failed(Chore chore, Timestamp now);
  // Done, and again at `at`.
  void done_until(Chore chore, Timestamp at) { at_[chore] = at; }
  // A new session: everything at once.
  void restart();

  // Calls wait in the store from `at` on; nothing when none do.
  void calls_wait(std::optional<Timestamp> at, Timestamp now);
  // Room was made for calls.
  bool wants_calls(Timestamp now) const { return calls_at_ && *calls_at_ <= now; }

 private:
  std::map<Chore, Timestamp> at_;
  std::optional<Timestamp> calls_at_;
  Timestamp no_calls_before_{};
};

// What a dead session left, as items.
struct Inherited {
  std::vector<Item> items;
  std::vector<std::string> unreadable;  // for the log
};
Inherited items_of(const ports::SessionStore::Inheritance& inheritance);

// Calls claimed from the store: certainly not under way.
Item item_of_claimed(const ports::CallRow& row);

}  // namespace vozex::runtime
