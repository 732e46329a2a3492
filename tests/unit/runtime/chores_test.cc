// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/chores.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace vozex::runtime {
namespace {

using std::chrono::seconds;

const Timestamp k_now{std::chrono::hours{24 * 20'000}};

// Everything has been done once.
Chores rested() {
  Chores chores;
  for (const Chore chore : chores.due(k_now)) chores.done(chore, k_now);
  return chores;
}

bool contains(const std::vector<Chore>& chores, Chore chore) {
  return std::find(chores.begin(), chores.end(), chore) != chores.end();
}

TEST(Chores, ClaimForEachAdapterWhenItsCallsMayGo) {
  Chores chores = rested();
  EXPECT_TRUE(chores.claims(k_now).empty());
  chores.calls_wait({{"bank", k_now + seconds{2}}, {"mail", k_now}});
  EXPECT_EQ(chores.claims(k_now), std::vector<std::string>{"mail"});
  EXPECT_EQ(chores.next(k_now), k_now);
  EXPECT_EQ(chores.claims(k_now + seconds{2}), (std::vector<std::string>{"bank", "mail"}));
}

TEST(Chores, AnAdapterWithoutRoomKeepsNobodyWaiting) {
  Chores chores = rested();
  chores.calls_wait({{"bank", k_now}, {"mail", k_now}});
  chores.no_room("bank", k_now, k_now + seconds{30});
  EXPECT_EQ(chores.claims(k_now), std::vector<std::string>{"mail"});
  chores.calls_wait({{"bank", k_now}});
  EXPECT_TRUE(chores.claims(k_now).empty()) << "to hear of its calls again makes no room";
  EXPECT_GT(chores.next(k_now), k_now) << "no busy loop";
  EXPECT_EQ(chores.claims(k_now + seconds{30}), std::vector<std::string>{"bank"});
  chores.no_room("bank", k_now, std::nullopt);
  EXPECT_TRUE(chores.claims(k_now).empty());
  EXPECT_EQ(chores.claims(k_now + k_no_room_pause), std::vector<std::string>{"bank"});
}

TEST(Chores, AFullPageIsFollowedAtOnceAndTheLastAsksWhatElseWaits) {
  Chores chores = rested();
  chores.calls_wait({{"mail", k_now}});
  chores.claimed("mail", k_now, true);
  EXPECT_EQ(chores.claims(k_now), std::vector<std::string>{"mail"});
  EXPECT_FALSE(contains(chores.due(k_now), Chore::waiting_calls));
  chores.claimed("mail", k_now, false);
  EXPECT_TRUE(chores.claims(k_now).empty());
  EXPECT_TRUE(contains(chores.due(k_now), Chore::waiting_calls));
}

TEST(Chores, CallsThatWerePutBackAreAskedForAtOnce) {
  Chores chores = rested();
  EXPECT_FALSE(contains(chores.due(k_now), Chore::waiting_calls));
  chores.calls_wait(k_now);
  EXPECT_TRUE(contains(chores.due(k_now), Chore::waiting_calls));
}

}  // namespace
}  // namespace vozex::runtime
