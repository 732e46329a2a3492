// SPDX-License-Identifier: Apache-2.0
//
// Changes: who waits for a state rather than for an event. The engine says after each commit what
// it changed (Engine::watch); followers of that topic are woken, and told when their time is up.
// Knows the commits of this process only. Costs nothing while nobody follows. Thread rule: any
// thread; `woken` runs on a lane's thread and must not block.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/runtime/engine.h"

namespace vozex::handlers {

// Beyond, nobody should begin to follow; see is_full().
inline constexpr std::size_t k_max_followers = 20'000;
// Looks for what another process has done, at one time: those who wait leave the workers to others.
inline constexpr std::size_t k_max_looks = 16;

class Changes {
 public:
  using Woken = std::function<void(const runtime::Engine::Change&)>;

  Changes();
  ~Changes();
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;

  // For Engine::watch.
  void notify(const runtime::Engine::Change& change);
  // Somebody follows the instance itself, or its key: notify() then wants its view.
  bool is_wanted(const runtime::Engine::Change& change);

  // What may be followed.
  using Topic = std::string;
  static Topic tree(const InstanceId& root);
  static Topic instance(const InstanceId& id);
  static Topic key(const std::string& workflow, const std::string& key);

  // Follows the topic until the follower is dropped or `patience` has passed; then `expired` is
  // called once, on a thread of this class.
  class Follower;
  std::shared_ptr<Follower> follow(Topic topic,
                                   std::chrono::milliseconds patience,
                                   Woken woken,
                                   std::function<void()> expired);

  std::size_t followers() const { return count_.load(std::memory_order_acquire); }
  bool is_full() const { return followers() >= k_max_followers; }
  // For Engine::listen: whether other processes live, whose commits are not heard of here.
  void heard(const ports::News& news) { others_ = news.living.size() > 1; }
  // One more look may be taken for what they have done; give_look() when it is over.
  bool take_look();
  void give_look() { --looks_; }
  // The server ends: everybody's time is up, also of those who come now.
  void close();
  bool is_closed() const { return closed_.load(); }

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  void watch_deadlines();
  void forget(const Follower* follower);

  std::atomic<std::size_t> count_{0};
  std::atomic<bool> closed_{false};
  std::atomic<bool> others_{false};
  std::atomic<std::size_t> looks_{0};
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::multimap<Topic, std::weak_ptr<Follower>> by_topic_;
  std::multimap<Deadline, std::weak_ptr<Follower>> by_deadline_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vozex::handlers
