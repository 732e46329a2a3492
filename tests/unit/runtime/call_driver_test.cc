// SPDX-License-Identifier: Apache-2.0
// The workers' wake-ups: one wakes the next while there is more to do, so that slow calls have a
// worker each and none is forgotten.
#include "engine/runtime/calls/call_driver.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>

#include <gtest/gtest.h>

#include "engine/runtime/items/messages.h"
#include "tests/unit/runtime/bulk_rig.h"
#include "tests/unit/runtime/quiet_host.h"

namespace vozex::runtime {
namespace {

// Beyond this a test has failed: nobody woke a worker.
constexpr std::chrono::seconds k_patience{60};

// Calls wait inside until `width` of them are there at once.
class Gathering final : public ports::Adapter {
 public:
  explicit Gathering(std::size_t width) : width_(width) {}
  std::string_view name() const override { return "bank"; }

  ports::CallReply call(const ports::CallRequest&) override {
    std::unique_lock lock(mutex_);
    most_ = std::max(most_, ++inside_);
    const std::size_t round = round_;
    if (inside_ == width_) {
      ++round_;
      inside_ = 0;
      all_.notify_all();
    } else if (!all_.wait_for(lock, k_patience, [&] { return round_ != round; })) {
      --inside_;
    }
    return types::Value();
  }
  std::size_t most() {
    const std::lock_guard lock(mutex_);
    return most_;
  }
  std::size_t inside() {
    const std::lock_guard lock(mutex_);
    return inside_;
  }

 private:
  const std::size_t width_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable all_;
  std::size_t inside_ = 0;
  std::size_t most_ = 0;
  std::size_t round_ = 0;
};

// Answers with words that not every store can keep.
class Stranger final : public ports::Adapter {
 public:
  std::string_view name() const override { return "bank"; }
  ports::CallReply call(const ports::CallRequest& request) override {
    const types::Value word = types::Value::string(std::string("a\0b", 3));
    if (request.id.seq == 1) return types::Value::object({{"word", word}});
    return tl::unexpected(ports::CallError{"no\n", std::string("\0", 1), false, false, {}, word});
  }
};

// Takes the ends of calls, and calls that go back.
class House final : public QuietHost {
 public:
  Timestamp now() const override { return clock_.now(); }
  void offer(Item item) override {
    const std::lock_guard lock(mutex_);
    if (const auto* ended = std::get_if<CallOrder>(&item.order)) {
      ended_.insert(ended->row.id);
      ends_.push_back(*ended);
    }
    // More than may wait here goes back to the store.
    if (const auto* back = std::get_if<CallWriteOrder>(&item.order))
      ended_.insert(back->write.row.id);
    ++offered_;
    some_.notify_all();
  }

  // How many different ones have come, when there are so many or nobody goes on.
  std::size_t wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    some_.wait_for(lock, k_patience, [&] { return ended_.size() >= count; });
    return ended_.size();
  }
  std::vector<CallOrder> ends() {
    const std::lock_guard lock(mutex_);
    return ends_;
  }
  std::size_t offered() {
    const std::lock_guard lock(mutex_);
    return offered_;
  }

 private:
  RealClock clock_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable some_;
  std::set<CallId> ended_;
  std::vector<CallOrder> ends_;
  std::size_t offered_ = 0;
};

class Workers : public testing::Test {
 protected:
  std::vector<OutgoingCall> calls(std::size_t count, std::optional<Duration> deadline = {}) {
    auto operation = std::make_shared<machine::OperationDecl>();
    operation->adapter = "bank";
    operation->name = "look";
    machine::StartCall start;
    start.operation = operation;
    start.of = machine::InvocationRef{"look", 1, 0};
    start.retry.deadline = deadline;
    std::vector<OutgoingCall> all(count);
    for (OutgoingCall& call : all) {
      call.row.id = {InstanceId{Bytes16{5}}, ++seq_, 0};
      call.row.adapter = "bank";
      call.row.owner = house_.session();
      call.row.decided_at = house_.now();
      call.row.request = request_text(start, {});
    }
    return all;
  }

  House house_;
  Counter random_;
  std::uint32_t seq_ = 0;
};

TEST_F(Workers, AreWokenUntilEachSlowCallHasOne) {
  constexpr std::size_t k_wide = 8;
  Gathering bank(k_wide);
  CallDriver driver(house_, random_, {&bank}, {}, CallLimits(k_wide));
  driver.take(calls(k_wide));  // together: one wake-up, and the rest is the chain's
  EXPECT_EQ(house_.wait_for(k_wide), k_wide);
  EXPECT_EQ(bank.most(), k_wide);
  for (OutgoingCall& call : calls(k_wide)) {  // and one by one, to workers that rest
    std::vector<OutgoingCall> one;
    one.push_back(std::move(call));
    driver.take(std::move(one));
  }
  EXPECT_EQ(house_.wait_for(2 * k_wide), 2 * k_wide);
  EXPECT_EQ(bank.most(), k_wide) << "never more than the limit";
}

// All of them wait for an adapter that hangs, so it was ended when the first came back.
TEST_F(Workers, EndWhatHasNoTurnBeforeItsDeadlineThoughAllAreAtWork) {
  Gathering bank(2);
  CallDriver driver(house_, random_, {&bank}, {}, CallLimits(1));
  driver.take(calls(1));
  driver.take(calls(1, std::chrono::milliseconds(20)));
  EXPECT_EQ(house_.wait_for(1), 1u);
  EXPECT_EQ(bank.inside(), 1u) << "the other one is under way still";
  static_cast<void>(bank.call({}));  // and now it comes back
  EXPECT_EQ(house_.wait_for(2), 2u);
  EXPECT_EQ(bank.most(), 2u) << "the test's own is one of them";
}

TEST_F(Workers, ForgetNoneOfAThousandQuickCalls) {
  constexpr std::size_t k_calls = 1000;
  Gathering bank(1);  // answers at once
  CallDriver driver(house_, random_, {&bank}, {}, CallLimits(4));
  std::vector<std::thread> lanes;
  for (std::size_t lane = 0; lane < 4; ++lane) {
    lanes.emplace_back([&driver, mine = calls(k_calls / 4)]() mutable {
      for (OutgoingCall& call : mine) {
        std::vector<OutgoingCall> one;
        one.push_back(std::move(call));
        driver.take(std::move(one));
      }
    });
  }
  for (std::thread& lane : lanes) lane.join();
  EXPECT_EQ(house_.wait_for(k_calls), k_calls);
  driver.stop();
  EXPECT_EQ(house_.offered(), k_calls);
}

TEST_F(Workers, HearOthersWordsAsEveryStoreCanKeepThem) {
  Stranger bank;
  CallDriver driver(house_, random_, {&bank}, {}, CallLimits(1));
  driver.take(calls(2));
  ASSERT_EQ(house_.wait_for(2), 2u);
  const std::vector<CallOrder> ends = house_.ends();
  ASSERT_EQ(ends.size(), 2u);
  const CallOrder& good = ends[ends[0].ok ? 0 : 1];
  const CallOrder& bad = ends[ends[0].ok ? 1 : 0];
  EXPECT_EQ(good.result.text_at("word"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(bad.error.message, "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace vozex::runtime
