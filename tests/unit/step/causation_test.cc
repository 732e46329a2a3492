// SPDX-License-Identifier: Apache-2.0
// What one thing from outside may cause: turns of timers without time, chains of events, shares of
// what may still come, and children below children.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/machine/codec.h"
#include "tests/unit/step/machine_builder.h"
#include "tests/unit/step/walk.h"

namespace vozex::testing {
namespace {

using machine::Life;

// Goes round by a timer of `delay`, and counts.
Walk spinning(const std::string& delay) {
  MachineBuilder b;
  b.data("n", "0");
  b.state("a").state("b").state("rest");
  b.after("a", delay, {.to = {"b"}, .actions = {set("n", "data.n + 1")}});
  b.after("b", delay, {.to = {"a"}});
  b.on("a", "poke", {.to = {"a"}, .reenter = true});
  b.on("b", "poke", {.to = {"b"}, .reenter = true});
  return Walk(b.build());
}

// Fires what is due until `fired` timers have or the instance is held; how many did.
int fire(Walk& walk, int most) {
  int fired = 0;
  for (; fired < most && walk.snapshot.life == Life::running; ++fired) {
    const auto due = next_timer(walk.machine, walk.snapshot);
    if (!due) break;
    walk.now = std::max(walk.now, due->due);
    walk.cause(*due, "timer");
  }
  return fired;
}

TEST(Turns, OfTimersWithoutTimeEndInAnIncident) {
  for (const char* delay : {"duration('0s')", "duration('-5s')", "duration('1ms')"}) {
    Walk walk = spinning(delay);
    EXPECT_EQ(fire(walk, 5000), machine::k_max_turns + 1) << delay << ": the last one is refused";
    EXPECT_EQ(walk.snapshot.life, Life::held) << delay;
    ASSERT_EQ(walk.snapshot.incidents.size(), 1u);
    EXPECT_EQ(walk.snapshot.incidents[0].code, "too_many_turns");
    EXPECT_EQ(walk.snapshot.incidents[0].state, "a");
    EXPECT_EQ(walk.text(), "{\"n\":" + std::to_string(machine::k_max_turns / 2) + "}");
  }
}

TEST(Turns, TimersThatWaitGoRoundForEver) {
  Walk walk = spinning("duration('10ms')");
  EXPECT_EQ(fire(walk, 5000), 5000);
  EXPECT_EQ(walk.snapshot.causation, machine::Causation{});
}

TEST(Turns, BeginAnewWithWhatComesFromOutsideAndWithAPerson) {
  Walk walk = spinning("duration('0s')");
  fire(walk, 900);
  EXPECT_EQ(walk.snapshot.causation.turns, 900);
  walk.event("poke");
  EXPECT_EQ(walk.snapshot.causation.turns, 0);
  EXPECT_EQ(fire(walk, 5000), machine::k_max_turns + 1);
  walk.cause(machine::Resumed{{"ann", {}}, "once more"});
  EXPECT_EQ(walk.snapshot.life, Life::running);
  EXPECT_EQ(fire(walk, 5000), machine::k_max_turns + 1) << "and it is held again";
}

TEST(Turns, AsManyTimersAsThereAreMayBeDueAtOneInstant) {
  MachineBuilder b;
  b.data("n", "0");
  machine::Block sends;
  for (int i = 0; i < 900; ++i) sends.push_back(send("tick", "duration('0s')"));
  b.state("a").on_entry("a", std::move(sends));
  b.on("a", "tick", {.actions = {set("n", "data.n + 1")}});
  Walk walk(b.build());
  EXPECT_EQ(fire(walk, 5000), 900);
  EXPECT_EQ(walk.snapshot.causation.turns, 1) << "they were armed together";
}

TEST(Turns, OfTwoRegionsCountEachOther) {
  MachineBuilder b;
  b.parallel("p");
  for (const std::string region : {"x", "y"}) {
    b.compound("p." + region).state("p." + region + ".a");
    b.after(
        "p." + region + ".a", "duration('0s')", {.to = {"p." + region + ".a"}, .reenter = true});
  }
  Walk walk(b.build());
  EXPECT_EQ(fire(walk, 50'000), 2 * machine::k_max_turns + 1);
  EXPECT_EQ(walk.snapshot.life, Life::held);
}

TEST(Turns, DelayedSendsToItselfAreTimersToo) {
  MachineBuilder b;
  b.state("a").on_entry("a", {send("tick", "duration('0s')")});
  b.on("a", "tick", {.to = {"a"}, .reenter = true});
  Walk walk(b.build());
  EXPECT_EQ(fire(walk, 5000), machine::k_max_turns + 1);
  EXPECT_EQ(walk.snapshot.incidents.at(0).code, "too_many_turns");
}

TEST(Periods, ThatAreComputedTooShortCountAsTheShortest) {
  for (const char* period : {"duration('0s')", "duration('-1h')", "duration('1ms')"}) {
    MachineBuilder b;
    b.data("n", "0");
    b.state("a").every("a", period, {.actions = {set("n", "data.n + 1")}});
    Walk walk(b.build());
    walk.advance(std::chrono::minutes{1});
    EXPECT_EQ(walk.text(), R"({"n":60})") << period;
  }
}

// A step on an event with this causation, of a machine that emits `count` events.
Walk emitting(int count, machine::Causation causation) {
  MachineBuilder b;
  machine::Block block;
  for (int i = 0; i < count; ++i) block.push_back(emit("out"));
  b.state("a").on("a", "go", {.actions = std::move(block)});
  Walk walk(b.build());
  machine::Event event;
  event.id = "e";
  event.source = "instance:other";
  event.name = "go";
  event.causation = causation;
  walk.take(event);
  return walk;
}

TEST(Causes, WhatMayStillComeIsSharedOutAmongAllThatIsSent) {
  Walk walk = emitting(9, {3, 5, 1009});
  const auto emits = walk.effects<machine::Emit>();
  ASSERT_EQ(emits.size(), 9u);
  for (const machine::Emit& emit : emits) {
    EXPECT_EQ(emit.causation, (machine::Causation{4, 5, 100})) << "9 sent; 1000 for 9 and itself";
  }
  EXPECT_EQ(walk.snapshot.causation, (machine::Causation{3, 5, 100}));
}

TEST(Causes, MoreThanMayComeIsRefused) {
  Walk walk = emitting(9, {3, 5, 8});
  EXPECT_EQ(walk.snapshot.life, Life::held);
  EXPECT_EQ(walk.snapshot.incidents.at(0).code, "too_much_caused");
  EXPECT_TRUE(walk.effects<machine::Emit>().empty());
  Walk exact = emitting(8, {3, 5, 8});
  EXPECT_EQ(exact.snapshot.life, Life::running);
  EXPECT_EQ(exact.effects<machine::Emit>().at(0).causation.left, 0u);
}

TEST(Causes, AChainHasItsLength) {
  EXPECT_EQ(emitting(1, {machine::k_max_causation_depth - 1, 0, 1000}).snapshot.life,
            Life::running);
  Walk walk = emitting(1, {machine::k_max_causation_depth, 0, 1000});
  EXPECT_EQ(walk.snapshot.incidents.at(0).code, "causation_too_deep");
}

TEST(Causes, ATimerWithoutTimeGoesOnWithWhatIsLeft) {
  MachineBuilder b;
  b.state("a").state("b").state("c");
  b.on("a", "go", {.to = {"b"}});
  b.after("b", "duration('0s')", {.to = {"c"}, .actions = {emit("out")}});
  b.after("b", "duration('1s')", {.to = {"c"}, .actions = {emit("out")}});
  for (const bool waits : {false, true}) {
    Walk walk(b.build());
    machine::Event event;
    event.name = "go";
    event.causation = {3, 0, 101};
    walk.take(event);
    auto due = *next_timer(walk.machine, walk.snapshot);
    if (waits) {
      auto timers = walk.snapshot.timers;
      due.index = timers.back().index;
      due.due = timers.back().due;
      walk.now = due.due;
    }
    walk.cause(due, "timer");
    const auto emits = walk.effects<machine::Emit>();
    ASSERT_EQ(emits.size(), 1u);
    EXPECT_EQ(emits[0].causation.depth, waits ? 1 : 4);
    EXPECT_EQ(emits[0].causation.left, waits ? (machine::k_max_caused - 1) / 2 : 50u);
  }
}

MachineBuilder inviting(int invokes, const std::string& list) {
  MachineBuilder b;
  b.parallel("p");
  for (int i = 0; i < invokes; ++i) {
    const std::string region = "p.r" + std::to_string(i);
    b.compound(region).state(region + ".a").state(region + ".b");
    b.on(region + ".a", "go" + std::to_string(i), {.to = {region + ".b"}});
    b.invoke(region + ".b",
             {.id = "i" + std::to_string(i), .call = "", .workflow = "'kid'", .for_each = list});
  }
  return b;
}

Walk child(machine::Machine machine, std::uint8_t depth, std::uint32_t room) {
  Walk walk(std::move(machine));
  walk.snapshot.parent = machine::ParentRef{{}, {"i", 1, 0}, depth, room};
  return walk;
}

TEST(Families, AreSharedOutAmongTheInvokesAndTheirItems) {
  Walk walk = child(inviting(2, "[1, 2, 3]").build(), 4, 1000);
  walk.event("go0");
  ASSERT_EQ(walk.children.size(), 3u);
  for (const machine::StartChild& start : walk.children) {
    EXPECT_EQ(start.depth, 5);
    EXPECT_EQ(start.room, (1000u / 2 - 3) / 3);
    EXPECT_EQ(start.causation.turns, 1);
  }
}

TEST(Families, ThatAreTooLargeOrTooDeepStartNobodyAndSayItOnce) {
  const struct {
    std::uint8_t depth;
    std::uint32_t room;
    const char* code;
  } cases[] = {{1, 2, "family_too_large"},
               {machine::k_max_family_depth, 1000, "children_too_deep"}};
  for (const auto& one : cases) {
    Walk walk = child(inviting(1, "[1, 2, 3]").build(), one.depth, one.room);
    walk.event("go0");
    EXPECT_TRUE(walk.children.empty());
    EXPECT_EQ(walk.snapshot.life, Life::held);
    ASSERT_EQ(walk.snapshot.incidents.size(), 1u) << one.code;
    EXPECT_EQ(walk.snapshot.incidents[0].code, one.code);
  }
  Walk last = child(inviting(1, "[1, 2, 3]").build(), machine::k_max_family_depth - 1, 3);
  last.event("go0");
  ASSERT_EQ(last.children.size(), 3u);
  EXPECT_EQ(last.children[0].room, 0u);
}

}  // namespace
}  // namespace vozex::testing
