// SPDX-License-Identifier: Apache-2.0
// Data, keys, status, invariants, and what happens when an expression fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/types/json.h"
#include "tests/unit/step/machine_builder.h"
#include "tests/unit/step/walk.h"

namespace vozex::testing {
namespace {

using machine::Disposition;
using machine::ErrorMode;
using machine::Life;
using ::testing::ElementsAre;
using types::Value;

TEST(Data, AllRightSidesOfASetSeeOldData) {
  MachineBuilder b;
  b.data("a", "1").data("b", "2").state("s");
  machine::Action swap = set("a", "data.b");
  swap.set.push_back(set("b", "data.a").set.front());
  b.on("s", "swap", {.actions = {swap}});
  Walk walk(b.build());
  walk.event("swap");
  EXPECT_EQ(walk.text(), R"({"a":2,"b":1})");
}

TEST(Data, PathsReachIntoMapsAndLists) {
  MachineBuilder b;
  b.data("m", "{}").data("l", "[1, 2, 3]").state("s");
  b.on("s",
       "put",
       {.actions = {set_at("m", "event.data.key", "event.data.value"), set_at("l", "1", "'two'")}});
  b.on("s", "drop", {.actions = {set_at("m", "event.data.key", "null")}});
  Walk walk(b.build());
  walk.event("put", json(R"({"key":"k","value":5})"));
  EXPECT_EQ(walk.text(), R"({"l":[1,"two",3],"m":{"k":5}})");
  walk.event("drop", json(R"({"key":"k"})"));
  EXPECT_EQ(walk.text(), R"({"l":[1,"two",3],"m":{}})");
}

TEST(Data, AnOptionalIsRemovedByNull) {
  MachineBuilder b;
  b.data("note", "'x'", types::optional_of(types::simple_type(types::TypeKind::string))).state("s");
  machine::Action clear = set("note", "null");
  clear.set.front().type = types::optional_of(types::simple_type(types::TypeKind::string));
  b.on("s", "clear", {.actions = {clear}});
  Walk walk(b.build());
  walk.event("clear");
  EXPECT_EQ(walk.text(), "{}");
}

TEST(Data, AValueOfTheWrongTypeFailsWhenItRuns) {
  MachineBuilder b;
  b.data("n", "1").state("s");
  machine::Action wrong = set("n", "event.data.n");
  wrong.set.front().type = types::simple_type(types::TypeKind::integer);
  b.on("s", "put", {.actions = {wrong}});
  Walk walk(b.build());
  walk.event("put", json(R"({"n":"text"})"));
  EXPECT_EQ(walk.out.disposition, Disposition::incident);
  EXPECT_EQ(walk.text(), R"({"n":1})");
}

// Each step wraps what is there once more, with expressions that are small themselves.
TEST(Data, WhatIsNestedTooDeepToBeReadAgainIsRefused) {
  MachineBuilder b;
  b.data("d", "{}").state("s");
  b.on("s", "wrap", {.actions = {set("d", "[data.d]")}});
  Walk walk(b.build());
  int taken = 0;
  for (int i = 0; i < 100 && walk.out.disposition != Disposition::incident; ++i) {
    walk.event("wrap");
    ++taken;
  }
  EXPECT_EQ(walk.out.disposition, Disposition::incident);
  EXPECT_EQ(taken, 63);  // data itself is a level, and {} another
  ASSERT_FALSE(walk.snapshot.incidents.empty());
  EXPECT_EQ(walk.snapshot.incidents.front().message, "data would be nested deeper than 64 levels");
}

TEST(Data, ForEachShowsEachItem) {
  MachineBuilder b;
  b.state("s");
  machine::Action each = emit("item", "{'it': each}");
  each.for_each = program("event.data.items");
  each.when = program("each > 1");
  b.on("s", "go", {.actions = {each}});
  Walk walk(b.build());
  walk.event("go", json(R"({"items":[1,2,3]})"));
  EXPECT_THAT(walk.emits(), ElementsAre(R"(item {"it":2})", R"(item {"it":3})"));
}

TEST(Data, DoesNotGrowBeyondItsBoundWithOneMemberOrSeveral) {
  MachineBuilder b;
  b.data("a", "''").data("b", "''").state("s");
  machine::Action both = set("a", "event.data.text");
  both.set.push_back(set("b", "event.data.text").set.front());
  b.on("s", "one", {.actions = {set("a", "event.data.text")}});
  b.on("s", "both", {.actions = {both}});
  const auto text = [](std::size_t bytes) {
    return Value::object({{"text", Value::string(std::string(bytes, 'x'))}});
  };
  for (const char* event : {"one", "both"}) {
    Walk walk(b.build());
    walk.event(event, text(machine::k_max_data_bytes / 4));
    EXPECT_EQ(walk.out.disposition, Disposition::transitioned) << event;
    const std::string before = walk.text();
    walk.event(event, text(machine::k_max_data_bytes));
    EXPECT_EQ(walk.out.disposition, Disposition::incident) << event;
    EXPECT_EQ(walk.snapshot.incidents.at(0).code, "data_too_large") << event;
    EXPECT_EQ(walk.text(), before) << event;
  }
}

// More members than are written in place, each several times, a removal and a new member between.
TEST(Data, ARefusedStepGivesBackEveryMemberThatItWrote) {
  MachineBuilder b;
  machine::Block actions;
  b.data("gone", "'old'");
  for (const char* name : {"m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8"}) {
    b.data(name, "1");
    actions.push_back(set(name, std::string("data.") + name + " + 1"));
    actions.push_back(set(name, "'text'"));
    if (std::string_view(name) == "m4") {
      actions.push_back(set("gone", "null"));
      actions.push_back(set("fresh", "data.m1"));
    }
  }
  b.invariant("short", "data.m8 != 'text'").state("s").state("t");
  b.on("s", "go", {.to = {"t"}, .actions = actions});
  Walk walk(b.build());
  const std::string before = walk.text();
  walk.event("go");
  EXPECT_EQ(walk.snapshot.incidents.at(0).code, "invariant_broken");
  EXPECT_EQ(walk.text(), before);
  EXPECT_EQ(walk.state(), "s");
}

// Whoever holds the old data keeps it as it was.
TEST(Data, ASnapshotThatSharesItsDataIsNotWrittenInto) {
  MachineBuilder b;
  b.data("n", "1").state("s");
  b.on("s", "set", {.actions = {set("n", "data.n + 1")}});
  const machine::Machine machine = b.build();
  Walk walk(machine);
  machine::Snapshot next = walk.snapshot;
  StepReport report;
  machine::Event event;
  event.name = "set";
  step_in_place(report, machine, next, event, walk.now, Value::map({}));
  EXPECT_EQ(walk.text(), R"({"n":1})");
  EXPECT_EQ(types::to_json(next.data), R"({"n":2})");
  const machine::Snapshot shared = next;
  step_in_place(report, machine, next, event, walk.now, Value::map({}));
  EXPECT_EQ(types::to_json(shared.data), R"({"n":2})");
  EXPECT_EQ(types::to_json(next.data), R"({"n":3})");
}

TEST(Keys, FollowData) {
  MachineBuilder b;
  b.key("input.id").data("refs", "['a', 'b']").alias("ref", "data.refs").state("s");
  b.on("s", "swap", {.actions = {set("refs", "['b', 'c']")}});
  Walk walk(b.build(), json(R"({"id":"o1"})"));
  const auto bound = walk.effects<machine::BindKey>();
  ASSERT_EQ(bound.size(), 3u);
  EXPECT_EQ(bound[0].alias + "=" + bound[0].value, "=o1");
  EXPECT_THAT(walk.snapshot.keys, ElementsAre("ref=a", "ref=b"));
  walk.event("swap");
  ASSERT_EQ(walk.effects<machine::UnbindKey>().size(), 1u);
  EXPECT_EQ(walk.effects<machine::UnbindKey>()[0].value, "a");
  EXPECT_EQ(walk.effects<machine::BindKey>().at(0).value, "c");
}

TEST(Status, IsTheInnermostWordAndIsEvaluatedAgain) {
  MachineBuilder b;
  b.data("n", "0").compound("live").state("live.a").state("live.b").status(
      "live", "data.n > 0 ? 'many' : 'none'");
  b.status("live.b", "'b'");
  b.on("live.a", "more", {.actions = {set("n", "1")}}).on("live.a", "go", {.to = {"live.b"}});
  Walk walk(b.build());
  EXPECT_EQ(walk.snapshot.status, "none");
  walk.event("more");
  EXPECT_EQ(walk.snapshot.status, "many");
  walk.event("go");
  EXPECT_EQ(walk.snapshot.status, "b");
}

TEST(Invariants, ABrokenOneRefusesTheStep) {
  MachineBuilder b;
  b.data("n", "0").invariant("not negative", "data.n >= 0").state("s");
  b.on("s", "set", {.actions = {set("n", "event.data.n"), emit("changed")}});
  Walk walk(b.build());
  walk.event("set", json(R"({"n":5})"));
  EXPECT_EQ(walk.text(), R"({"n":5})");
  walk.event("set", json(R"({"n":-1})"));
  EXPECT_EQ(walk.text(), R"({"n":5})");
  EXPECT_TRUE(walk.emits().empty());
  EXPECT_EQ(walk.snapshot.life, Life::held);
  EXPECT_EQ(walk.snapshot.incidents.at(0).code, "invariant_broken");
  EXPECT_EQ(walk.snapshot.queued.size(), 1u);
}

MachineBuilder failing_machine() {
  MachineBuilder b;
  b.data("n", "0").state("a").state("b");
  b.on("a", "go", {.to = {"b"}, .actions = {set("n", "1"), set("n", "1 / 0"), set("n", "3")}});
  b.on("a", "guard", {.to = {"b"}, .when = "1 / data.n > 0"});
  return b;
}

TEST(Errors, InIncidentModeTheWholeStepIsUndoneAndTheEventWaitsFirst) {
  Walk walk(failing_machine().build());
  walk.event("go");
  EXPECT_EQ(walk.out.disposition, Disposition::incident);
  EXPECT_EQ(walk.state(), "a");
  EXPECT_EQ(walk.text(), R"({"n":0})");
  EXPECT_EQ(walk.snapshot.life, Life::held);
  ASSERT_EQ(walk.snapshot.incidents.size(), 1u);
  EXPECT_TRUE(walk.snapshot.incidents[0].holds);
  walk.event("guard");
  EXPECT_EQ(walk.out.disposition, Disposition::queued);
  ASSERT_EQ(walk.snapshot.queued.size(), 2u);
  EXPECT_EQ(walk.snapshot.queued[0].name, "go");
}

TEST(Errors, InEventModeTheFailingBlockEndsAndTheStepGoesOn) {
  Walk walk(failing_machine().errors(ErrorMode::event).build());
  walk.event("go");
  EXPECT_EQ(walk.state(), "b");
  EXPECT_EQ(walk.text(), R"({"n":1})");
}

TEST(Errors, AFailingGuardCountsAsFalse) {
  Walk walk(failing_machine().errors(ErrorMode::event).build());
  walk.event("guard");
  EXPECT_EQ(walk.state(), "a");
  EXPECT_THAT(walk.out.explanation.considered.at(0).result, ::testing::StartsWith("error: "));
}

TEST(Errors, AStateThatTakesTheErrorDecides) {
  MachineBuilder b = failing_machine();
  b.state("broken").on("b", "error.execution", {.to = {"broken"}});
  Walk walk(b.build());
  walk.event("go");
  EXPECT_EQ(walk.state(), "broken");
  EXPECT_EQ(walk.snapshot.life, Life::running);
}

TEST(Held, ResumingReplaysTheQueueInOrder) {
  MachineBuilder b;
  b.data("d", "0").data("log", "[]").state("a");
  b.on("a", "div", {.actions = {set("log", "data.log + [1 / data.d]")}});
  b.on("a", "add", {.actions = {set("log", "data.log + [event.data.n]")}});
  Walk walk(b.build());
  walk.event("div").event("add", json(R"({"n":7})"));
  EXPECT_EQ(walk.snapshot.queued.size(), 2u);
  walk.cause(machine::Resumed{});
  EXPECT_EQ(walk.snapshot.life, Life::held) << "still dividing by zero";
  EXPECT_EQ(walk.snapshot.queued.size(), 2u);
  walk.cause(machine::Patched{json(R"({"d":1})"), {}, ""});
  walk.cause(machine::Resumed{});
  EXPECT_EQ(walk.snapshot.life, Life::running);
  EXPECT_EQ(walk.text(), R"({"d":1,"log":[1,7]})");
  EXPECT_TRUE(walk.snapshot.queued.empty());
  EXPECT_TRUE(walk.snapshot.incidents.empty());
}

TEST(Held, MovingNowhereSkipsTheEventThatCantBeTaken) {
  Walk walk(failing_machine().build());
  walk.event("go");
  walk.cause(machine::Moved{"", {}, ""});
  walk.cause(machine::Resumed{});
  EXPECT_EQ(walk.snapshot.life, Life::running);
  EXPECT_EQ(walk.state(), "a");
}

TEST(Held, MovingEntersTheStateAndStaysHeld) {
  Walk walk(failing_machine().build());
  walk.event("go").cause(machine::Moved{"b", {}, "by hand"});
  EXPECT_EQ(walk.state(), "b");
  EXPECT_EQ(walk.snapshot.life, Life::held);
  walk.cause(machine::Moved{"nowhere", {}, ""});
  EXPECT_EQ(walk.out.rejection.code, "unknown_state");
}

TEST(Suspended, EventsQueueAndTimersWait) {
  MachineBuilder b;
  b.state("a").state("b").on("a", "go", {.to = {"b"}}).after("a", "duration('1m')", {.to = {"b"}});
  Walk walk(b.build());
  walk.cause(machine::Suspended{});
  EXPECT_EQ(next_due(walk.snapshot), std::nullopt);
  walk.event("go");
  EXPECT_EQ(walk.out.disposition, Disposition::queued);
  walk.cause(machine::Resumed{});
  EXPECT_EQ(walk.state(), "b");
}

}  // namespace
}  // namespace vozex::testing
