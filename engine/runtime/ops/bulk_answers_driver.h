// SPDX-License-Identifier: Apache-2.0
//
// Collected: answers that come from the lanes' threads, for one thread that waits for all of them,
// but not for ever. Shared by pointer: an answer that comes later still has a place to go. Thread
// rule: any thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/time.h"

namespace vozex::runtime {

template <class T>
class Collected {
 public:
  void expect() {
    const std::lock_guard lock(mutex_);
    ++open_;
  }
  // Nothing: an answer that says nothing.
  void take(std::optional<T> value) {
    const std::lock_guard lock(mutex_);
    if (value) values_.push_back(*std::move(value));
    --open_;
    all_.notify_all();
  }
  // Those that came in time.
  std::vector<T> wait(Duration most) {
    std::unique_lock lock(mutex_);
    all_.wait_for(lock, most, [this] { return open_ == 0; });
    return std::exchange(values_, {});
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable all_;
  std::size_t open_ = 0;
  std::vector<T> values_;
};

}  // namespace vozex::runtime
