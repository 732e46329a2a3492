// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/lanes/lane_queue.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vozex::runtime {
namespace {

constexpr std::size_t k_limit = ports::k_max_batch_groups;
constexpr std::size_t k_timers = k_limit / 4;

Item event(const std::string& id) {
  Item item;
  machine::Event event;
  event.id = id;
  item.order = FindOrder{std::move(event)};
  return item;
}

Item timer(std::uint8_t of) {
  Item item;
  item.order = TimerOrder{{0, InstanceId{Bytes16{of}}}, Timestamp{}};
  return item;
}

Item message(std::uint32_t seq) {
  Item item = event("m" + std::to_string(seq));
  item.outbox.emplace();
  item.outbox->seq = seq;
  return item;
}

// Events by their ids, timers as "timer", anything else as "?".
std::string names_of(const std::vector<Item>& items) {
  std::string names;
  for (const Item& item : items) {
    const auto* found = std::get_if<FindOrder>(&item.order);
    const bool is_timer = std::holds_alternative<TimerOrder>(item.order);
    names += (names.empty() ? "" : " ") + (found != nullptr ? found->event.id
                                           : is_timer       ? "timer"
                                                            : "?");
  }
  return names;
}

TEST(LaneQueue, GoesInOrderOfArrivalAndWhatComesBackGoesFirst) {
  LaneQueue queue;
  for (const char* id : {"a", "b", "c"}) queue.offer(event(id));
  auto items = queue.take(2);
  EXPECT_EQ(names_of(items), "a b");
  queue.offer(event("d"));
  queue.put_back(std::move(items));
  EXPECT_EQ(queue.size(), 4u);
  EXPECT_EQ(names_of(queue.take(k_limit)), "a b c d");
  EXPECT_TRUE(queue.empty());
}

TEST(LaneQueue, OneMarkIsInABatchOnceAndTheOthersKeepTheirPlace) {
  LaneQueue queue;
  for (const char* id : {"a", "a again", "b"}) {
    Item item = event(id);
    if (id[0] == 'a') item.mark = MarkId{Bytes16{1}};
    queue.offer(std::move(item));
  }
  queue.offer(event("c"));
  EXPECT_EQ(names_of(queue.take(k_limit)), "a b c");
  EXPECT_EQ(names_of(queue.take(k_limit)), "a again");
}

TEST(LaneQueue, WhatLostTooOftenClaimsAndPoisonsGoAlone) {
  const auto lost = [] {
    Item item = event("lost");
    item.failures = k_alone_after;
    return item;
  };
  const auto claim = [] {
    Item item;
    item.order = ClaimOrder{};
    return item;
  };
  const auto poison = [] {
    Item item;
    item.order = PoisonOrder{};
    return item;
  };
  for (const std::function<Item()>& alone :
       std::vector<std::function<Item()>>{lost, claim, poison}) {
    LaneQueue queue;
    queue.offer(event("a"));
    queue.offer(alone());
    queue.offer(event("b"));
    const std::string name = names_of({alone()});
    EXPECT_EQ(names_of(queue.take(k_limit)), "a");
    EXPECT_EQ(names_of(queue.take(k_limit)), name);
    EXPECT_EQ(names_of(queue.take(k_limit)), "b");
  }
}

TEST(LaneQueue, TimersAreAQuarterOfABatchUnlessTheyAreAlone) {
  LaneQueue queue;
  for (std::size_t i = 0; i < 2 * k_limit; ++i) queue.offer(timer(static_cast<std::uint8_t>(i)));
  queue.offer(event("a"));
  const auto items = queue.take(k_limit);
  ASSERT_EQ(items.size(), k_timers + 1);
  EXPECT_EQ(names_of({items.back()}), "a");
  EXPECT_EQ(queue.take(k_limit).size(), k_limit);
}

TEST(LaneQueue, AMessageIsInItOnceAndMayComeAgainWhenItHasGone) {
  LaneQueue queue;
  queue.offer(message(1));
  queue.offer(message(1));
  queue.offer(message(2));
  auto items = queue.take(1);
  EXPECT_EQ(names_of(items), "m1");
  queue.put_back(std::move(items));
  queue.offer(message(1));
  EXPECT_EQ(names_of(queue.take(k_limit)), "m1 m2");
  queue.offer(message(1));
  EXPECT_EQ(names_of(queue.take_all()), "m1");
  queue.offer(message(1));
  EXPECT_EQ(names_of(queue.take(k_limit)), "m1");
}

TEST(LaneQueue, ThoseThatSomebodyWaitsForAreTakenAndTheOthersStay) {
  LaneQueue queue;
  for (const char* id : {"a", "b", "c"}) {
    Item item = event(id);
    if (id[0] != 'b') item.done = [](const Result<EventAnswer>&) {};
    queue.offer(std::move(item));
  }
  queue.offer(timer(1));
  EXPECT_EQ(names_of(queue.take_awaited()), "a c");
  EXPECT_EQ(names_of(queue.take_all()), "b timer");
}

}  // namespace
}  // namespace vozex::runtime
