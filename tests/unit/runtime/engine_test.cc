// SPDX-License-Identifier: Apache-2.0
// The facade with its threads, on the simulated store: a slice through everything.
#include "engine/runtime/engine.h"

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "adapters/simulated/simulated_store.h"
#include "tests/unit/runtime/sources.h"

namespace vozex::runtime {
namespace {

using machine::Disposition;
using types::Value;

// Real time plus what the test adds.
class JumpingClock final : public ports::Clock {
 public:
  Timestamp now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()) + ahead();
  }
  Duration boot() const override {
    return std::chrono::duration_cast<Duration>(
        std::chrono::steady_clock::now().time_since_epoch());
  }
  void jump(Duration by) { ahead_ += by.count(); }

 private:
  Duration ahead() const { return Duration{ahead_.load()}; }
  std::atomic<std::int64_t> ahead_{0};
};

class CountingRandom final : public ports::Random {
 public:
  std::uint64_t next() override { return ++state_ * 0x9E3779B97F4A7C15ull; }
  InstanceId new_instance_id(Timestamp) override {
    InstanceId id;
    const std::uint64_t high = next();
    const std::uint64_t low = next();
    for (std::size_t i = 0; i < 8; ++i) {
      id.bytes[i] = static_cast<std::uint8_t>(high >> (8 * i));
      id.bytes[8 + i] = static_cast<std::uint8_t>(low >> (8 * i));
    }
    return id;
  }

 private:
  std::atomic<std::uint64_t> state_{0};
};

class Bank final : public ports::Adapter {
 public:
  std::string_view name() const override { return "bank"; }
  ports::CallReply call(const ports::CallRequest& request) override {
    const std::lock_guard lock(mutex_);
    ++calls_[request.operation];
    return Value::object({{"reference", Value::string("ref-" + request.idempotency_key)}});
  }
  int calls(const std::string& operation) {
    const std::lock_guard lock(mutex_);
    return calls_[operation];
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> calls_;
};

class EngineTest : public testing::Test {
 protected:
  EngineTest() {
    store_.use_clock([this] { return clock_.now(); });
    EngineOptions options;
    options.lanes = 2;
    engine_ =
        std::make_unique<Engine>(Engine::Ports{&store_, &clock_, &random_, {&bank_}}, options);
    EXPECT_TRUE(engine_->run());
    const auto deployed = engine_->deploy(compiled({k_bank, k_shop, k_parcel}));
    EXPECT_TRUE(deployed) << deployed.error().message;
  }

  Result<EventAnswer> start(const std::string& order, const std::string& id = "") {
    return wait([&](Done<EventAnswer> done) {
      StartOrder start;
      start.workflow = "shop";
      start.input = Value::object({{"order", Value::string(order)}});
      start.source = "test";
      start.id = id;
      engine_->start(std::move(start), std::move(done));
    });
  }

  Result<EventAnswer> post(const std::string& name, const std::string& id, Value data) {
    return wait([&](Done<EventAnswer> done) {
      machine::Event event;
      event.id = id;
      event.source = "test";
      event.name = name;
      event.data = std::move(data);
      engine_->post(std::move(event), std::move(done));
    });
  }

  Result<EventAnswer> paid(const std::string& order, const std::string& id) {
    return post("shop.paid",
                id,
                Value::object({{"order", Value::string(order)}, {"amount", Value::integer(7)}}));
  }

  static Result<EventAnswer> wait(const std::function<void(Done<EventAnswer>)>& act) {
    auto promise = std::make_shared<std::promise<Result<EventAnswer>>>();
    auto future = promise->get_future();
    act([promise](Result<EventAnswer> answer) { promise->set_value(std::move(answer)); });
    if (future.wait_for(std::chrono::seconds(20)) != std::future_status::ready) {
      return fail(ErrorClass::unavailable, "no_answer", "no answer within 20 s");
    }
    return future.get();
  }

  // Waits for a state, at most 10 s.
  std::string state_of(const std::string& workflow,
                       const std::string& key,
                       const std::string& wanted) {
    std::string state;
    for (int i = 0; i < 2000; ++i) {
      const auto view = engine_->find("default", workflow, key);
      if (view && *view) state = (*view)->row.state;
      if (state == wanted) return state;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return state;
  }

  JumpingClock clock_;
  CountingRandom random_;
  simulated::SimulatedStore store_;
  Bank bank_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(EngineTest, AnOrderGoesThroughCallEventChildAndTimer) {
  const auto started = start("o1");
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_EQ(started->disposition, Disposition::created);
  ASSERT_EQ(started->deliveries.size(), 1u);
  EXPECT_EQ(started->deliveries[0].to, "charging");
  EXPECT_EQ(state_of("shop", "o1", "waiting"), "waiting");
  EXPECT_EQ(bank_.calls("charge"), 1);

  const auto answer = paid("o1", "e1");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->disposition, Disposition::transitioned);
  EXPECT_EQ(answer->deliveries.at(0).to, "packing");
  EXPECT_EQ(state_of("parcel", "parcel-o1", "packing"), "packing");

  clock_.jump(std::chrono::minutes(11));
  EXPECT_EQ(state_of("parcel", "parcel-o1", "sent"), "sent");
  EXPECT_EQ(state_of("shop", "o1", "shipped"), "shipped");

  const auto closed = post("shop.closed", "e2", Value::object({{"order", Value::string("o1")}}));
  ASSERT_TRUE(closed) << closed.error().message;
  EXPECT_EQ(closed->deliveries.at(0).to, "done");
  EXPECT_EQ(engine_->stats().calls_dead, 0u);
}

TEST_F(EngineTest, AnswersAndChangesAreGivenInsideWhatSurroundsThem) {
  engine_->stop(std::chrono::seconds(1));
  engine_ = std::make_unique<Engine>(Engine::Ports{&store_, &clock_, &random_, {&bank_}},
                                     EngineOptions{});
  static thread_local bool is_inside = false;
  std::atomic<int> surroundings{0};
  std::atomic<int> outside{0};
  engine_->surround([&](const std::function<void()>& give) {
    ++surroundings;
    is_inside = true;
    give();
    is_inside = false;
  });
  engine_->watch([&](const Engine::Change&) { outside += is_inside ? 0 : 1; });
  ASSERT_TRUE(engine_->run());
  const auto answer = wait([&](Done<EventAnswer> done) {
    StartOrder order;
    order.workflow = "shop";
    order.input = Value::object({{"order", Value::string("o1")}});
    engine_->start(std::move(order), [&, done](Result<EventAnswer> given) {
      outside += is_inside ? 0 : 1;
      done(std::move(given));
    });
  });
  ASSERT_TRUE(answer) << answer.error().message;
  engine_->stop(std::chrono::seconds(1));
  EXPECT_GT(surroundings, 0);
  EXPECT_EQ(outside, 0);
}

TEST_F(EngineTest, ADuplicateGetsTheFirstAnswer) {
  ASSERT_TRUE(start("o1", "s1"));
  const auto again = start("o1", "s1");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->disposition, Disposition::duplicate);
  ASSERT_EQ(again->deliveries.size(), 1u);
  EXPECT_EQ(again->deliveries[0].disposition, Disposition::created);

  EXPECT_EQ(state_of("shop", "o1", "waiting"), "waiting");
  ASSERT_TRUE(paid("o1", "e1"));
  const auto twice = paid("o1", "e1");
  ASSERT_TRUE(twice);
  EXPECT_EQ(twice->disposition, Disposition::duplicate);
  EXPECT_EQ(twice->deliveries.at(0).to, "packing");
}

TEST_F(EngineTest, ALiveKeyIsTaken) {
  ASSERT_TRUE(start("o1"));
  const auto second = start("o1");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "key_taken");
  EXPECT_EQ(second.error().kind, ErrorClass::conflict);
}

TEST_F(EngineTest, AnEarlyEventWaitsForItsInstance) {
  const auto early = paid("o1", "e1");
  ASSERT_TRUE(early) << early.error().message;
  EXPECT_EQ(early->disposition, Disposition::waiting);
  ASSERT_TRUE(start("o1"));
  EXPECT_EQ(state_of("shop", "o1", "packing"), "packing");
  const auto again = paid("o1", "e1");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->disposition, Disposition::duplicate);
}

TEST_F(EngineTest, WhatDoesNotFitIsRefusedAtTheDoor) {
  const auto wrong = post("shop.paid", "e1", Value::object({{"order", Value::integer(1)}}));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "invalid_payload");
  EXPECT_EQ(wrong.error().details.size(), 2u);
  const auto unknown = post("shop.nothing", "e1", Value::map({}));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, "unknown_event");
  const auto input = wait([&](Done<EventAnswer> done) {
    engine_->start({"default", "shop", Value::map({}), "", "", ""}, std::move(done));
  });
  ASSERT_FALSE(input);
  EXPECT_EQ(input.error().code, "invalid_input");
}

TEST_F(EngineTest, PeopleActAndAreToldWhyNot) {
  const auto started = start("o1");
  ASSERT_TRUE(started);
  EXPECT_EQ(state_of("shop", "o1", "waiting"), "waiting");
  const InstanceId id = started->deliveries.at(0).instance;
  const auto act = [&](std::vector<std::string> roles) {
    return wait([&](Done<EventAnswer> done) {
      engine_->act({id, "close", {"ann", std::move(roles)}, {}, "", ""}, std::move(done));
    });
  };
  const auto refused = act({"viewer"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorClass::refused);
  const auto closed = act({"ops"});
  ASSERT_TRUE(closed) << closed.error().message;
  EXPECT_EQ(closed->deliveries.at(0).to, "done");
  const auto late = act({"ops"});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, "instance_ended");
}

TEST_F(EngineTest, EverybodyIsAnsweredWhenItStops) {
  store_.set_unavailable(true);
  std::atomic<int> answers{0};
  for (int i = 0; i < 100; ++i) {
    StartOrder order;
    order.workflow = "shop";
    order.input = Value::object({{"order", Value::string("o" + std::to_string(i))}});
    engine_->start(std::move(order), [&answers](Result<EventAnswer> answer) {
      EXPECT_FALSE(answer);
      ++answers;
    });
  }
  engine_->stop(Duration{0});
  EXPECT_EQ(answers, 100);
  EXPECT_EQ(engine_->stats().queued, 0u);
  const auto late = start("o");
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, "stopping");
}

TEST_F(EngineTest, ManyThreadsAtOnce) {
  constexpr int k_threads = 8;
  constexpr int k_orders = 40;
  std::vector<std::thread> threads;
  std::atomic<int> fine{0};
  for (int t = 0; t < k_threads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < k_orders; ++i) {
        const std::string order = std::to_string(t) + "-" + std::to_string(i);
        if (start(order, order) && start(order, order) && paid(order, "paid-" + order)) ++fine;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(fine, k_threads * k_orders);
  // Lanes make the calls of one thread's orders in any order: the last one is no sign of the
  // others.
  for (int t = 0; t < k_threads; ++t) {
    for (int i = 0; i < k_orders; ++i) {
      const std::string order = std::to_string(t) + "-" + std::to_string(i);
      EXPECT_EQ(state_of("shop", order, "packing"), "packing") << order;
    }
  }
  EXPECT_EQ(bank_.calls("charge"), k_threads * k_orders);
}

TEST_F(EngineTest, AnotherProcessFindsDefinitionsAndInstances) {
  ASSERT_TRUE(start("o1"));
  EXPECT_EQ(state_of("shop", "o1", "waiting"), "waiting");
  engine_->stop(std::chrono::seconds(5));
  EngineOptions options;
  options.lanes = 1;
  engine_ = std::make_unique<Engine>(Engine::Ports{&store_, &clock_, &random_, {&bank_}}, options);
  ASSERT_TRUE(engine_->run());
  EXPECT_EQ(engine_->definitions().size(), 2u);
  const auto answer = paid("o1", "e1");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->deliveries.at(0).to, "packing");
}

constexpr const char* k_hourly = R"(
vozex: 1
workflow: hourly
version: 1
input: {at: timestamp}
start:
  schedule: {cron: "0 * * * *", input: {at: "${now}"}}
states:
  open: {after: {365d: done}}
  done: {type: final}
)";

// By due moment: how many instances.
std::map<std::string, int> started_hours(simulated::SimulatedStore& store, std::size_t wanted) {
  std::map<std::string, int> hours;
  for (int i = 0; i < 2000 && hours.size() < wanted; ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    hours.clear();
    ports::InstanceFilter filter;
    filter.tenant = "default";
    filter.workflow = "hourly";
    const auto rows = store.queries().instances(filter, 100);
    for (const ports::InstanceRow& row : *rows) ++hours[row.input];
  }
  return hours;
}

TEST_F(EngineTest, AScheduleStartsOncePerMomentAcrossRestarts) {
  constexpr Duration k_hour{std::chrono::hours{1}};
  const Timestamp now = clock_.now();
  const Timestamp full = std::chrono::floor<std::chrono::hours>(now) + k_hour;
  clock_.jump(full - now - std::chrono::milliseconds{300});
  ASSERT_TRUE(engine_->deploy(compiled({k_hourly})));
  const auto first = started_hours(store_, 1);
  ASSERT_EQ(first.size(), 1u) << "the moment came while it ran";
  EXPECT_NE(first.begin()->first.find(format_timestamp(full)), std::string::npos);

  // Down for four hours: the last moment is made up for, and the first isn't started again.
  engine_->stop(std::chrono::seconds(1));
  clock_.jump(4 * k_hour);
  EngineOptions options;
  options.lanes = 2;
  engine_ = std::make_unique<Engine>(Engine::Ports{&store_, &clock_, &random_, {&bank_}}, options);
  ASSERT_TRUE(engine_->run());
  const auto both = started_hours(store_, 2);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both.begin()->second, 1);
  EXPECT_EQ(both.rbegin()->second, 1);
  EXPECT_NE(both.rbegin()->first.find(format_timestamp(full + 4 * k_hour)), std::string::npos);
}

}  // namespace
}  // namespace vozex::runtime
