// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/timers/sharing.h"

#include <gtest/gtest.h>

#include "engine/runtime/timers/timer_heap.h"

namespace vozex::runtime {
namespace {

SessionId session(std::uint8_t number) { return SessionId{Bytes16{7, number, 9}}; }

TEST(Sharing, OneAloneHasEverything) {
  EXPECT_TRUE(shards_of(session(1), {session(1)}).all());
  EXPECT_TRUE(shards_of(session(1), {}).all()) << "not yet seen among the living";
}

TEST(Sharing, EveryShardIsExactlyOnes) {
  std::vector<SessionId> living;
  for (std::uint8_t i = 1; i <= 5; ++i) living.push_back(session(i));
  ports::ShardSet all;
  for (const SessionId& one : living) {
    const ports::ShardSet own = shards_of(one, living);
    EXPECT_TRUE((all & own).none());
    EXPECT_GT(own.count(), 25u) << "a fair share of 256 is 51";
    all |= own;
  }
  EXPECT_TRUE(all.all());
}

TEST(Sharing, OnlyTheShardsOfADeadOneMove) {
  const std::vector<SessionId> before{session(1), session(2), session(3)};
  const std::vector<SessionId> after{session(1), session(3)};
  for (const SessionId& one : after) {
    const ports::ShardSet had = shards_of(one, before);
    EXPECT_TRUE((had & ~shards_of(one, after)).none()) << "nobody gives up what it had";
  }
}

const Timestamp k_now{std::chrono::hours{24 * 20'000}};

ports::InstanceKey instance(std::uint8_t number) { return {number, InstanceId{Bytes16{number}}}; }

TEST(TimerHeap, LeavesTheTimersOfOthersToThemUnlessTheyAreNear) {
  TimerHeap heap;
  heap.refill({}, k_now + k_timer_horizon, true, k_now);
  heap.set(instance(1), k_now + std::chrono::seconds{40}, k_now);
  heap.set(instance(2), k_now + std::chrono::seconds{40}, k_now);
  ports::ShardSet own;
  own.set(1);
  heap.share(own, k_now);
  EXPECT_EQ(heap.size(), 1u);
  EXPECT_FALSE(heap.wants_refill(k_now)) << "nothing was gained";
  heap.set(instance(2), k_now + std::chrono::seconds{30}, k_now);
  EXPECT_EQ(heap.size(), 1u) << "its own process reads it in time";
  heap.set(instance(2), k_now + std::chrono::seconds{1}, k_now);
  EXPECT_EQ(heap.size(), 2u) << "nobody else may know it in time";
}

TEST(TimerHeap, AsksAtOnceForTheShardsOfADeadOne) {
  TimerHeap heap;
  ports::ShardSet own;
  own.set(1);
  heap.share(own, k_now);
  heap.refill({}, k_now + k_timer_horizon, true, k_now);
  EXPECT_FALSE(heap.wants_refill(k_now));
  own.set(2);
  heap.share(own, k_now);
  EXPECT_TRUE(heap.wants_refill(k_now));
  EXPECT_EQ(heap.shards(), own);
}

}  // namespace
}  // namespace vozex::runtime
