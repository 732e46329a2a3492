// SPDX-License-Identifier: Apache-2.0
// A lane whose store is away, does not say what became of a commit, or refuses one.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "engine/runtime/lanes/lane_core.h"
#include "tests/unit/runtime/counter.h"
#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

using machine::Disposition;

TEST(LaneCore, AnUnknownCommitIsSettledWithTheSameRequest) {
  for (const auto fault :
       {simulated::CommitFault::before_applying, simulated::CommitFault::after_applying}) {
    Rig rig({k_counter});
    ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
    rig.store.fail_next_commit(fault);
    const auto answer = rig.ask(rig.event("counter.add", "e1", add("a")));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->disposition, Disposition::transitioned);
    EXPECT_EQ(rig.settles, 1);
    EXPECT_EQ(rig.row("counter", "a").data, R"({"total":1})");
  }
}

TEST(LaneCore, AnAbsentStoreIsTriedAgainWithPauses) {
  Rig rig({k_counter});
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
  int left = 5;
  rig.refuse = [&](const ports::CommitRequest&) -> std::optional<Error> {
    if (left-- <= 0) return std::nullopt;
    return Error{ErrorClass::unavailable, "store_unavailable", "away", {}};
  };
  const Timestamp before = rig.now;
  const auto answer = rig.ask(rig.event("counter.add", "e1", add("a")));
  ASSERT_TRUE(answer);
  EXPECT_EQ(rig.now - before, std::chrono::milliseconds(50 + 100 + 200 + 400 + 800));
}

TEST(LaneCore, AStoreThatIsAwayForLongClosesTheLaneAndWhoWaitsIsTold) {
  Rig rig({k_counter});
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
  int refusals = 8;  // seven until patience ends, and one more
  rig.refuse = [&](const ports::CommitRequest&) -> std::optional<Error> {
    if (refusals-- <= 0) return std::nullopt;
    return Error{ErrorClass::unavailable, "store_full", "no room", {{"doing", "commit"}}};
  };
  const Timestamp before = rig.now;
  LaneCore& core = *rig.cores[0];
  std::optional<Error> told;
  std::optional<LaneCore::Closed> closed;
  Item first = rig.event("counter.add", "e1", add("a"));
  first.done = [&](const Result<EventAnswer>& answer) {
    told = answer.error();
    closed = core.closed();
    EXPECT_GE(rig.now - before, LaneOptions().patience);
    EXPECT_TRUE(core.store_is_away());
    EXPECT_GT(closed.value().until, rig.now);
  };
  rig.offer(std::move(first));
  ASSERT_TRUE(rig.run());
  ASSERT_TRUE(told && closed);
  EXPECT_EQ(told->kind, ErrorClass::unavailable);
  EXPECT_EQ(told->code, "store_full");
  EXPECT_NE(told->message.find("nothing was done, send it again: no room"), std::string::npos);
  EXPECT_TRUE(told->details.empty());
  EXPECT_EQ(closed->error.code, "store_full");
  EXPECT_FALSE(core.store_is_away()) << "nothing is left that would find out";

  // What nobody waits for stays: the timer that falls due meanwhile.
  rig.now = *rig.row("counter", "a").timer_at;
  Item timer;
  timer.order = TimerOrder{{rig.row("counter", "a").shard, rig.row("counter", "a").id}, rig.now};
  rig.offer(std::move(timer));
  const auto again = rig.ask(rig.event("counter.add", "e1", add("a")));
  EXPECT_FALSE(again) << "told at the first try, as the store never answered";
  EXPECT_FALSE(core.closed());
  EXPECT_EQ(rig.row("counter", "a").life, machine::Life::completed) << "by the timer";
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("b"))));
}

// A locked table: the store answers, but after a time-out of its own.
TEST(LaneCore, WhoWaitedForAStoreThatWasSlowToRefuseIsToldAtOnce) {
  Rig rig({k_counter});
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
  int tries = 0;
  rig.refuse = [&](const ports::CommitRequest&) -> std::optional<Error> {
    if (++tries > 1) return std::nullopt;
    rig.now += LaneOptions().patience;
    return Error{ErrorClass::unavailable, "store_busy", "others hold the rows", {}};
  };
  const auto answer = rig.ask(rig.event("counter.add", "e1", add("a")));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "store_busy");
  EXPECT_EQ(tries, 1);
  ASSERT_TRUE(rig.ask(rig.event("counter.add", "e1", add("a"))));
  EXPECT_EQ(rig.row("counter", "a").data, R"({"total":1})");
}

TEST(LaneCore, ABatchOfUnknownOutcomeIsSettledBeforeAnybodyIsTold) {
  Rig rig({k_counter});
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
  rig.refuse = [&](const ports::CommitRequest&) -> std::optional<Error> {
    return Error{ErrorClass::outcome_unknown, "store_lost", "cut", {}};
  };
  rig.settles_fail = 10;
  std::optional<Result<EventAnswer>> first;
  Item item = rig.event("counter.add", "e1", add("a"));
  item.done = [&first](Result<EventAnswer> answer) { first = std::move(answer); };
  rig.offer(std::move(item));
  ASSERT_TRUE(rig.run());
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->disposition, Disposition::transitioned);
  EXPECT_EQ(rig.settles, 11);
  EXPECT_EQ(rig.row("counter", "a").data, R"({"total":1})");
}

TEST(LaneCore, WhatTheStoreRefusesIsFoundAndHeldAndHurtsNobodyElse) {
  Rig rig({k_counter});
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(rig.ask(rig.start("counter", counter("c" + std::to_string(i)))));
  }
  const InstanceId bad = rig.row("counter", "c7").id;
  rig.refuse = [&](const ports::CommitRequest& request) -> std::optional<Error> {
    for (const ports::Group& group : request.groups) {
      for (const ports::InstanceWrite& write : group.instances) {
        const bool poison = write.row.id == bad && write.row.data.find("13") != std::string::npos;
        if (poison) return Error{ErrorClass::constraint, "data_refused", "no thirteens", {}};
      }
    }
    return std::nullopt;
  };
  std::map<std::string, std::string> answers;
  for (int i = 0; i < 20; ++i) {
    const std::string name = "c" + std::to_string(i);
    Item item;
    machine::Event event;
    event.id = "e" + name;
    event.source = "test";
    event.name = "counter.add";
    event.tenant = "default";
    event.data = add(name, 13);
    item.order = DeliverOrder{rig.row("counter", name).id, std::nullopt, event};
    item.done = [&answers, name](Result<EventAnswer> answer) {
      answers[name] = answer ? machine::to_string(answer->disposition) : answer.error().code;
    };
    rig.offer(std::move(item));
  }
  ASSERT_TRUE(rig.run());
  for (const auto& [name, answer] : answers) {
    EXPECT_EQ(answer, name == "c7" ? "data_refused" : "transitioned") << name;
  }
  const auto row = rig.row("counter", "c7");
  EXPECT_EQ(row.life, machine::Life::held);
  EXPECT_TRUE(row.incident);
  EXPECT_FALSE(row.timer_at);
}

// PostgreSQL says "tuple concurrently updated" and "cached plan must not change result type" once,
// as an internal error and as one of its schema; a broken page it tells of each time.
TEST(LaneCore, AnErrorOfTheStoresOwnIsTriedOnceMoreBeforeAnybodyIsHeld) {
  Rig rig({k_counter});
  ASSERT_TRUE(rig.ask(rig.start("counter", counter("a"))));
  int errors = 1;
  rig.refuse = [&](const ports::CommitRequest&) -> std::optional<Error> {
    if (errors-- <= 0) return std::nullopt;
    return Error{ErrorClass::corrupt, "store_corrupt", "tuple concurrently updated", {}};
  };
  const Timestamp before = rig.now;
  ASSERT_TRUE(rig.ask(rig.event("counter.add", "e1", add("a"))));
  EXPECT_GT(rig.now, before) << "after a pause";
  EXPECT_EQ(rig.row("counter", "a").data, R"({"total":1})");
  errors = 1;
  ASSERT_TRUE(rig.ask(rig.event("counter.add", "e2", add("a")))) << "each has its own second try";
  EXPECT_EQ(rig.row("counter", "a").life, machine::Life::running);
  errors = 2;
  const auto answer = rig.ask(rig.event("counter.add", "e3", add("a")));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "store_corrupt");
  EXPECT_EQ(rig.row("counter", "a").life, machine::Life::held);
}

}  // namespace
}  // namespace vozex::runtime
