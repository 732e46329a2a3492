// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/timers/timer_heap.h"

#include <gtest/gtest.h>

namespace vozex::runtime {
namespace {

using std::chrono::seconds;

const Timestamp k_now{std::chrono::hours{24 * 20'000}};

ports::InstanceKey instance(std::uint8_t number) { return {number, InstanceId{Bytes16{number}}}; }

TEST(TimerHeap, GivesWhatIsDueEarliestFirstAndOnce) {
  TimerHeap heap;
  heap.set(instance(1), k_now + seconds{3}, k_now);
  heap.set(instance(2), k_now + seconds{1}, k_now);
  heap.set(instance(3), k_now + seconds{30}, k_now);
  EXPECT_EQ(heap.next_due(), k_now + seconds{1});
  const auto due = heap.take_due(k_now + seconds{5}, 10);
  ASSERT_EQ(due.size(), 2u);
  EXPECT_EQ(due[0].instance, instance(2));
  EXPECT_EQ(due[1].instance, instance(1));
  EXPECT_TRUE(heap.take_due(k_now + seconds{5}, 10).empty());
}

TEST(TimerHeap, AChangeReplacesAndRemoves) {
  TimerHeap heap;
  heap.set(instance(1), k_now + seconds{3}, k_now);
  heap.set(instance(1), k_now + seconds{9}, k_now);
  EXPECT_TRUE(heap.take_due(k_now + seconds{5}, 10).empty());
  heap.set(instance(1), std::nullopt, k_now);
  EXPECT_EQ(heap.size(), 0u);
}

TEST(TimerHeap, WhatIsFarAwayComesWithARefill) {
  TimerHeap heap;
  heap.set(instance(1), k_now + std::chrono::hours{1}, k_now);
  EXPECT_EQ(heap.size(), 0u);
}

TEST(TimerHeap, ARefillDoesNotRepeatWhatIsBeingFired) {
  TimerHeap heap;
  const std::vector<ports::DueTimer> page{{instance(1), k_now}};
  heap.refill(page, k_now + seconds{60}, true, k_now);
  EXPECT_EQ(heap.take_due(k_now, 10).size(), 1u);
  heap.refill(page, k_now + seconds{60}, true, k_now + seconds{5});
  EXPECT_TRUE(heap.take_due(k_now + seconds{5}, 10).empty());
  // Nobody said what became of it: once more after a while.
  heap.refill(page, k_now + seconds{120}, true, k_now + seconds{60});
  EXPECT_EQ(heap.take_due(k_now + seconds{60}, 10).size(), 1u);
  // The lane said so: at once.
  heap.set(instance(1), k_now + seconds{61}, k_now + seconds{60});
  EXPECT_EQ(heap.take_due(k_now + seconds{61}, 10).size(), 1u);
}

TEST(TimerHeap, KnowsHowLateWhatItFiredWasCommitted) {
  TimerHeap heap;
  heap.set(instance(1), k_now, k_now - seconds{1});
  heap.set(instance(2), k_now, k_now - seconds{1});
  ASSERT_EQ(heap.take_due(k_now, 10).size(), 2u);
  heap.set(instance(1), std::nullopt, k_now + std::chrono::milliseconds{5});
  heap.set(instance(2), std::nullopt, k_now + std::chrono::hours{1});
  heap.set(instance(3), std::nullopt, k_now);  // nothing was fired
  const TimerLag lag = heap.lag();
  EXPECT_EQ(lag.counts[2], 1u) << "over 2 ms, at most 5 ms";
  EXPECT_EQ(lag.counts.back(), 1u) << "beyond all bounds";
  EXPECT_DOUBLE_EQ(lag.sum, 3600.005);
}

TEST(TimerHeap, AFullPageIsFollowedByTheNextWhenItIsUsedUp) {
  TimerHeap heap;
  EXPECT_TRUE(heap.wants_refill(k_now));
  const auto soon = k_now + seconds{4};
  heap.refill({{instance(1), k_now}, {instance(2), soon}}, k_now + seconds{60}, false, k_now);
  EXPECT_FALSE(heap.wants_refill(k_now + seconds{2}));
  EXPECT_TRUE(heap.wants_refill(soon - k_timer_margin));
  EXPECT_EQ(heap.page_size(), k_timer_page);
  heap.take_due(k_now, 10);
  EXPECT_EQ(heap.page_size(), k_timer_page + 1) << "what is being fired stands there still";
  heap.refill({}, k_now + seconds{60}, true, k_now);
  EXPECT_FALSE(heap.wants_refill(k_now + seconds{1}));
  EXPECT_TRUE(heap.wants_refill(k_now + k_timer_refill));
}

ports::InstanceKey numbered(std::size_t number) {
  const auto high = static_cast<std::uint8_t>(number >> 8);
  // Shards that fall where the ids rise.
  return {static_cast<Shard>(255 - number % 256),
          InstanceId{Bytes16{high, static_cast<std::uint8_t>(number)}}};
}

std::vector<ports::DueTimer> page_of(std::size_t first, std::size_t count, Timestamp due) {
  std::vector<ports::DueTimer> page;
  for (std::size_t i = 0; i < count; ++i) page.push_back({numbered(first + i), due});
  return page;
}

TEST(TimerHeap, ThoseOfOneInstantGoInTheOrderOfTheStore) {
  TimerHeap heap;
  const auto page = page_of(0, 1000, k_now);
  heap.refill(page, k_now + k_timer_horizon, true, k_now - seconds{1});
  heap.refill(page, k_now + k_timer_horizon, true, k_now - seconds{1});  // told twice
  const auto due = heap.take_due(k_now, 1000);
  ASSERT_EQ(due.size(), page.size());
  for (std::size_t i = 0; i < due.size(); ++i) ASSERT_EQ(due[i].instance, page[i].instance) << i;
}

// Ten thousand at one instant: the rest of them is read once, when half of the page has gone, not
// again and again because the last of the page is due soon.
TEST(TimerHeap, APageOfOneInstantIsNotReadAgainWhileEnoughOfItIsLeft) {
  TimerHeap heap;
  const auto storm = k_now + seconds{1};
  heap.refill(page_of(0, k_timer_page, storm), k_now + k_timer_horizon, false, k_now);
  EXPECT_FALSE(heap.wants_refill(storm - std::chrono::milliseconds{1}));
  ASSERT_EQ(heap.take_due(storm, k_timer_page - k_timer_left - 1).size(), k_timer_left - 1);
  EXPECT_FALSE(heap.wants_refill(storm));
  ASSERT_EQ(heap.take_due(storm, 2).size(), 2u);
  EXPECT_TRUE(heap.wants_refill(storm));
}

// What it armed itself is no page: it says nothing of what else the store has.
TEST(TimerHeap, WhatIsArmedHereDoesNotPutOffThePage) {
  TimerHeap heap;
  const auto soon = k_now + seconds{2};
  heap.refill({{instance(1), soon}}, k_now + k_timer_horizon, false, k_now);
  for (std::size_t i = 0; i < 2 * k_timer_left; ++i) {
    heap.set(numbered(i), k_now + seconds{30}, k_now);
  }
  EXPECT_TRUE(heap.wants_refill(soon - k_timer_margin));
}

TEST(TimerHeap, APageWhoseTimersWereTakenBackIsFollowedByTheNext) {
  TimerHeap heap;
  const auto storm = k_now + seconds{1};
  heap.refill(page_of(0, k_timer_page, storm), k_now + k_timer_horizon, false, k_now);
  ASSERT_FALSE(heap.wants_refill(k_now + k_timer_min_refill));
  for (std::size_t i = 0; i < k_timer_page; ++i) heap.set(numbered(i), std::nullopt, k_now);
  EXPECT_TRUE(heap.wants_refill(k_now + k_timer_min_refill));
}

TEST(TimerHeap, AHeartbeatThatTellsOfNoTimerIsAsGoodAsAnEmptyPage) {
  TimerHeap heap;
  heap.heard(std::nullopt, k_now);
  EXPECT_TRUE(heap.wants_refill(k_now)) << "the first page is read";
  heap.refill({}, k_now + k_timer_horizon, true, k_now);
  for (Timestamp now = k_now; now < k_now + std::chrono::hours{2}; now += seconds{1}) {
    if ((now - k_now) % seconds{3} == Duration{0}) heap.heard(now + k_timer_horizon, now);
    ASSERT_FALSE(heap.wants_refill(now));
  }
}

TEST(TimerHeap, ATimerThatIsNearIsReadInTime) {
  TimerHeap heap;
  heap.refill({}, k_now + k_timer_horizon, true, k_now);
  heap.heard(k_now + seconds{62}, k_now + seconds{3});
  EXPECT_FALSE(heap.wants_refill(k_now + seconds{4}));
  EXPECT_TRUE(heap.wants_refill(k_now + k_timer_refill));
}

TEST(TimerHeap, AHeartbeatFromBeforeAPageSaysNothingOfIt) {
  TimerHeap heap;
  heap.refill({{instance(1), k_now + seconds{2}}}, k_now + k_timer_horizon, false, k_now);
  heap.heard(std::nullopt, k_now - seconds{1});
  EXPECT_EQ(heap.known_until(), k_now + seconds{2}) << "there is more behind that page";
}

}  // namespace
}  // namespace vozex::runtime
