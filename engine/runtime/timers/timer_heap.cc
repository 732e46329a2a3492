// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/timers/timer_heap.h"

#include <algorithm>

namespace vozex::runtime {

void TimerHeap::put(const ports::InstanceKey& instance, Timestamp due) {
  const auto [entry, is_new] = dues_.try_emplace(instance, due, puts_);
  if (!is_new) {
    if (entry->second.first == due) return;
    order_.erase(entry->second);
    entry->second = {due, puts_};
  }
  order_.emplace_hint(order_.end(), entry->second, instance);
  ++puts_;
  if (order_.size() <= k_max_heap_timers) return;
  const auto last = std::prev(order_.end());
  known_until_ = std::min(known_until_, last->first.first);
  dues_.erase(last->second);
  order_.erase(last);
}

void TimerHeap::set(const ports::InstanceKey& instance,
                    std::optional<Timestamp> due,
                    Timestamp now) {
  if (const auto fired = fired_.find(instance); fired != fired_.end()) {
    lag_.note(now - fired->second.due);
    fired_.erase(fired);
  }
  const auto found = dues_.find(instance);
  if (found != dues_.end()) {
    order_.erase(found->second);
    dues_.erase(found);
  }
  // What is due later comes with a refill.
  if (due && *due < now + k_timer_horizon && is_ours(instance, *due, now)) put(instance, *due);
}

bool TimerHeap::is_ours(const ports::InstanceKey& instance, Timestamp due, Timestamp now) const {
  return shards_.test(instance.shard) || due < now + k_timer_foreign;
}

void TimerHeap::share(const ports::ShardSet& shards, Timestamp now) {
  if (shards == shards_) return;
  const bool gained = (shards & ~shards_).any();
  shards_ = shards;
  for (auto entry = dues_.begin(); entry != dues_.end();) {
    if (is_ours(entry->first, entry->second.first, now)) {
      ++entry;
      continue;
    }
    order_.erase(entry->second);
    entry = dues_.erase(entry);
  }
  if (gained) refilled_ = false;
}

void TimerHeap::refill(const std::vector<ports::DueTimer>& page,
                       Timestamp horizon,
                       bool complete,
                       Timestamp now) {
  refilled_ = true;
  refilled_at_ = now;
  known_until_ = complete || page.empty() ? horizon : page.back().due;
  std::erase_if(fired_,
                [now](const auto& entry) { return now - entry.second.at > k_timer_patience; });
  for (const ports::DueTimer& timer : page) {
    if (!fired_.contains(timer.instance)) put(timer.instance, timer.due);
  }
  low_ = complete ? std::nullopt : low_of(page);
}

// The place of the one after which k_timer_left of the page are left; none when there are fewer.
std::optional<TimerHeap::Place> TimerHeap::low_of(const std::vector<ports::DueTimer>& page) const {
  std::size_t left = 0;
  for (auto timer = page.rbegin(); timer != page.rend(); ++timer) {
    const auto found = dues_.find(timer->instance);
    if (found != dues_.end() && ++left == k_timer_left) return found->second;
  }
  return std::nullopt;
}

void TimerHeap::heard(std::optional<Timestamp> first, Timestamp sent) {
  const Timestamp horizon = sent + k_timer_horizon;
  const bool newer = refilled_ && refilled_at_ < sent;
  if (!newer || (first && *first < horizon)) return;
  refilled_at_ = sent;
  known_until_ = horizon;
  low_.reset();
}

std::vector<ports::DueTimer> TimerHeap::take_due(Timestamp now, std::size_t limit) {
  std::vector<ports::DueTimer> due;
  while (!order_.empty() && order_.begin()->first.first <= now && due.size() < limit &&
         fired_.size() < k_max_fired_timers) {
    const auto [place, instance] = *order_.begin();
    order_.erase(order_.begin());
    dues_.erase(instance);
    fired_[instance] = {now, place.first};
    due.push_back({instance, place.first});
  }
  return due;
}

std::optional<Timestamp> TimerHeap::next_due() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->first.first;
}

Timestamp TimerHeap::refill_at() const {
  if (!refilled_) return {};
  if (low_ && !order_.empty() && order_.begin()->first < *low_)
    return refilled_at_ + k_timer_refill;
  // There may be more than what was read, and that is nearly used up.
  const Timestamp used_up =
      std::max(known_until_ - k_timer_margin, refilled_at_ + k_timer_min_refill);
  return std::min(refilled_at_ + k_timer_refill, used_up);
}

void TimerHeap::clear() {
  dues_.clear();
  order_.clear();
  fired_.clear();
  low_.reset();
  refilled_ = false;
}

}  // namespace vozex::runtime
