// SPDX-License-Identifier: Apache-2.0
//
// TimerHeap: which instances have something due soon: the next minute of what the store knows, and
// what this process arms itself. One entry an instance, its earliest. Those of one instant go in
// the order in which they came, which for a page is the store's own: neighbours there are fired in
// one batch. An entry may be out of date: whoever fires it looks at the snapshot. Bounded: beyond
// the bound the latest are forgotten, and the store is asked again in time. Thread rule: the
// driver's lock. Tests: tests/unit/runtime.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "engine/ports/work_store.h"
#include "engine/runtime/timers/timer_lag.h"

namespace vozex::runtime {

inline constexpr Duration k_timer_horizon{std::chrono::seconds{60}};
inline constexpr Duration k_timer_refill{std::chrono::seconds{5}};
inline constexpr std::size_t k_max_heap_timers = 100'000;
inline constexpr std::size_t k_timer_page = 5'000;
// When a page was full, the next is read so long before its last is due, and not while more than
// so many of it are left: where ten thousand are due at one instant, that time comes with the page.
// Pages are at least so far apart.
inline constexpr Duration k_timer_margin{std::chrono::milliseconds{1500}};
inline constexpr std::size_t k_timer_left = k_timer_page / 2;
inline constexpr Duration k_timer_min_refill{std::chrono::milliseconds{20}};
// What this process arms in shards that others look after, it fires itself when it is due sooner
// than they are sure to have read it.
inline constexpr Duration k_timer_foreign{2 * k_timer_refill};
// Handed to lanes and not yet heard of: no more than so many.
inline constexpr std::size_t k_max_fired_timers = 20'000;
// A timer that was handed to a lane and not heard of for so long is fired again.
inline constexpr Duration k_timer_patience{std::chrono::seconds{30}};

class TimerHeap {
 public:
  // The next due time of an instance, as committed; none when it has none. Ends the wait for a
  // fired one.
  void set(const ports::InstanceKey& instance, std::optional<Timestamp> due, Timestamp now);
  // A page of the store: everything due before `horizon`, or the first of it when `complete` is
  // false.
  void refill(const std::vector<ports::DueTimer>& page,
              Timestamp horizon,
              bool complete,
              Timestamp now);

  // What a heartbeat heard that was sent at `sent`: the earliest timer of all shards. When that is
  // far off, it is as good as an empty page.
  void heard(std::optional<Timestamp> first, Timestamp sent);

  // Takes out what is due; it is not given again before set() or patience ends.
  std::vector<ports::DueTimer> take_due(Timestamp now, std::size_t limit);
  // When something is due, as far as it is known.
  std::optional<Timestamp> next_due() const;
  // When the store should be asked: up to here everything is known.
  Timestamp known_until() const { return known_until_; }
  Timestamp refill_at() const;
  bool wants_refill(Timestamp now) const { return refill_at() <= now; }
  // How many to ask for: those that are being fired still stand in the store.
  std::size_t page_size() const { return k_timer_page + fired_.size(); }

  // The shards whose timers are this process's; at first all of them. What it has of others goes,
  // and the store is asked at once for what it got.
  void share(const ports::ShardSet& shards, Timestamp now);
  const ports::ShardSet& shards() const { return shards_; }

  std::size_t size() const { return dues_.size(); }
  // Of the timers that were fired here and heard of again.
  const TimerLag& lag() const { return lag_; }
  void clear();

 private:
  using Place = std::pair<Timestamp, std::uint64_t>;  // due, and which put it was
  void put(const ports::InstanceKey& instance, Timestamp due);
  bool is_ours(const ports::InstanceKey& instance, Timestamp due, Timestamp now) const;
  std::optional<Place> low_of(const std::vector<ports::DueTimer>& page) const;

  ports::ShardSet shards_ = ports::ShardSet().set();
  std::map<ports::InstanceKey, Place> dues_;
  std::map<Place, ports::InstanceKey> order_;
  std::uint64_t puts_ = 0;
  std::optional<Place> low_;  // of a full page: more than enough is left while the first is before
  struct Fired {
    Timestamp at;  // when it was handed out
    Timestamp due;
  };
  std::map<ports::InstanceKey, Fired> fired_;
  TimerLag lag_;
  Timestamp known_until_{};
  Timestamp refilled_at_{};
  bool refilled_ = false;
};

}  // namespace vozex::runtime
