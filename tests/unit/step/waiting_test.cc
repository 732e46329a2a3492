// SPDX-License-Identifier: Apache-2.0
// What an instance waits for: timers, deferred events, people; and how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/step/machine_builder.h"
#include "tests/unit/step/walk.h"

namespace vozex::testing {
namespace {

using namespace std::chrono_literals;
using machine::Disposition;
using machine::Life;
using machine::Outcome;
using machine::Unhandled;
using ::testing::ElementsAre;

TEST(Timers, FireAfterTheirTime) {
  MachineBuilder b;
  b.state("a").state("b").after("a", "duration('30m')", {.to = {"b"}});
  Walk walk(b.build());
  walk.advance(29min);
  EXPECT_EQ(walk.state(), "a");
  walk.advance(1min);
  EXPECT_EQ(walk.state(), "b");
  EXPECT_EQ(walk.out.explanation.considered.at(0).event, "after 30m");
}

TEST(Timers, OfAnEarlierEntryAreStale) {
  MachineBuilder b;
  b.state("a").state("b").after("a", "duration('30m')", {.to = {"b"}});
  b.on("a", "again", {.to = {"a"}, .reenter = true});
  Walk walk(b.build());
  const auto old = next_timer(walk.machine, walk.snapshot);
  walk.advance(10min).event("again");
  walk.now += 20min;
  walk.cause(*old, "timer");
  EXPECT_EQ(walk.out.disposition, Disposition::stale);
  EXPECT_EQ(walk.state(), "a");
  EXPECT_EQ(walk.snapshot.seq, 3u) << "it is recorded";
  walk.advance(10min);
  EXPECT_EQ(walk.state(), "b");
}

TEST(Timers, AtATimestampInThePastFireAtOnce) {
  MachineBuilder b;
  b.state("a").state("b").after("a", "timestamp('2020-01-01T00:00:00Z')", {.to = {"b"}});
  Walk walk(b.build());
  walk.advance(0min);
  EXPECT_EQ(walk.state(), "b");
}

TEST(Timers, AnAbsentOptionalArmsNothing) {
  MachineBuilder b;
  b.state("a").state("b").after("a", "optional.none()", {.to = {"b"}});
  Walk walk(b.build());
  EXPECT_TRUE(walk.snapshot.timers.empty());
}

TEST(Timers, RecurAndCatchUpOnceAfterDowntime) {
  MachineBuilder b;
  b.data("n", "0").state("a").every("a", "duration('1h')", {.actions = {set("n", "data.n + 1")}});
  Walk walk(b.build());
  walk.advance(2h + 30min);
  EXPECT_EQ(walk.text(), R"({"n":2})");
  // Nobody looks for five hours, then the one that is due comes late.
  const auto due = next_timer(walk.machine, walk.snapshot);
  walk.now += 5h;
  walk.cause(*due, "timer");
  EXPECT_EQ(walk.text(), R"({"n":3})");
  EXPECT_EQ(walk.snapshot.timers.at(0).due, walk.snapshot.started_at + 8h);
}

TEST(Timers, AnInternalTransitionDoesNotRestartThem) {
  MachineBuilder b;
  b.compound("a").state("a.x").state("a.y").state("b").after("a", "duration('30m')", {.to = {"b"}});
  b.on("a.x", "move", {.to = {"a.y"}});
  Walk walk(b.build());
  walk.advance(20min).event("move").advance(10min);
  EXPECT_EQ(walk.state(), "b");
}

TEST(Sends, ComeLaterAndCanBeCancelled) {
  MachineBuilder b;
  b.state("a").state("b").state("c");
  b.on_entry("a", {send("one", "duration('1m')", "first"), send("two", "duration('2m')")});
  b.on("a", "one", {.to = {"b"}})
      .on("a", "two", {.to = {"c"}})
      .on("a", "stop", {.actions = {cancel_send("first")}});
  Walk walk(b.build());
  walk.event("stop").advance(2min);
  EXPECT_EQ(walk.state(), "c");
}

TEST(Tasks, BecomeOverdue) {
  MachineBuilder b;
  b.state("review").task("review", "duration('24h')", {.actions = {emit("ops.alert")}});
  Walk walk(b.build());
  walk.advance(24h);
  EXPECT_THAT(walk.emits(), ElementsAre("ops.alert {}"));
  EXPECT_EQ(walk.state(), "review");
}

TEST(Tasks, AreOverdueAgainAndAgainWhileTheyAreOpen) {
  MachineBuilder b;
  b.data("n", "0").state("a").state("b").on("a", "done", {.to = {"b"}});
  b.task("a", "duration('24h')", {.actions = {set("n", "data.n + 1")}}, 4h);
  Walk walk(b.build());
  walk.advance(24h);
  EXPECT_EQ(walk.text(), R"({"n":1})");
  walk.advance(8h);
  EXPECT_EQ(walk.text(), R"({"n":3})");
  const auto due = next_timer(walk.machine, walk.snapshot);
  walk.now += 13h;  // downtime
  walk.cause(*due, "timer");
  EXPECT_EQ(walk.text(), R"({"n":4})") << "what was missed is made up for once";
  walk.advance(2h);
  EXPECT_EQ(walk.text(), R"({"n":4})");
  walk.advance(1h);
  EXPECT_EQ(walk.text(), R"({"n":5})") << "on the grid of the first";
  walk.event("done");
  EXPECT_TRUE(walk.snapshot.timers.empty());
}

TEST(Deferred, EventsAreOfferedInOrderAfterAChange) {
  MachineBuilder b;
  b.data("log", "[]").state("busy").state("free");
  b.on("busy", "job", {.defer = true}).on("busy", "done", {.to = {"free"}});
  b.on("free", "job", {.actions = {set("log", "data.log + [event.data.n]")}});
  Walk walk(b.build());
  walk.event("job", json(R"({"n":1})"));
  EXPECT_EQ(walk.out.disposition, Disposition::deferred);
  walk.event("job", json(R"({"n":2})")).event("done");
  EXPECT_EQ(walk.text(), R"({"log":[1,2]})");
  EXPECT_TRUE(walk.snapshot.deferred.empty());
}

TEST(Deferred, OnesThatNoStateTakesYetAreKept) {
  MachineBuilder b;
  b.state("a").state("b").state("c").state("d");
  b.on("a", "late", {.defer = true})
      .on("a", "go", {.to = {"b"}})
      .on("b", "go", {.to = {"c"}})
      .on("c", "late", {.to = {"d"}});
  Walk walk(b.build());
  walk.event("late").event("go");
  EXPECT_EQ(walk.snapshot.deferred.size(), 1u);
  walk.event("go");
  EXPECT_EQ(walk.state(), "d");
}

TEST(Deferred, ARegionThatTakesTheEventDecides) {
  MachineBuilder b;
  b.parallel("p").compound("p.l").state("p.l.a").compound("p.r").state("p.r.a").state("p.r.b");
  b.on("p.l.a", "e", {.defer = true}).on("p.r.a", "e", {.to = {"p.r.b"}});
  Walk walk(b.build());
  walk.event("e");
  EXPECT_EQ(walk.state(), "p.l.a,p.r.b");
  EXPECT_TRUE(walk.snapshot.deferred.empty());
}

TEST(Unhandled, FollowsThePolicyOfTheEvent) {
  MachineBuilder b;
  b.state("a").state("b").on("a", "go", {.to = {"b"}}).on("b", "later", {.to = {"a"}});
  b.unhandled("later", Unhandled::defer)
      .unhandled("never", Unhandled::reject)
      .unhandled("odd", Unhandled::incident);
  Walk walk(b.build());
  walk.event("unknown");
  EXPECT_EQ(walk.out.disposition, Disposition::ignored);
  EXPECT_EQ(walk.out.explanation.note, "no active state takes unknown");
  walk.event("never");
  EXPECT_EQ(walk.out.disposition, Disposition::rejected);
  EXPECT_EQ(walk.out.rejection.code, "event_not_accepted");
  walk.event("odd");
  EXPECT_EQ(walk.snapshot.incidents.size(), 1u);
  EXPECT_EQ(walk.snapshot.life, Life::running);
  walk.event("later");
  EXPECT_EQ(walk.out.disposition, Disposition::deferred);
  walk.event("go");
  EXPECT_EQ(walk.state(), "a");
}

MachineBuilder reviewed() {
  MachineBuilder b;
  b.data("note", "''").state("review").state("ok").state("done");
  MachineBuilder::Action accept;
  accept.name = "accept";
  accept.roles = {"ops"};
  accept.when = "actor.id != input.by";
  accept.form =
      types::object_of({{"note", types::simple_type(types::TypeKind::string), {}, false, ""}});
  accept.arrows = {{.to = {"ok"}, .actions = {set("note", "event.form.note")}}};
  b.action("review", accept);
  return b;
}

TEST(Actions, NeedTheRoleTheConditionAndAFittingForm) {
  Walk walk(reviewed().build(), json(R"({"by":"bob"})"));
  walk.act("accept", "ann", {"customer"}, json(R"({"note":"x"})"));
  EXPECT_EQ(walk.out.rejection.code, "not_allowed");
  walk.act("accept", "bob", {"ops"}, json(R"({"note":"x"})"));
  EXPECT_EQ(walk.out.rejection.code, "action_not_available");
  walk.act("accept", "ann", {"ops"}, json(R"({"note":5})"));
  EXPECT_EQ(walk.out.rejection.code, "invalid_form");
  EXPECT_EQ(walk.out.rejection.details.at(0).name, "/note");
  EXPECT_EQ(walk.snapshot.seq, 1u);
  walk.act("accept", "ann", {"ops"}, json(R"({"note":"fine"})"));
  EXPECT_EQ(walk.state(), "ok");
  EXPECT_EQ(walk.text(), R"({"note":"fine"})");
  walk.act("accept", "ann", {"ops"}, json(R"({"note":"fine"})"));
  EXPECT_EQ(walk.out.rejection.code, "action_not_available");
}

TEST(Actions, WithoutAFormTakeNone) {
  MachineBuilder b;
  b.state("a").state("b");
  b.action("a", {.name = "go", .arrows = {{.to = {"b"}}}});
  Walk walk(b.build());
  walk.act("go", "ann", {}, json(R"({"note":"what a person wrote"})"));
  EXPECT_EQ(walk.out.rejection.code, "invalid_form");
  EXPECT_EQ(walk.out.rejection.details.at(0).name, "/note");
  EXPECT_NE(walk.out.rejection.message.find("go takes no form"), std::string::npos);
  walk.act("go", "ann", {}, json("7"));
  EXPECT_EQ(walk.out.rejection.code, "invalid_form");
  walk.act("go", "ann", {}, json("{}"));
  EXPECT_EQ(walk.state(), "b");
}

TEST(Actions, ApprovalsComeFromDifferentPeople) {
  MachineBuilder b;
  b.state("a").state("b");
  b.action("a", {.name = "approve", .approvals = 2, .arrows = {{.to = {"b"}}}});
  Walk walk(b.build());
  walk.act("approve", "ann");
  EXPECT_EQ(walk.out.disposition, Disposition::waiting);
  EXPECT_EQ(walk.out.rejection.code, "approvals_missing");
  EXPECT_EQ(walk.snapshot.seq, 2u);
  walk.act("approve", "ann");
  EXPECT_EQ(walk.out.rejection.code, "already_approved");
  walk.act("approve", "bob");
  EXPECT_EQ(walk.state(), "b");
  EXPECT_TRUE(walk.snapshot.approvals.empty());
}

TEST(Actions, AreOfferedWithTheReasonWhyNot) {
  Walk walk(reviewed().build(), json(R"({"by":"bob"})"));
  const types::Value none = types::Value::map({});
  const Waiting ann = waiting_for(walk.machine, walk.snapshot, {"ann", {"ops"}}, walk.now, none);
  ASSERT_EQ(ann.actions.size(), 1u);
  EXPECT_TRUE(ann.actions[0].enabled);
  const Waiting bob = waiting_for(walk.machine, walk.snapshot, {"bob", {"ops"}}, walk.now, none);
  EXPECT_FALSE(bob.actions[0].enabled);
  EXPECT_NE(bob.actions[0].reason, "");
}

TEST(Endings, AFinalStateGivesOutputAndReplies) {
  MachineBuilder b;
  b.data("n", "3").state("a").final_state("end", Outcome::completed, "{'n': data.n}");
  b.on_exit("end", {log("bye")}).on("a", "go", {.to = {"end"}}).after("a", "duration('1h')", {});
  Walk walk(b.build());
  walk.event("go");
  EXPECT_EQ(walk.snapshot.life, Life::completed);
  EXPECT_EQ(walk.snapshot.output, json(R"({"n":3})"));
  EXPECT_TRUE(walk.snapshot.timers.empty());
  EXPECT_THAT(walk.logs(), ElementsAre("bye"));
  const auto replies = walk.effects<machine::Reply>();
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_TRUE(replies[0].ok);
  EXPECT_TRUE(replies[0].final);
  walk.event("go");
  EXPECT_EQ(walk.out.disposition, Disposition::ended);
}

TEST(Endings, AFailedOneGivesItsError) {
  MachineBuilder b;
  b.state("a").final_state("bad", Outcome::failed).on("a", "go", {.to = {"bad"}});
  machine::Machine machine = b.build();
  machine.states[2].error_code = "not_delivered";
  Walk walk(machine);
  walk.event("go");
  EXPECT_EQ(walk.snapshot.life, Life::failed);
  EXPECT_EQ(walk.effects<machine::Reply>().at(0).error.code, "not_delivered");
}

TEST(Replies, TheFirstCounts) {
  MachineBuilder b;
  b.state("a")
      .final_state("end")
      .on("a", "answer", {.actions = {reply("{'n': event.data.n}")}})
      .on("a", "go", {.to = {"end"}});
  Walk walk(b.build());
  walk.event("answer", json(R"({"n":1})"));
  EXPECT_EQ(walk.effects<machine::Reply>().at(0).result, json(R"({"n":1})"));
  walk.event("answer", json(R"({"n":2})"));
  EXPECT_TRUE(walk.effects<machine::Reply>().empty());
  walk.event("go");
  EXPECT_TRUE(walk.effects<machine::Reply>().empty());
}

TEST(Endings, RunningWorkIsCancelled) {
  MachineBuilder b;
  b.state("a")
      .final_state("end")
      .invoke("a", {.id = "call"})
      .invoke("a", {.id = "kid", .workflow = "'kid'"});
  b.on("a", "go", {.to = {"end"}});
  Walk walk(b.build());
  walk.event("go");
  EXPECT_EQ(walk.effects<machine::CancelCall>().size(), 1u);
  EXPECT_EQ(walk.effects<machine::CancelChild>().size(), 1u);
  walk.finish(walk.calls[0].id);
  EXPECT_EQ(walk.snapshot.incidents.size(), 1u)
      << "a late success of an ended instance is seen by somebody";
}

}  // namespace
}  // namespace vozex::testing
