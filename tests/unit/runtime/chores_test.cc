// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/sessions/chores.h"

#include <algorithm>
#include <map>

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

// Beats every three seconds for `span` and counts how often each chore was due. Schedules ask no
// store and are left out.
std::map<Chore, int> beat_for(Chores& chores, Timestamp& now, Duration span, ports::News news) {
  std::map<Chore, int> asked;
  for (const Timestamp end = now + span; now < end; now += seconds{1}) {
    if (now.time_since_epoch() % seconds{3} == Duration{0}) (void)chores.heard(news, now);
    for (const Chore chore : chores.due(now)) {
      if (chore != Chore::schedules) ++asked[chore];
      chores.done(chore, now);
    }
  }
  return asked;
}

// Has heard that there is nothing, and knows it.
struct AtRest {
  Timestamp now = k_now;
  Chores chores = rested();
  ports::News nothing;
  AtRest() {
    nothing.living = {SessionId{Bytes16{1}}};
    nothing.definitions = "1";
    beat_for(chores, now, std::chrono::minutes{3}, nothing);
  }
};

using Asked = std::map<Chore, int>;

TEST(Chores, AtRestNothingIsAskedForButOnceAnHour) {
  AtRest rest;
  EXPECT_EQ(beat_for(rest.chores, rest.now, std::chrono::minutes{56}, rest.nothing), Asked{});
  const Asked hourly = beat_for(rest.chores, rest.now, std::chrono::minutes{60}, rest.nothing);
  EXPECT_EQ(hourly.size(), 7u) << "all but schedules";
  for (const auto& [chore, times] : hourly) EXPECT_EQ(times, 1) << static_cast<int>(chore);
}

TEST(Chores, WhatTheHeartbeatTellsOfIsAskedForAtItsOwnTime) {
  const auto told = [](auto&& tell) {
    AtRest rest;
    tell(rest.nothing);
    return beat_for(rest.chores, rest.now, std::chrono::minutes{1}, rest.nothing);
  };
  EXPECT_EQ(told([](ports::News& news) { news.orphans = true; }), (Asked{{Chore::inherit, 20}}));
  EXPECT_EQ(told([](ports::News& news) { news.unclaimed = true; }),
            (Asked{{Chore::unclaimed, 12}}));
  EXPECT_EQ(told([](ports::News& news) { news.first_expiry = k_now; }),
            (Asked{{Chore::expire, 1}}));
  EXPECT_EQ(told([](ports::News& news) { news.definitions = "2"; }),
            (Asked{{Chore::definitions, 1}}));
  EXPECT_EQ(told([](ports::News& news) { news.living.clear(); }),
            (Asked{{Chore::ended_keys, 1}, {Chore::parked, 1}}));
}

TEST(Chores, WaitingCallsThatTheHeartbeatTellsOfAreClaimedWithoutAsking) {
  AtRest rest;
  rest.nothing.waiting_calls = {{"mail", rest.now + seconds{30}}};
  EXPECT_EQ(beat_for(rest.chores, rest.now, seconds{29}, rest.nothing), Asked{});
  EXPECT_TRUE(rest.chores.claims(rest.now).empty());
  rest.now += seconds{1};
  EXPECT_EQ(rest.chores.claims(rest.now), std::vector<std::string>{"mail"});
}

TEST(Chores, NewsThatAreOlderThanWhatWasDoneHereSayNothingOfIt) {
  AtRest rest;
  rest.chores.calls_wait(rest.now);
  (void)rest.chores.heard(rest.nothing, rest.now - seconds{1});
  EXPECT_TRUE(contains(rest.chores.due(rest.now), Chore::waiting_calls));
  (void)rest.chores.heard(rest.nothing, rest.now + Duration{1});
  EXPECT_FALSE(contains(rest.chores.due(rest.now), Chore::waiting_calls));
}

TEST(Chores, DefinitionsThatChangeWhileTheyAreReadAreReadAgain) {
  AtRest rest;
  rest.nothing.definitions = "2";
  const Timestamp begun = rest.now;
  (void)rest.chores.heard(rest.nothing, begun + Duration{1});
  rest.chores.done(Chore::definitions, begun);
  EXPECT_TRUE(contains(rest.chores.due(begun + k_definitions_every), Chore::definitions));
}

TEST(Chores, WhoParksAnEventLooksAfterItsKeyUntilItIsSettled) {
  AtRest rest;
  rest.chores.parks(rest.now);
  const Asked asked = beat_for(rest.chores, rest.now, std::chrono::minutes{10}, rest.nothing);
  EXPECT_EQ(asked.at(Chore::ended_keys), 2);
  EXPECT_GE(asked.at(Chore::parked), 6);
  EXPECT_EQ(beat_for(rest.chores, rest.now, std::chrono::minutes{10}, rest.nothing), Asked{});
}

TEST(Chores, WithoutHeartbeatsEverythingIsAskedForAgain) {
  AtRest rest;
  rest.now += k_news_age + seconds{60};
  EXPECT_EQ(rest.chores.due(rest.now).size(), 8u);
  EXPECT_EQ(rest.chores.next(rest.now), rest.now);
}

TEST(Chores, WhatFailedOrLeftMoreIsAskedForWhateverTheNewsSay) {
  AtRest rest;
  rest.chores.failed(Chore::inherit, rest.now);
  rest.chores.done(Chore::expire, rest.now, true);
  (void)rest.chores.heard(rest.nothing, rest.now);
  const auto due = rest.chores.due(rest.now + seconds{1});
  EXPECT_TRUE(contains(due, Chore::inherit));
  EXPECT_TRUE(contains(due, Chore::expire));
}

}  // namespace
}  // namespace vozex::runtime
