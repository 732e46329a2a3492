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

#include "engine/runtime/engine.h"

namespace vozex::handlers {

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
  std::string text(const runtime::Engine::Stats& stats, std::int64_t parked_now) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vozex::handlers
