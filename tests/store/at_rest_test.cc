// SPDX-License-Identifier: Apache-2.0
//
// A whole engine, with its threads, on each store: while nothing changes it asks for its heartbeat
// and for nothing else; what another process leaves behind is found all the same. The rules behind
// it, for hours of virtual time: tests/unit/runtime/chores_test.cc. What the whole program asks a
// PostgreSQL: tests/api/database_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>

#include "engine/runtime/engine.h"
#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using testing::IsEmpty;

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

class CountingRandom final : public ports::Random {
 public:
  std::uint64_t next() override { return ++state_ * 0x9E3779B97F4A7C15ull; }
  InstanceId new_instance_id(Timestamp) override {
    InstanceId id;
    for (std::size_t i = 0; i < id.bytes.size(); i += 8) {
      const std::uint64_t bits = next();
      for (std::size_t j = 0; j < 8; ++j)
        id.bytes[i + j] = static_cast<std::uint8_t>(bits >> 8 * j);
    }
    return id;
  }

 private:
  std::atomic<std::uint64_t> state_{0};
};

// Passes everything on and counts what was asked, by name.
class CountingStore final : public ports::Store,
                            private ports::DefinitionStore,
                            private ports::SessionStore,
                            private ports::WorkStore,
                            private ports::QueryStore {
 public:
  explicit CountingStore(ports::Store& inner) : inner_(inner) {}

  // What was asked until there were `beats` more heartbeats, those aside.
  std::map<std::string, int> asked_during(int beats) {
    std::unique_lock lock(mutex_);
    asked_.clear();
    const int until = beats_ + beats;
    EXPECT_TRUE(beaten_.wait_for(lock, std::chrono::seconds(60), [&] { return beats_ >= until; }));
    return asked_;
  }

  Result<std::unique_ptr<ports::LaneStore>> open_lane() override {
    count("open_lane");
    return inner_.open_lane();
  }
  ports::DefinitionStore& definitions() override { return *this; }
  ports::SessionStore& sessions() override { return *this; }
  ports::WorkStore& work() override { return *this; }
  ports::QueryStore& queries() override { return *this; }
  ports::InboxStore& inbox() override {
    count("inbox");
    return inner_.inbox();
  }

 private:
  void count(const char* name) {
    const std::lock_guard lock(mutex_);
    ++asked_[name];
  }

  Result<void> put(const std::vector<ports::DefinitionRow>& rows) override {
    count("put");
    return inner_.definitions().put(rows);
  }
  Result<std::vector<ports::DefinitionRow>> all() override {
    count("definitions");
    return inner_.definitions().all();
  }
  Result<void> join(const SessionId& session, const std::string& name) override {
    count("join");
    return inner_.sessions().join(session, name);
  }
  Result<ports::Beat> beat(const SessionId& session, Duration lease) override {
    auto beat = inner_.sessions().beat(session, lease);
    const std::lock_guard lock(mutex_);
    ++beats_;
    beaten_.notify_all();
    return beat;
  }
  Result<void> leave(const SessionId& session) override {
    count("leave");
    return inner_.sessions().leave(session);
  }
  Result<Inheritance> inherit(const SessionId& heir, Duration lease, std::size_t limit) override {
    count("inherit");
    return inner_.sessions().inherit(heir, lease, limit);
  }
  Result<std::vector<ports::DueTimer>> timers_before(Timestamp horizon,
                                                     const ports::ShardSet& shards,
                                                     std::size_t limit) override {
    count("timers");
    return inner_.work().timers_before(horizon, shards, limit);
  }
  Result<std::vector<CallRow>> claim_calls(const SessionId& session,
                                           const std::string& adapter,
                                           Timestamp now,
                                           std::size_t limit) override {
    count("claim_calls");
    return inner_.work().claim_calls(session, adapter, now, limit);
  }
  Result<std::vector<ports::WaitingCalls>> waiting_calls() override {
    count("waiting_calls");
    return inner_.work().waiting_calls();
  }
  Result<std::vector<BindingKey>> unclaimed(ports::Holding holding, std::size_t limit) override {
    count(holding == ports::Holding::live ? "unclaimed" : "ended_keys");
    return inner_.work().unclaimed(holding, limit);
  }
  Result<std::size_t> expire_parked(Timestamp now, std::size_t limit) override {
    count("expire");
    return inner_.work().expire_parked(now, limit);
  }
  Result<std::vector<ports::TenantCount>> parked_by_tenant() override {
    count("parked_by_tenant");
    return inner_.work().parked_by_tenant();
  }
  Result<std::optional<InstanceRow>> instance(const InstanceId& id) override {
    count("instance");
    return inner_.queries().instance(id);
  }
  Result<std::vector<InstanceRow>> instances(const ports::InstanceFilter& filter,
                                             std::size_t limit) override {
    count("instances");
    return inner_.queries().instances(filter, limit);
  }
  Result<std::vector<ports::HistoryRow>> history(const InstanceId& id,
                                                 std::uint32_t after_seq,
                                                 std::size_t limit) override {
    count("history");
    return inner_.queries().history(id, after_seq, limit);
  }
  Result<std::vector<CallRow>> calls(const ports::CallFilter& filter, std::size_t limit) override {
    count("calls");
    return inner_.queries().calls(filter, limit);
  }
  Result<std::vector<ports::StateCount>> counts(const std::string& tenant) override {
    count("counts");
    return inner_.queries().counts(tenant);
  }
  Result<std::uint64_t> parked_count() override {
    count("parked_count");
    return inner_.queries().parked_count();
  }
  Result<void> ping() override {
    count("ping");
    return inner_.queries().ping();
  }

  ports::Store& inner_;
  std::mutex mutex_;
  std::condition_variable beaten_;
  std::map<std::string, int> asked_;
  int beats_ = 0;
};

class AtRest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    counting_ = std::make_unique<CountingStore>(store());
    runtime::EngineOptions options;
    options.beat = std::chrono::milliseconds(200);
    engine_ = std::make_unique<runtime::Engine>(
        runtime::Engine::Ports{counting_.get(), &clock_, &random_, {}, {}}, options);
    ASSERT_TRUE(engine_->run().has_value());
  }
  void TearDown() override {
    if (engine_ != nullptr) engine_->stop(Duration{0});
  }
  using Asked = std::map<std::string, int>;
  // Longer than the shortest clocks of the chores and of the timers.
  Asked asked() { return counting_->asked_during(32); }
  bool comes_to_rest() {
    for (int i = 0; i < 10; ++i) {
      if (counting_->asked_during(8).empty()) return true;
    }
    return false;
  }

  RealClock clock_;
  CountingRandom random_;
  std::unique_ptr<CountingStore> counting_;
  std::unique_ptr<runtime::Engine> engine_;
};
// Not the simulated store: its clock stands still.
INSTANTIATE_TEST_SUITE_P(Stores,
                         AtRest,
                         testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& kind) { return to_string(kind.param); });

TEST_P(AtRest, NothingIsAskedButTheHeartbeat) {
  // What waits for later, and for nothing that this engine could do.
  Group timed = start(1, "k");
  timed.instances[0].row.timer_at = clock_.now() + Duration(std::chrono::hours(1));
  Group waiting;
  CallRow row = call_row(call_id(2));
  row.state = CallState::waiting;
  row.owner = {};
  row.next_at = clock_.now() + Duration(std::chrono::hours(1));
  waiting.calls.push_back(call(CallOp::insert, row));
  Group early = parking("e", {order_key("later")});
  early.parks[0].expires_at = clock_.now() + Duration(std::chrono::hours(1));
  commit({timed, waiting, early});
  ASSERT_TRUE(comes_to_rest());
  EXPECT_THAT(asked(), IsEmpty());
}

TEST_P(AtRest, WhatADeadProcessLeftIsFoundAtTheNextHeartbeat) {
  ASSERT_TRUE(comes_to_rest());
  ASSERT_TRUE(store().sessions().join(session_id(7), "dead").has_value());
  ASSERT_TRUE(store().sessions().leave(session_id(7)).has_value());
  Group orphan;
  CallRow row = call_row(call_id(3));
  row.owner = session_id(7);
  orphan.calls.push_back(call(CallOp::insert, row));
  commit({orphan});
  const Asked asked = counting_->asked_during(32);
  EXPECT_GE(asked.count("inherit"), 1u);
  const auto left = store().queries().calls({CallState::leased, {}, {}, {}}, 10).value();
  for (const CallRow& call : left) EXPECT_NE(call.owner, session_id(7));
}

TEST_P(AtRest, ATimerOfAnotherProcessIsReadInTime) {
  ASSERT_TRUE(comes_to_rest());
  Group timed = start(1);
  timed.instances[0].row.timer_at = clock_.now() + Duration(std::chrono::seconds(30));
  commit({timed});
  EXPECT_GE(counting_->asked_during(32)["timers"], 1);
}

}  // namespace
}  // namespace vozex::store_test
