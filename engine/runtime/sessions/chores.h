// SPDX-License-Identifier: Apache-2.0
//
// Chores: what a process looks after besides its lanes, and when: what dead sessions left, keys on
// which events wait, calls that wait in the store, timers, events that waited too long, definitions
// that others deployed. Says what is to be asked; what the answers mean for the lanes is here, too.
// Each chore has its clock, but while the heartbeats say that there is nothing for it, it is not
// asked for: a process at rest asks nothing. Without I/O. Thread rule: the driver's lock. Tests:
// tests/unit/runtime, tests/simulation.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/ports/work_store.h"
#include "engine/runtime/items/item.h"

namespace vozex::runtime {

enum class Chore : std::uint8_t {
  inherit,
  unclaimed,
  ended_keys,
  waiting_calls,
  parked,
  expire,
  definitions,
  schedules
};

inline constexpr Duration k_inherit_every{std::chrono::seconds{3}};
inline constexpr Duration k_unclaimed_every{std::chrono::seconds{5}};
inline constexpr Duration k_ended_keys_every{std::chrono::minutes{1}};
inline constexpr Duration k_waiting_calls_every{std::chrono::seconds{5}};
inline constexpr Duration k_parked_every{std::chrono::seconds{10}};
inline constexpr Duration k_expire_every{std::chrono::minutes{1}};
inline constexpr Duration k_definitions_every{std::chrono::seconds{10}};
inline constexpr std::size_t k_inherit_page = 500;
inline constexpr std::size_t k_unclaimed_page = 200;
inline constexpr std::size_t k_claim_page = 200;
// Without room for an adapter's calls, it is looked at again after so long.
inline constexpr Duration k_no_room_pause{std::chrono::milliseconds{50}};
inline constexpr std::size_t k_expire_page = 1000;
// Older news answer nothing: without heartbeats everything is asked for again.
inline constexpr Duration k_news_age{std::chrono::seconds{10}};
// Whatever the news say, everything is asked for so often.
inline constexpr Duration k_at_least_every{std::chrono::hours{1}};
// An event that was admitted to wait is committed, or given up, after so long.
inline constexpr Duration k_park_settles{std::chrono::minutes{1}};

class Chores {
 public:
  // What to do at `now`, each once.
  std::vector<Chore> due(Timestamp now) const;
  Timestamp next(Timestamp now) const;

  // Begun at `now` and done, or failed: again at its own time, or at once when there was a full
  // page.
  void done(Chore chore, Timestamp now, bool more = false);
  void failed(Chore chore, Timestamp now);
  // Done, and again at `at`.
  void done_until(Chore chore, Timestamp at) { states_[chore].at = at; }
  // A new session: everything at once.
  void restart();

  // What a heartbeat heard that was sent at `sent`. True when others share the work now.
  bool heard(const ports::News& news, Timestamp sent);
  // An early event is about to wait in the store.
  void parks(Timestamp now) { parks_at_ = now; }

  // Calls were put into the store: ask which wait.
  void calls_wait(Timestamp now);
  // What waits there, all of it.
  void calls_wait(const std::vector<ports::WaitingCalls>& waiting);
  // Adapters whose waiting calls should be claimed now.
  std::vector<std::string> claims(Timestamp now) const;
  // Some were claimed; with `more`, there are more. Without room, look again at `again`.
  void claimed(const std::string& adapter, Timestamp now, bool more);
  void no_room(const std::string& adapter, Timestamp now, std::optional<Timestamp> again);

 private:
  struct State {
    Timestamp at{};                 // due
    std::optional<Timestamp> done;  // when it was begun last, with nothing left to do
  };
  State state_of(Chore chore) const;
  bool spared(Chore chore, Timestamp now) const;
  bool says_nothing(Chore chore, const State& state, Timestamp now) const;

  std::map<Chore, State> states_;
  std::map<std::string, Timestamp> calls_at_;  // by adapter
  std::map<std::string, Timestamp> no_room_until_;
  std::optional<ports::News> news_;
  Timestamp sent_{};           // of the news
  Timestamp shared_at_{};      // the living changed
  Timestamp calls_stirred_{};  // calls were put into the store: older news don't know of them
  std::optional<Timestamp> parks_at_;
  std::string definitions_;  // as they were when they were read last
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
