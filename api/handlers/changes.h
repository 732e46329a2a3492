// SPDX-License-Identifier: Apache-2.0
//
// Changes: who waits for a state rather than for an event. The engine says after each commit what
// it changed (Engine::watch); followers of that tree are woken, and told when their time is up.
// Costs nothing while nobody follows. Thread rule: any thread; `woken` runs on a lane's thread and
// must not block.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "engine/runtime/engine.h"

namespace vozex::handlers {

class Changes {
 public:
  using Woken = std::function<void(const runtime::Engine::Change&)>;

  Changes();
  ~Changes();
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;

  // For Engine::watch.
  void notify(const runtime::Engine::Change& change);

  // Follows the tree of `root` until the follower is dropped or `patience` has passed; then
  // `expired` is called once, on a thread of this class.
  class Follower;
  std::shared_ptr<Follower> follow(const InstanceId& root,
                                   std::chrono::milliseconds patience,
                                   Woken woken,
                                   std::function<void()> expired);

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  void watch_deadlines();
  void forget(const Follower* follower);

  std::atomic<std::size_t> count_{0};
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::multimap<InstanceId, std::weak_ptr<Follower>> by_root_;
  std::multimap<Deadline, std::weak_ptr<Follower>> by_deadline_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vozex::handlers
