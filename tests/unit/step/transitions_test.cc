// SPDX-License-Identifier: Apache-2.0
// The statechart itself: selection, entry and exit order, regions, history, internal events. After
// SCXML, Appendix D.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/step/machine_builder.h"
#include "tests/unit/step/walk.h"

namespace vozex::testing {
namespace {

using machine::Disposition;
using machine::StateKind;
using ::testing::ElementsAre;

TEST(Transitions, AnEventMovesFromStateToState) {
  MachineBuilder b;
  b.state("a").state("b").on("a", "go", {.to = {"b"}});
  Walk walk(b.build());
  EXPECT_EQ(walk.state(), "a");
  walk.event("go");
  EXPECT_EQ(walk.state(), "b");
  EXPECT_EQ(walk.out.disposition, Disposition::transitioned);
  EXPECT_EQ(walk.snapshot.seq, 2u);
}

TEST(Transitions, TheFirstWhoseGuardHoldsIsTakenAndTheOthersAreExplained) {
  MachineBuilder b;
  b.data("n", "7");
  b.state("a").state("b").state("c");
  b.on("a", "go", {.to = {"b"}, .when = "data.n > 10"})
      .on("a", "go", {.to = {"c"}, .when = "data.n > 5"});
  Walk walk(b.build());
  walk.event("go");
  EXPECT_EQ(walk.state(), "c");
  ASSERT_EQ(walk.out.explanation.considered.size(), 2u);
  EXPECT_EQ(walk.out.explanation.considered[0].when, "data.n > 10");
  EXPECT_EQ(walk.out.explanation.considered[0].result, "false");
  EXPECT_EQ(walk.out.explanation.considered[1].result, "taken");
}

TEST(Transitions, ADescendantTakesTheEventBeforeItsAncestor) {
  MachineBuilder b;
  b.compound("live").state("live.a").state("live.b").state("out");
  b.on("live", "go", {.to = {"out"}}).on("live.a", "go", {.to = {"live.b"}});
  Walk walk(b.build());
  walk.event("go");
  EXPECT_EQ(walk.state(), "live.b");
  walk.event("go");
  EXPECT_EQ(walk.state(), "out");
}

TEST(Transitions, AnEmptyTransitionMasksItsAncestors) {
  MachineBuilder b;
  b.compound("live").state("live.a").state("out");
  b.on("live", "cancel", {.to = {"out"}}).on("live.a", "cancel", {});
  Walk walk(b.build());
  walk.event("cancel");
  EXPECT_EQ(walk.state(), "live.a");
  EXPECT_EQ(walk.out.disposition, Disposition::ignored);
}

TEST(Transitions, StatesAreLeftInsideOutAndEnteredOutsideInWithTheTransitionBetween) {
  MachineBuilder b;
  b.compound("a").state("a.x").compound("b").state("b.y");
  for (const char* path : {"a", "a.x", "b", "b.y"}) {
    b.on_entry(path, {log(std::string("+") + path)}).on_exit(path, {log(std::string("-") + path)});
  }
  b.on("a.x", "go", {.to = {"b"}, .actions = {log("go")}});
  Walk walk(b.build());
  EXPECT_THAT(walk.logs(), ElementsAre("+a", "+a.x"));
  walk.event("go");
  EXPECT_THAT(walk.logs(), ElementsAre("-a.x", "-a", "go", "+b", "+b.y"));
  EXPECT_THAT(walk.out.explanation.exited, ElementsAre("a.x", "a"));
}

TEST(Transitions, WithoutReenterTheSourceIsNotLeftForItselfOrBelow) {
  MachineBuilder b;
  b.compound("a").state("a.x").state("a.y");
  b.on_entry("a", {log("+a")}).on_exit("a", {log("-a")}).on_entry("a.x", {log("+x")});
  b.on("a", "inner", {.to = {"a.x"}})
      .on("a", "self", {.to = {"a"}})
      .on("a", "outer", {.to = {"a"}, .reenter = true});
  b.on("a.x", "move", {.to = {"a.y"}});
  Walk walk(b.build());
  walk.event("move").event("inner");
  EXPECT_THAT(walk.logs(), ElementsAre("+x"));
  walk.event("move").event("self");
  EXPECT_THAT(walk.logs(), ElementsAre("+x"));
  walk.event("outer");
  EXPECT_THAT(walk.logs(), ElementsAre("-a", "+a", "+x"));
}

TEST(Transitions, AnAtomicSelfTransitionWithoutReenterLeavesNothing) {
  MachineBuilder b;
  b.state("a").on_entry("a", {log("+a")}).on_exit("a", {log("-a")});
  b.on("a", "stay", {.to = {"a"}, .actions = {log("do")}})
      .on("a", "again", {.to = {"a"}, .reenter = true});
  Walk walk(b.build());
  walk.event("stay");
  EXPECT_THAT(walk.logs(), ElementsAre("do"));
  walk.event("again");
  EXPECT_THAT(walk.logs(), ElementsAre("-a", "+a"));
}

TEST(Transitions, ATransitionOfAParallelStateIntoOneRegionLeavesTheOthersAlone) {
  MachineBuilder b;
  b.parallel("p")
      .compound("p.l")
      .state("p.l.a")
      .state("p.l.b")
      .compound("p.r")
      .state("p.r.a")
      .state("p.r.b");
  b.on("p", "jump", {.to = {"p.l.b"}}).on("p.r.a", "right", {.to = {"p.r.b"}});
  b.on_exit("p", {log("-p")}).on_exit("p.r", {log("-r")});
  Walk walk(b.build());
  walk.event("right").event("jump");
  EXPECT_EQ(walk.state(), "p.l.b,p.r.b");
  EXPECT_TRUE(walk.logs().empty());
}

TEST(Transitions, AStateOfARegionThatStaysLeavesTheOtherRegionAlone) {
  MachineBuilder b;
  b.parallel("p").compound("p.l").state("p.l.a").compound("p.r").state("p.r.a").state("p.r.b");
  b.on("p.l.a", "stay", {.to = {"p.l.a"}}).on("p.r.a", "right", {.to = {"p.r.b"}});
  b.on("p.l", "again", {.to = {"p.l"}});
  Walk walk(b.build());
  walk.event("right").event("stay");
  EXPECT_EQ(walk.state(), "p.l.a,p.r.b");
  walk.event("again");
  EXPECT_EQ(walk.state(), "p.l.a,p.r.b");
}

TEST(Transitions, AStateThatStaysIsNotEnteredBehindATransitionThatLeavesIt) {
  MachineBuilder b;
  b.parallel("p").compound("p.l").state("p.l.a").compound("p.r").state("p.r.a").state("out");
  b.on("p.l.a", "go", {.to = {"p.l.a"}, .actions = {log("stay")}});
  b.on("p.r.a", "go", {.to = {"out"}});
  Walk walk(b.build());
  walk.event("go");
  EXPECT_EQ(walk.state(), "out");
  EXPECT_THAT(walk.logs(), ElementsAre("stay"));
}

TEST(Transitions, RegionsMoveTogetherAndAreDoneTogether) {
  MachineBuilder b;
  b.parallel("p")
      .compound("p.l")
      .state("p.l.a")
      .final_state("p.l.f")
      .compound("p.r")
      .state("p.r.a")
      .final_state("p.r.f");
  b.state("after");
  b.on("p.l.a", "go", {.to = {"p.l.f"}})
      .on("p.r.a", "go", {.to = {"p.r.f"}})
      .on_done("p", {.to = {"after"}});
  Walk walk(b.build());
  EXPECT_EQ(walk.state(), "p.l.a,p.r.a");
  walk.event("go");
  EXPECT_EQ(walk.state(), "after");
}

TEST(Transitions, OfConflictingTransitionsTheEarlierRegionWins) {
  MachineBuilder b;
  b.parallel("p").compound("p.l").state("p.l.a").compound("p.r").state("p.r.a").state("x").state(
      "y");
  b.on("p.l.a", "go", {.to = {"x"}}).on("p.r.a", "go", {.to = {"y"}});
  Walk walk(b.build());
  walk.event("go");
  EXPECT_EQ(walk.state(), "x");
  bool told = false;
  for (const auto& considered : walk.out.explanation.considered)
    told = told || considered.result == "preempted";
  EXPECT_TRUE(told);
}

TEST(Transitions, SeveralTargetsEnterSeveralRegions) {
  MachineBuilder b;
  b.state("s")
      .parallel("p")
      .compound("p.l")
      .state("p.l.a")
      .state("p.l.b")
      .compound("p.r")
      .state("p.r.a")
      .state("p.r.b");
  b.on("s", "go", {.to = {"p.l.b", "p.r.b"}});
  Walk walk(b.build());
  walk.event("go");
  EXPECT_EQ(walk.state(), "p.l.b,p.r.b");
}

TEST(Transitions, ShallowHistoryRemembersTheChildAndDeepHistoryTheWhole) {
  MachineBuilder b;
  b.compound("a").compound("a.m").state("a.m.x").state("a.m.y").state("a.n");
  b.state("a.h", StateKind::history_shallow).state("a.d", StateKind::history_deep).state("out");
  b.initial("a.h", {"a.n"}).initial("a.d", {"a.n"});
  b.on("a.m.x", "next", {.to = {"a.m.y"}}).on("a", "leave", {.to = {"out"}});
  b.on("out", "shallow", {.to = {"a.h"}}).on("out", "deep", {.to = {"a.d"}});
  Walk walk(b.build());
  walk.event("next").event("leave").event("deep");
  EXPECT_EQ(walk.state(), "a.m.y");
  walk.event("leave").event("shallow");
  EXPECT_EQ(walk.state(), "a.m.x");
}

TEST(Transitions, HistoryNeverEnteredLeadsToItsDefault) {
  MachineBuilder b;
  b.state("out").compound("a").state("a.x").state("a.y").state("a.h", StateKind::history_shallow);
  b.initial("a.h", {"a.y"}).on("out", "go", {.to = {"a.h"}});
  Walk walk(b.build());
  walk.event("go");
  EXPECT_EQ(walk.state(), "a.y");
}

TEST(Transitions, EventlessTransitionsRunUntilNothingIsEnabled) {
  MachineBuilder b;
  b.data("n", "0");
  b.state("count").state("done");
  b.always("count",
           {.to = {"count"},
            .when = "data.n < 5",
            .actions = {set("n", "data.n + 1")},
            .reenter = true});
  b.always("count", {.to = {"done"}});
  Walk walk(b.build());
  EXPECT_EQ(walk.state(), "done");
  EXPECT_EQ(walk.text(), R"({"n":5})");
}

TEST(Transitions, RaisedEventsComeInOrderAndBeforeAnythingFromOutside) {
  MachineBuilder b;
  b.state("a").state("b").state("c").state("wrong");
  b.on("a", "go", {.to = {"b"}, .actions = {raise("first"), raise("second")}});
  b.on("b", "second", {.to = {"wrong"}}).on("b", "first", {.to = {"c"}});
  b.on("c", "second", {.actions = {log("second")}});
  Walk walk(b.build());
  walk.event("go");
  EXPECT_EQ(walk.state(), "c");
  EXPECT_THAT(walk.logs(), ElementsAre("second"));
}

TEST(Transitions, WildcardsMatchByTokenAndLeaveReservedEventsAlone) {
  MachineBuilder b;
  b.state("a").state("b").state("c");
  b.on("a", "payment.*", {.to = {"b"}}).on("b", "*", {.to = {"c"}});
  Walk walk(b.build());
  walk.event("payments.x");
  EXPECT_EQ(walk.state(), "a");
  walk.event("payment.succeeded");
  EXPECT_EQ(walk.state(), "b");
  walk.event("whatever");
  EXPECT_EQ(walk.state(), "c");
}

TEST(Transitions, AnUnstableStepIsRefusedAndTheInstanceHeld) {
  MachineBuilder b;
  b.state("a").state("x").state("y");
  b.on("a", "go", {.to = {"x"}}).always("x", {.to = {"y"}}).always("y", {.to = {"x"}});
  Walk walk(b.build());
  walk.event("go");
  EXPECT_EQ(walk.out.disposition, Disposition::incident);
  EXPECT_EQ(walk.state(), "a");
  EXPECT_EQ(walk.snapshot.life, machine::Life::held);
  EXPECT_EQ(walk.snapshot.incidents.at(0).code, "too_many_microsteps");
}

}  // namespace
}  // namespace vozex::testing
