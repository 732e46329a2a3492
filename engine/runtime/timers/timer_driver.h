// SPDX-License-Identifier: Apache-2.0
//
// TimerDriver: the thread around TimerHeap: sleeps until the next due time, hands what is due to
// the lanes, asks the store for the next minute.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "engine/runtime/items/host.h"
#include "engine/runtime/timers/timer_heap.h"

namespace vozex::runtime {

class TimerDriver {
 public:
  explicit TimerDriver(Host& host) : host_(host) {}
  ~TimerDriver() { stop(); }

  void start();
  void stop();
  void set(const std::vector<std::pair<ports::InstanceKey, std::optional<Timestamp>>>& changes);
  void clear();
  // Whose timers are ours.
  void share(const ports::ShardSet& shards);
  // The earliest timer in the store, of a heartbeat that was sent at `sent`.
  void heard(std::optional<Timestamp> first, Timestamp sent);
  TimerLag lag() const;

 private:
  void run();
  void refill(std::unique_lock<std::mutex>& lock);

  Host& host_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  TimerHeap heap_;
  std::uint64_t changes_ = 0;  // counts set(): a page that was read meanwhile may be older
  Timestamp retry_at_{};
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vozex::runtime
