// SPDX-License-Identifier: Apache-2.0
//
// BulkDriver: the thread that runs batches of ops (bulk.h) through an Engine: claims those that are
// free, lists their instances, does a chunk of items at the batch's rate, records the results. A
// process that dies leaves its batches to whoever claims them after the lease. With nothing to run
// it asks the store once in a lease, or not at all while heartbeats say that no batch runs. Also
// plans, which write nothing. Files: bulk_driver.cc (the thread and its rounds), bulk_apply.cc
// (what is done to instances), bulk_plan.cc. Thread rule: start and stop by one thread, the rest by
// any. Tests: tests/unit/runtime/bulk_test.cc, tests/api/batch_test.cc.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "engine/ports/clock.h"
#include "engine/runtime/ops/bulk.h"
#include "engine/runtime/ops/bulk_answers_driver.h"

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

class BulkDriver {
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
  ~BulkDriver() { stop(); }
  BulkDriver(const BulkDriver&) = delete;
  BulkDriver& operator=(const BulkDriver&) = delete;

  void start();
  // Ends the round under way and gives the batches back. Before the engine stops.
  void stop();
  // There may be something new to run.
  void wake();
  // For Engine::listen(): while no batch runs anywhere, none is asked for. May outlive this.
  std::function<void(const ports::News&)> listener() const;

  Result<BulkPlan> plan(const BulkOrder& order, const std::string& tenant);

 private:
  struct Candidate {
    ports::InstanceRow row;
    std::vector<ports::CallRow> dead;
  };
  struct Page {
    std::vector<Candidate> found;
    InstanceId cursor;
    bool last = false;
  };

  void run();
  // When there is more to do; nothing: when somebody wakes it.
  std::optional<Timestamp> work(bool look);
  std::optional<Timestamp> round(ports::BatchRow& row);
  std::optional<Timestamp> after_trouble(const ports::BatchRow& row, const Error& error) const;
  Result<Page> page(const BulkOrder& order, const std::string& tenant, const InstanceId& after);
  Result<ports::BatchRound> list(const ports::BatchRow& row, const BulkOrder& order);
  Result<ports::BatchRound> act(const ports::BatchRow& row, const BulkOrder& order);

  using Items = std::vector<ports::BatchItem>;
  using Results = std::shared_ptr<Collected<ports::BatchItem>>;
  struct Sent {
    InstanceId instance;
    Result<EventAnswer> answer;
  };
  // Of each item, when it is known.
  Items apply(const ports::BatchRow& row, const BulkOrder& order, const Items& items);
  Items retry(const ports::BatchRow& row, const BulkOrder& order, const Items& items);
  void operate(const ports::BatchRow& row,
               const BulkOrder& order,
               const InstanceId& instance,
               const Results& results);
  // How many were sent; errors of the store.
  Result<std::size_t> send_calls(const BulkOrder& order,
                                 const ports::BatchItem& item,
                                 const std::shared_ptr<Collected<Sent>>& sent);
  BulkForecast forecast_migration(const BulkOrder& order, const ports::InstanceRow& row) const;
  bool stopping();

  Ports ports_;
  Duration lease_;
  SessionId owner_;
  std::shared_ptr<std::atomic<bool>> may_run_ = std::make_shared<std::atomic<bool>>(true);
  // Of the thread: what it runs.
  std::vector<ports::BatchRow> rows_;
  Timestamp claimed_at_{};
  std::map<ports::BatchId, BulkPace> paces_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vozex::runtime
