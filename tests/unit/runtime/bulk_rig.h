// SPDX-License-Identifier: Apache-2.0
//
// BulkRig: an engine with its threads on the simulated store, and what batches need.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/simulated/simulated_batches.h"
#include "adapters/simulated/simulated_store.h"
#include "engine/runtime/ops/bulk_driver.h"
#include "engine/types/json.h"
#include "tests/unit/runtime/sources.h"

namespace vozex::runtime {

class RealClock final : public ports::Clock {
 public:
  Timestamp now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
  Duration boot() const override {
    return std::chrono::duration_cast<Duration>(
        std::chrono::steady_clock::now().time_since_epoch());
  }
};

class Counter final : public ports::Random {
 public:
  std::uint64_t next() override { return ++state_ * 0x9E3779B97F4A7C15ull; }
  InstanceId new_instance_id(Timestamp) override {
    InstanceId id;
    for (int half = 0; half < 2; ++half) {
      const std::uint64_t bits = next();
      for (std::size_t i = 0; i < 8; ++i)
        id.bytes[8 * static_cast<std::size_t>(half) + i] =
            static_cast<std::uint8_t>(bits >> (8 * i));
    }
    return id;
  }

 private:
  std::atomic<std::uint64_t> state_{0};
};

class BulkRig : public testing::Test {
 protected:
  BulkRig() {
    store_.use_clock([this] { return clock_.now(); });
    engine_ =
        std::make_unique<Engine>(Engine::Ports{&store_, &clock_, &random_, {}}, EngineOptions{});
    EXPECT_TRUE(engine_->run());
  }
  ~BulkRig() override { engine_->stop(std::chrono::seconds(1)); }

  void open_tickets(int count) {
    std::vector<std::future<void>> answers;
    for (int i = 0; i < count; ++i) {
      StartOrder start;
      start.workflow = "ticket";
      start.input =
          types::Value::object({{"number", types::Value::string("t" + std::to_string(i))}});
      auto promise = std::make_shared<std::promise<void>>();
      answers.push_back(promise->get_future());
      engine_->start(std::move(start), [promise](Result<EventAnswer> answer) {
        EXPECT_TRUE(answer);
        promise->set_value();
      });
    }
    for (const std::future<void>& answer : answers) answer.wait();
  }

  std::unique_ptr<BulkDriver> driver() {
    return std::make_unique<BulkDriver>(
        BulkDriver::Ports{engine_.get(), &batches_, &store_.queries(), &clock_, &random_},
        std::chrono::milliseconds(200));
  }

  ports::BatchId make(const BulkOrder& order, std::uint32_t rate = 0) {
    ports::BatchRow row;
    row.id.bytes = random_.new_instance_id({}).bytes;
    row.tenant = "default";
    row.order = types::to_json(to_value(order));
    row.rate = rate;
    row.created_at = clock_.now();
    return batches_.create(row).value().id;
  }

  ports::BatchRow wait(const ports::BatchId& id,
                       const std::function<bool(const ports::BatchRow&)>& holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    for (;;) {
      const ports::BatchRow row = *batches_.batch(id).value();
      if (holds(row) || std::chrono::steady_clock::now() > until) return row;
      std::promise<void> never;
      never.get_future().wait_for(std::chrono::milliseconds(2));
    }
  }
  static bool is_done(const ports::BatchRow& row) { return row.state == ports::BatchState::done; }

  static Result<EventAnswer> wait_for(const std::function<void(Done<EventAnswer>)>& act) {
    auto promise = std::make_shared<std::promise<Result<EventAnswer>>>();
    auto future = promise->get_future();
    act([promise](Result<EventAnswer> answer) { promise->set_value(std::move(answer)); });
    return future.get();
  }
  Engine& engine() { return *engine_; }
  simulated::SimulatedStore& store() { return store_; }
  ports::BatchStore& batches() { return batches_; }
  Timestamp now() const { return clock_.now(); }

 private:
  RealClock clock_;
  Counter random_;
  simulated::SimulatedStore store_;
  simulated::SimulatedBatches batches_{[this] { return clock_.now(); }};
  std::unique_ptr<Engine> engine_;
};

}  // namespace vozex::runtime
