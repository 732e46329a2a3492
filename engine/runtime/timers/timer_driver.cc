// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/timers/timer_driver.h"

#include <algorithm>

namespace vozex::runtime {
namespace {

constexpr std::size_t k_due_at_once = 1000;
constexpr Duration k_after_failure{std::chrono::seconds{1}};

}  // namespace

void TimerDriver::start() {
  thread_ = std::thread([this] { run(); });
}

void TimerDriver::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void TimerDriver::set(
    const std::vector<std::pair<ports::InstanceKey, std::optional<Timestamp>>>& changes) {
  if (changes.empty()) return;
  bool earlier = false;
  {
    const std::lock_guard lock(mutex_);
    const Timestamp now = host_.now();
    const auto before = heap_.next_due();
    for (const auto& [instance, due] : changes) heap_.set(instance, due, now);
    const auto after = heap_.next_due();
    earlier = (after && (!before || *after < *before)) || heap_.wants_refill(now);
    ++changes_;
  }
  if (earlier) wake_.notify_one();
}

void TimerDriver::clear() {
  const std::lock_guard lock(mutex_);
  heap_.clear();
  wake_.notify_one();
}

void TimerDriver::share(const ports::ShardSet& shards) {
  const std::lock_guard lock(mutex_);
  heap_.share(shards, host_.now());
  if (heap_.wants_refill(host_.now())) wake_.notify_one();
}

TimerLag TimerDriver::lag() const {
  const std::lock_guard lock(mutex_);
  return heap_.lag();
}

void TimerDriver::heard(std::optional<Timestamp> first, Timestamp sent) {
  const std::lock_guard lock(mutex_);
  heap_.heard(first, sent);
}

// A timer that was changed while the page was read may come back with its old due time: it is found
// not to be due.
void TimerDriver::refill(std::unique_lock<std::mutex>& lock) {
  const Timestamp now = host_.now();
  const Timestamp horizon = now + k_timer_horizon;
  const std::size_t size = heap_.page_size();
  const ports::ShardSet shards = heap_.shards();
  lock.unlock();
  auto page = host_.store().work().timers_before(horizon, shards, size);
  lock.lock();
  if (!page) {
    retry_at_ = now + k_after_failure;
    return;
  }
  // Of other shards than ours by now: read again.
  if (shards != heap_.shards()) return;
  heap_.refill(*page, horizon, page->size() < size, now);
}

void TimerDriver::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    Timestamp now = host_.now();
    if (heap_.wants_refill(now) && now >= retry_at_) refill(lock);
    now = host_.now();
    const std::vector<ports::DueTimer> due = heap_.take_due(now, k_due_at_once);
    if (!due.empty()) {
      lock.unlock();
      for (const ports::DueTimer& timer : due) {
        Item item;
        item.order = TimerOrder{timer.instance, timer.due};
        host_.offer(std::move(item));
      }
      lock.lock();
      continue;
    }
    Duration wait = std::max(heap_.refill_at(), retry_at_) - now;
    if (const auto next = heap_.next_due()) wait = std::min(wait, *next - now);
    wake_.wait_for(lock, std::max(wait, Duration{100}));
  }
}

}  // namespace vozex::runtime
