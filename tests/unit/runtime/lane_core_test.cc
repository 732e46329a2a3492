// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/lanes/lane_core.h"

#include <gtest/gtest.h>

#include "tests/unit/runtime/counter.h"
#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

using machine::Disposition;

TEST(LaneCore, EventsOfOneInstanceAreFoldedIntoOneCommit) {
  Rig rig({k_counter});
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
  rig.committed_groups.clear();
  for (int i = 0; i < 200; ++i) {
    rig.offer(rig.event("counter.add", "e" + std::to_string(i), add("a")));
  }
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(rig.committed_groups, std::vector<std::size_t>{1});
  EXPECT_EQ(rig.row("counter", "a").data, R"({"total":200})");
  EXPECT_EQ(rig.row("counter", "a").seq, 201u);
}

TEST(LaneCore, AnEndedInstanceKeepsNoPlaceInTheCache) {
  Rig rig({k_counter});
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
  ASSERT_TRUE(rig.ask(rig.event("counter.add", "e1", add("a"))));
  const ports::InstanceRow row = rig.row("counter", "a");
  const auto loads_for_one_more = [&](const std::string& id) {
    Item item = rig.event("counter.tick", id, object({{"name", text("a")}}));
    item.order = DeliverOrder{row.id, row.shard, std::get<FindOrder>(item.order).event};
    rig.loads = 0;
    EXPECT_TRUE(rig.ask(std::move(item)));
    return rig.loads;
  };
  EXPECT_EQ(loads_for_one_more("e2"), 0);
  ASSERT_TRUE(rig.ask(rig.event("counter.stop", "e3", object({{"name", text("a")}}))));
  EXPECT_EQ(loads_for_one_more("e4"), 1);
  EXPECT_EQ(loads_for_one_more("e5"), 0) << "one that is asked for stays";
}

TEST(LaneCore, APauseIsAnEighthOfTheBatchAndBounded) {
  Rig rig({k_counter});
  const auto pause_after = [&rig](Duration commit, int events = 2) {
    rig.commit_takes = commit;
    rig.pauses.clear();
    for (int i = 0; i < events; ++i) {
      const std::string id = std::to_string(rig.counter) + "-" + std::to_string(i);
      rig.offer(rig.event("counter.add", id, add("a")));
    }
    EXPECT_TRUE(rig.run());
    return rig.pauses;
  };
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
  using Pauses = std::vector<Duration>;
  EXPECT_EQ(pause_after(Duration{800}), Pauses{Duration{100}});
  EXPECT_EQ(pause_after(std::chrono::hours{1}), Pauses{std::chrono::milliseconds{1}});
  EXPECT_EQ(pause_after(Duration{800}, 1), Pauses{Duration{0}}) << "nothing is gathered at rest";
  EXPECT_EQ(pause_after(-std::chrono::hours{1}), Pauses{Duration{0}}) << "a clock that was moved";
}

TEST(LaneCore, NothingToCommitIsNothingToPauseFor) {
  Rig rig({k_counter});
  rig.commit_takes = Duration{800};
  EXPECT_FALSE(rig.ask(rig.start("nobody_knows_it", types::Value())));
  EXPECT_EQ(rig.pauses, std::vector<Duration>{Duration{0}});
}

TEST(LaneCore, AnInstanceInTheCacheNeedsNoLoad) {
  Rig rig({k_counter});
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
  rig.loads = 0;
  ASSERT_TRUE(rig.ask(rig.event("counter.add", "e1", add("a"))));
  EXPECT_EQ(rig.loads, 0);
  rig.cores[0]->forget();
  ASSERT_TRUE(rig.ask(rig.event("counter.add", "e2", add("a"))));
  EXPECT_EQ(rig.loads, 2) << "who holds the key, then the row";
}

TEST(LaneCore, AnotherWriterMakesItReadAgain) {
  Rig rig({k_counter}, 1);
  Rig other({k_counter}, 1);
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
  // The same store, by another process's lane: the cache of the first is now out of date.
  auto connection = *rig.store.open_lane();
  std::swap(other.connections[0], connection);
  other.counter = 1'000'000;
  ASSERT_TRUE(other.ask(other.event("counter.add", "e1", add("a"))));
  ASSERT_TRUE(rig.ask(rig.event("counter.add", "e2", add("a"))));
  EXPECT_EQ(rig.counts.stale_groups, 1u);
  EXPECT_EQ(rig.row("counter", "a").data, R"({"total":2})");
}

// Two processes on one store; the first has `a` in its cache, and the second changed it.
class StaleCache : public testing::Test {
 protected:
  StaleCache() {
    EXPECT_TRUE(rig_.ask(rig_.start("counter", counter("a"))));
    std::swap(other_.connections[0], connection_);
    other_.counter = 1'000'000;
    EXPECT_TRUE(other_.ask(other_.event("counter.add", "e1", add("a"))));
  }

  Rig rig_{{k_counter}};
  Rig other_{{k_counter}};
  std::unique_ptr<ports::LaneStore> connection_ = *rig_.store.open_lane();
};

TEST_F(StaleCache, RefusesNothing) {
  const auto stopped = rig_.ask(rig_.event("counter.stop", "e2", object({{"name", text("a")}})));
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->disposition, Disposition::transitioned) << "the total is 1 by now";
  EXPECT_EQ(rig_.row("counter", "a").life, machine::Life::completed);
}

TEST_F(StaleCache, LosesNoTimer) {
  const auto row = rig_.row("counter", "a");
  rig_.now = *row.timer_at;
  Item wake = other_.order(row, "suspend", machine::Suspended{{"ann", {}}, ""});
  ASSERT_TRUE(rig_.ask(std::move(wake)));  // the first has it suspended, without a timer
  ASSERT_TRUE(other_.ask(other_.order(row, "resume", machine::Resumed{{"ann", {}}, ""})));
  Item item;
  item.order = TimerOrder{{row.shard, row.id}, rig_.now};
  rig_.offer(std::move(item));
  ASSERT_TRUE(rig_.run());
  EXPECT_EQ(rig_.row("counter", "a").life, machine::Life::completed);
}

TEST(LaneCore, TheSameEventTwiceInOneBatchIsOneEventAndOneDuplicate) {
  Rig rig({k_counter});
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
  std::vector<Disposition> answers;
  for (int i = 0; i < 2; ++i) {
    Item item = rig.event("counter.add", "e1", add("a"));
    item.done = [&](Result<EventAnswer> answer) { answers.push_back(answer->disposition); };
    rig.offer(std::move(item));
  }
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(answers, (std::vector{Disposition::transitioned, Disposition::duplicate}));
  EXPECT_EQ(rig.row("counter", "a").data, R"({"total":1})");
}

TEST(LaneCore, AStartThatCameBeforeGetsItsFirstAnswerNotKeyTaken) {
  Rig rig({k_counter});
  const auto first = rig.ask(rig.start("counter", counter("a"), "s1"));
  ASSERT_TRUE(first);
  ASSERT_TRUE(rig.ask(rig.event("counter.add", "e1", add("a"))));
  const auto again = rig.ask(rig.start("counter", counter("a"), "s1"));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->disposition, Disposition::duplicate);
  EXPECT_EQ(again->deliveries.at(0).instance, first->deliveries.at(0).instance);
  const auto other = rig.ask(rig.start("counter", counter("a"), "s2"));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "key_taken");
}

TEST(LaneCore, AnEarlyEventAndItsStartInOneBatch) {
  Rig rig({k_counter});
  rig.offer(rig.event("counter.add", "e1", add("a", 5)));
  rig.offer(rig.start("counter", counter("a")));
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(rig.row("counter", "a").data, R"({"total":5})");
  EXPECT_EQ(*rig.store.queries().parked_count(), 0u);
}

TEST(LaneCore, EarlyEventsComeInTheirOrder) {
  Rig rig({k_counter});
  for (int i = 0; i < 10; ++i) {
    const auto answer = rig.ask(rig.event("counter.add", "e" + std::to_string(i), add("a", i)));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->disposition, Disposition::waiting);
  }
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
  EXPECT_EQ(rig.row("counter", "a").data, R"({"total":45})");
  EXPECT_EQ(*rig.store.queries().parked_count(), 0u);
  const auto history = rig.store.queries().history(rig.row("counter", "a").id, 1, 100);
  ASSERT_EQ(history->size(), 10u);
  EXPECT_NE((*history)[0].entry.find("\"id\":\"e0\""), std::string::npos);
  EXPECT_NE((*history)[9].entry.find("\"id\":\"e9\""), std::string::npos);
}

TEST(LaneCore, AnAnnouncementThatNobodyHearsIsDropped) {
  Rig rig({k_counter});
  const auto answer = rig.ask(rig.event("counter.tick", "e1", object({{"name", text("nobody")}})));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->disposition, Disposition::ignored);
  EXPECT_EQ(*rig.store.queries().parked_count(), 0u);
}

TEST(LaneCore, ARejectedEventLeavesNoMark) {
  Rig rig({k_counter});
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
  const auto stop = [&] {
    return rig.ask(rig.event("counter.stop", "e1", object({{"name", text("a")}})));
  };
  const auto refused = stop();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->disposition, Disposition::rejected);
  EXPECT_EQ(rig.row("counter", "a").seq, 1u);
  ASSERT_TRUE(rig.ask(rig.event("counter.add", "e2", add("a"))));
  EXPECT_EQ(stop()->disposition, Disposition::transitioned);
  const auto late = rig.ask(rig.event("counter.add", "e3", add("a")));
  EXPECT_EQ(late->disposition, Disposition::ended);
}

TEST(LaneCore, OneEventForSeveralTreesIsOneGroupWithAllDeliveries) {
  Rig rig({k_counter}, 2);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(rig.ask(rig.start("counter", counter("c" + std::to_string(i)))));
  }
  rig.committed_groups.clear();
  const auto answer = rig.ask(rig.event("group.add", "e1", object({{"group", text("g")}})));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->deliveries.size(), 10u);
  EXPECT_EQ(rig.committed_groups, std::vector<std::size_t>{1});
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(rig.row("counter", "c" + std::to_string(i)).data, R"({"total":1})");
  }
}

TEST(LaneCore, AnEventForVeryManyGoesOutAsOneMessageEach) {
  Rig rig({k_counter}, 2);
  const std::size_t many = k_max_inline_hits + 40;
  for (std::size_t i = 0; i < many; ++i) {
    rig.offer(rig.start("counter", counter("c" + std::to_string(i))));
  }
  ASSERT_TRUE(rig.run());
  const auto answer = rig.ask(rig.event("group.add", "e1", object({{"group", text("g")}})));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->deliveries.size(), many);
  for (std::size_t i = 0; i < many; ++i) {
    EXPECT_EQ(rig.row("counter", "c" + std::to_string(i)).data, R"({"total":1})");
  }
  EXPECT_EQ(rig.store.inspect([](const auto& tables) { return tables.outbox.size(); }), 0u);
}

TEST(LaneCore, AnEventInTheWrongLaneIsHandedOver) {
  Rig rig({k_counter}, 2);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(rig.ask(rig.start("counter", counter("c" + std::to_string(i)))));
    const auto answer =
        rig.ask(rig.event("counter.add", "e" + std::to_string(i), add("c" + std::to_string(i))));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->disposition, Disposition::transitioned);
  }
}

TEST(LaneCore, ATimerFiresOnceHoweverOftenItIsOffered) {
  Rig rig({k_counter});
  const auto started = rig.ask(rig.start("counter", counter("a")));
  const auto row = rig.row("counter", "a");
  ASSERT_TRUE(row.timer_at);
  rig.now = *row.timer_at;
  for (int i = 0; i < 3; ++i) {
    Item item;
    item.order = TimerOrder{{row.shard, row.id}, *row.timer_at};
    rig.offer(std::move(item));
  }
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(rig.counts.timers_fired, 1u);
  EXPECT_EQ(rig.row("counter", "a").life, machine::Life::completed);
}

TEST(LaneCore, TimersThatAreAloneFillABatch) {
  Rig rig({k_counter});
  for (int i = 0; i < 200; ++i) {
    rig.offer(rig.start("counter", counter("c" + std::to_string(i))));
  }
  ASSERT_TRUE(rig.run());
  rig.committed_groups.clear();
  rig.now += std::chrono::hours{1};
  for (int i = 0; i < 200; ++i) {
    const auto row = rig.row("counter", "c" + std::to_string(i));
    Item item;
    item.order = TimerOrder{{row.shard, row.id}, *row.timer_at};
    rig.offer(std::move(item));
  }
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(rig.counts.timers_fired, 200u);
  EXPECT_EQ(rig.committed_groups, std::vector<std::size_t>{200u});
}

TEST(LaneCore, AStormOfTimersKeepsNoEventWaiting) {
  Rig rig({k_counter});
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
  for (int i = 0; i < 300; ++i) {
    rig.offer(rig.start("counter", counter("c" + std::to_string(i))));
  }
  ASSERT_TRUE(rig.run());
  rig.now += std::chrono::hours{1} - std::chrono::seconds{1};
  for (int i = 0; i < 300; ++i) {
    const auto row = rig.row("counter", "c" + std::to_string(i));
    Item item;
    item.order = TimerOrder{{row.shard, row.id}, *row.timer_at};
    rig.offer(std::move(item));
  }
  rig.committed_groups.clear();
  std::size_t commits_before_the_answer = 0;
  Item item = rig.event("counter.add", "e1", add("a"));
  item.done = [&](const Result<EventAnswer>& answer) {
    EXPECT_TRUE(answer);
    commits_before_the_answer = rig.committed_groups.size();
  };
  rig.offer(std::move(item));
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(commits_before_the_answer, 1u) << "in the first batch, with a quarter of timers";
  EXPECT_EQ(rig.committed_groups.at(0), ports::k_max_batch_groups / 4 + 1);
  EXPECT_EQ(rig.counts.timers_fired, 300u);
}

// Events keep coming while two thousand timers are due: each waits for the batch that was under way
// when it came and is in the next, and the timers have their quarter of every batch.
TEST(LaneCore, AnEventThatComesDuringAStormWaitsForOneBatch) {
  Rig rig({k_counter});
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
  constexpr int k_due = 2000;
  for (int i = 0; i < k_due; ++i) {
    rig.offer(rig.start("counter", counter("c" + std::to_string(i))));
  }
  ASSERT_TRUE(rig.run());
  rig.now += std::chrono::hours{1} - std::chrono::seconds{1};
  for (int i = 0; i < k_due; ++i) {
    const auto row = rig.row("counter", "c" + std::to_string(i));
    Item item;
    item.order = TimerOrder{{row.shard, row.id}, *row.timer_at};
    rig.offer(std::move(item));
  }
  rig.committed_groups.clear();
  constexpr std::size_t k_events = 20;
  std::vector<std::size_t> waited;
  std::size_t sent = 0;
  // One with each commit that is under way.
  rig.refuse = [&](const ports::CommitRequest&) -> std::optional<Error> {
    if (sent == k_events) return std::nullopt;
    Item item = rig.event("counter.add", "e" + std::to_string(++sent), add("a"));
    item.done = [&, before = rig.committed_groups.size()](const Result<EventAnswer>& answer) {
      EXPECT_TRUE(answer);
      waited.push_back(rig.committed_groups.size() - before);
    };
    rig.offer(std::move(item));
    return std::nullopt;
  };
  ASSERT_TRUE(rig.run());
  ASSERT_EQ(waited.size(), k_events);
  // Its own commit, and the one under way.
  for (const std::size_t commits : waited) EXPECT_LE(commits, 2u);
  EXPECT_GT(rig.committed_groups.at(0), ports::k_max_batch_groups / 2) << "nothing else was there";
  EXPECT_EQ(rig.committed_groups.at(1), ports::k_max_batch_groups / 4 + 1);
  EXPECT_EQ(rig.counts.timers_fired, static_cast<std::uint64_t>(k_due));
}

// What is shown with a change is what a read of the store would give.
TEST(LaneCore, AChangeThatIsWantedShowsTheInstanceAsCommitted) {
  Rig rig({k_counter});
  rig.wanted = [](const Engine::Change& change) { return change.key == "a"; };
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("b"))));
  ASSERT_TRUE(rig.ask(rig.event("counter.add", "e1", add("a"))));
  ASSERT_EQ(rig.changes.size(), 3u);
  EXPECT_NE(rig.changes[0].view, nullptr);
  EXPECT_EQ(rig.changes[1].view, nullptr) << "nobody wants b";
  ASSERT_NE(rig.changes[2].view, nullptr);
  const ports::InstanceRow& shown = rig.changes[2].view->row;
  const ports::InstanceRow stored = rig.row("counter", "a");
  EXPECT_EQ(shown.etag, stored.etag);
  EXPECT_EQ(shown.seq, stored.seq);
  EXPECT_EQ(shown.shard, stored.shard);
  EXPECT_EQ(shown.state, stored.state);
  EXPECT_EQ(shown.timer_at, stored.timer_at);
  EXPECT_EQ(shown.input, stored.input);
  EXPECT_EQ(shown.data, stored.data);
  EXPECT_EQ(shown.rt, stored.rt);
}

TEST(LaneCore, AnInstanceThatIsNowhereIsNotFound) {
  Rig rig({k_counter});
  Item item;
  machine::Event event;
  event.name = "counter.add";
  item.order = DeliverOrder{InstanceId{Bytes16{9}}, std::nullopt, event};
  const auto answer = rig.ask(std::move(item));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "instance_not_found");
}

}  // namespace
}  // namespace vozex::runtime
