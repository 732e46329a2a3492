// SPDX-License-Identifier: Apache-2.0
//
// Metrics: what Prometheus reads at /metrics: requests by route and status with their times, and
// what the engine counts. Routes are patterns, so the number of series is bounded. Thread rule: any
// thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/runtime/engine.h"

namespace vozex::handlers {

// Queues may be computed: the number of their series is bounded.
inline constexpr std::size_t k_max_task_queues = 200;

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // For http::Observe.
  void observe(std::string_view method,
               std::string_view pattern,
               unsigned status,
               std::chrono::microseconds took);

  // Prometheus' text format 0.0.4. `parked_now` is what the store says, negative when it can't say.
  // Of `tasks` each queue is a series, up to k_max_task_queues; the rest is added up under
  // "(others)". `waiting`: requests that wait for an instance.
  std::string text(const runtime::Engine::Stats& stats,
                   std::int64_t parked_now,
                   const std::vector<ports::TaskCount>& tasks = {},
                   std::size_t waiting = 0) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vozex::handlers
