// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/sessions/later.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vozex::runtime {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp k_noon{std::chrono::hours{12}};

std::vector<Item> items(std::size_t count) {
  std::vector<Item> made(count);
  for (std::size_t i = 0; i < count; ++i) made[i].fingerprint = std::to_string(i);
  return made;
}

TEST(Later, GoesAgainAfterFiveSecondsThenTwiceThatUpToFiveMinutes) {
  Later later;
  Timestamp now = k_noon;
  std::vector<Item> one = items(1);
  for (const Duration pause : {Duration{seconds{5}},
                               Duration{seconds{10}},
                               Duration{seconds{20}},
                               Duration{seconds{40}},
                               Duration{seconds{80}},
                               Duration{seconds{160}},
                               Duration{minutes{5}},
                               Duration{minutes{5}}}) {
    EXPECT_EQ(later.put(std::move(one), now), 0u);
    EXPECT_EQ(later.first(), now + pause);
    EXPECT_TRUE(later.take(now + pause - Duration{1}).empty());
    now += pause;
    one = later.take(now);
    ASSERT_EQ(one.size(), 1u);
    EXPECT_TRUE(later.empty());
  }
}

TEST(Later, GivesThemInTheOrderOfTheirTimes) {
  Later later;
  std::vector<Item> three = items(3);
  three[0].delays = 2;  // 20 s
  three[1].delays = 0;  // 5 s
  three[2].delays = 1;  // 10 s
  later.put(std::move(three), k_noon);
  std::vector<std::string> order;
  for (const Item& item : later.take(k_noon + seconds{10})) order.push_back(item.fingerprint);
  EXPECT_THAT(order, testing::ElementsAre("1", "2"));
  EXPECT_FALSE(later.empty());
}

TEST(Later, HoldsSoManyAndSaysHowManyMoreThereWere) {
  Later later;
  EXPECT_EQ(later.put(items(k_max_held_later - 1), k_noon), 0u);
  EXPECT_EQ(later.put(items(3), k_noon), 2u);
  EXPECT_EQ(later.take(k_noon + minutes{5}).size(), k_max_held_later);
  EXPECT_EQ(later.put(items(1), k_noon), 0u);
}

}  // namespace
}  // namespace vozex::runtime
