// SPDX-License-Identifier: Apache-2.0
//
// BulkDriver: the thread around BulkCore, and the Engine that its orders go to. With nothing to run
// it asks the store once in a lease, or not at all while heartbeats say that no batch runs. Also
// plans, which write nothing (bulk_plan.cc). Thread rule: start and stop by one thread, the rest by
// any. Tests: tests/unit/runtime/bulk_test.cc, tests/api/batch_test.cc.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "engine/ports/clock.h"
#include "engine/runtime/ops/bulk_core.h"

namespace vozex::runtime {

// What a batch would do now.
struct BulkPlan {
  struct Line {
    std::string workflow;
    std::uint32_t version = 0;
    std::string state;
    std::string code;  // of the refusal; "" it would be done
    std::uint64_t count = 0;
  };
  struct Sample {
    ports::InstanceRow row;
    BulkForecast forecast;
  };
  std::uint64_t matched = 0;
  std::uint64_t would = 0;
  bool truncated = false;  // more than k_max_bulk_items match: the batch would stop there, too
  std::vector<Line> lines;
  std::vector<Sample> sample;  // the first of each line, at most k_max_sample
};
inline constexpr std::size_t k_max_sample = 20;

class BulkDriver final : private BulkHands {
 public:
  struct Ports {
    Engine* engine = nullptr;
    ports::BatchStore* batches = nullptr;
    ports::QueryStore* queries = nullptr;
    const ports::Clock* clock = nullptr;
    ports::Random* random = nullptr;
  };
  // All must outlive this. `lease` is how long a batch waits for a process that stopped.
  BulkDriver(Ports ports, Duration lease);
  ~BulkDriver() override { stop(); }
  BulkDriver(const BulkDriver&) = delete;
  BulkDriver& operator=(const BulkDriver&) = delete;

  void start();
  // Leaves the round under way and gives the batches back: who goes on with them finds what it did
  // as duplicates. Before the engine stops.
  void stop();
  // There may be something new to run.
  void wake();
  // For Engine::listen(): while no batch runs anywhere, none is asked for. May outlive this.
  std::function<void(const ports::News&)> listener() const;

  Result<BulkPlan> plan(const BulkOrder& order, const std::string& tenant);

 private:
  // Where answers of the lanes' threads go; they may come when the driver is gone.
  struct Inbox;

  void operate(std::uint64_t ticket, OpsOrder order) override;
  void retry_call(std::uint64_t ticket,
                  const ports::CallRow& call,
                  Engine::RetryCall order) override;
  Done<EventAnswer> answer_to(std::uint64_t ticket) const;

  void run();
  BulkForecast forecast_migration(const BulkOrder& order, const ports::InstanceRow& row) const;

  Ports ports_;
  Duration lease_;
  SessionId owner_;
  std::shared_ptr<std::atomic<bool>> may_run_ = std::make_shared<std::atomic<bool>>(true);
  std::shared_ptr<Inbox> inbox_;
  BulkCore core_;  // of the thread
  std::thread thread_;
};

}  // namespace vozex::runtime
