// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/lanes/lane_driver.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/runtime/quiet_host.h"
#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

constexpr std::chrono::hours k_ever{1};

const char* const k_note = R"(
vozex: 1
workflow: note
version: 1
initial: open
states: {open: {}}
)";

void wait_until_one_waits(const CommitsUnderWay& commits) {
  while (commits.waiting() == 0) std::this_thread::yield();
}

TEST(CommitsUnderWay, AtRestNobodyWaits) {
  CommitsUnderWay commits;
  EXPECT_FALSE(commits.wait_for_end(k_ever));
  {
    const CommitsUnderWay::One over(commits);
  }
  EXPECT_FALSE(commits.wait_for_end(k_ever));
}

TEST(CommitsUnderWay, TheFirstEndIsEnough) {
  CommitsUnderWay commits;
  const CommitsUnderWay::One goes_on(commits);
  std::optional<CommitsUnderWay::One> ends(commits);
  bool ended = false;
  std::thread waiting([&] { ended = commits.wait_for_end(k_ever); });
  wait_until_one_waits(commits);
  ends.reset();
  waiting.join();
  EXPECT_TRUE(ended);
  EXPECT_EQ(commits.waiting(), 0u);
}

TEST(CommitsUnderWay, NobodyWaitsLongerThanItSays) {
  CommitsUnderWay commits;
  const CommitsUnderWay::One goes_on(commits);
  EXPECT_FALSE(commits.wait_for_end(Duration{1}));
  EXPECT_FALSE(commits.wait_for_end(Duration{0}));
  EXPECT_EQ(commits.waiting(), 0u);
}

// Four hours go by between two looks at the clock, so that a pause ends only with a commit.
class SlowHost final : public QuietHost {
 public:
  explicit SlowHost(Rig& rig) : rig_(rig) {}
  Timestamp now() const override { return rig_.now + ++looks_ * std::chrono::hours{4}; }
  DefinitionsRef definitions() const override { return rig_.definitions; }
  ports::Store& store() override { return rig_.store; }
  void publish(Publish publish) override {
    for (auto& [done, answer] : publish.answers) done(std::move(answer));
    const std::lock_guard lock(mutex_);
    answers_.push_back(publish.answers.size());
    some_.notify_all();
  }
  // To how many it answered after each batch, when it has answered `count` in all.
  std::vector<std::size_t> answers(std::size_t count) {
    std::unique_lock lock(mutex_);
    some_.wait_for(lock, k_ever, [&] {
      std::size_t all = 0;
      for (const std::size_t some : answers_) all += some;
      return all >= count;
    });
    return answers_;
  }

 private:
  Rig& rig_;
  mutable std::atomic<int> looks_{0};
  std::mutex mutex_;  // guards what follows
  std::condition_variable some_;
  std::vector<std::size_t> answers_;
};

Item one_more(Rig& rig) {
  Item item = rig.start("note", types::Value());
  item.done = [](const Result<EventAnswer>& answer) { EXPECT_TRUE(answer); };
  return item;
}

LaneOptions patient() {
  LaneOptions options;
  options.longest_pause = k_ever;
  return options;
}

TEST(LaneDriver, WhatComesWhileAnotherLaneCommitsSharesABatch) {
  Rig rig({k_note});
  SlowHost host(rig);
  CommitsUnderWay commits;
  LaneDriver lane(host, rig, rig, rig, commits, patient());
  std::optional<CommitsUnderWay::One> another(commits);
  for (int i = 0; i < 2; ++i) lane.offer(one_more(rig));
  lane.start();
  wait_until_one_waits(commits);
  for (int i = 0; i < 3; ++i) lane.offer(one_more(rig));
  another.reset();
  EXPECT_EQ(host.answers(5), (std::vector<std::size_t>{2, 3}));
}

TEST(LaneDriver, NobodyElseCommitsAndItGoesOnAtOnce) {
  Rig rig({k_note});
  SlowHost host(rig);
  CommitsUnderWay commits;
  LaneDriver lane(host, rig, rig, rig, commits, patient());
  for (int i = 0; i < 2; ++i) lane.offer(one_more(rig));
  lane.start();
  EXPECT_EQ(host.answers(2), std::vector<std::size_t>{2});
  lane.offer(one_more(rig));
  EXPECT_EQ(host.answers(3), (std::vector<std::size_t>{2, 1}));
}

TEST(LaneDriver, WhatIsOfferedTogetherSharesABatch) {
  Rig rig({k_note});
  SlowHost host(rig);
  CommitsUnderWay commits;
  LaneDriver lane(host, rig, rig, rig, commits, patient());
  lane.start();
  std::vector<Item> items;
  for (int i = 0; i < 5; ++i) items.push_back(one_more(rig));
  lane.offer(std::move(items));
  EXPECT_EQ(host.answers(5), std::vector<std::size_t>{5});
}

TEST(LaneDriver, OfWhatIsOfferedTogetherAfterTheEndEachIsToldSo) {
  Rig rig({k_note});
  SlowHost host(rig);
  CommitsUnderWay commits;
  LaneDriver lane(host, rig, rig, rig, commits, patient());
  lane.start();
  lane.stop();
  std::vector<std::string> codes;
  std::vector<Item> items;
  for (int i = 0; i < 2; ++i) {
    items.push_back(rig.start("note", types::Value()));
    items.back().done = [&codes](const Result<EventAnswer>& answer) {
      codes.push_back(answer ? "" : answer.error().code);
    };
  }
  lane.offer(std::move(items));
  EXPECT_EQ(codes, (std::vector<std::string>{"stopping", "stopping"}));
}

}  // namespace
}  // namespace vozex::runtime
