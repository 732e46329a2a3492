// SPDX-License-Identifier: Apache-2.0
// Calls and children: started at the end of the macrostep, settled by their results, cancelled with
// their state.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/step/machine_builder.h"
#include "tests/unit/step/walk.h"

namespace vozex::testing {
namespace {

using machine::Disposition;
using machine::Join;
using machine::Life;
using ::testing::ElementsAre;

MachineBuilder calling() {
  MachineBuilder b;
  b.data("got", "null").state("idle").state("calling").state("done").state("failed");
  b.on("idle", "go", {.to = {"calling"}}).on("calling", "leave", {.to = {"idle"}});
  return b;
}

MachineBuilder::Invoke charge() {
  MachineBuilder::Invoke invoke;
  invoke.id = "charge";
  invoke.with = "{'amount': 5}";
  invoke.on_done = {{.to = {"done"}, .actions = {set("got", "result.ref")}}};
  invoke.on_error = {{.to = {"failed"}, .when = "error.code == 'declined'"}};
  return invoke;
}

TEST(Calls, StartWithTheirStateAndEndInOnDone) {
  Walk walk(calling().invoke("calling", charge()).build());
  EXPECT_TRUE(walk.calls.empty());
  walk.event("go");
  ASSERT_EQ(walk.calls.size(), 1u);
  EXPECT_EQ(walk.calls[0].id.text(), walk.snapshot.id.text() + "/2/0");
  EXPECT_EQ(walk.calls[0].input, json(R"({"amount":5})"));
  EXPECT_EQ(walk.calls[0].idempotency_key, walk.calls[0].id.text());
  walk.finish(walk.calls[0].id, json(R"({"ref":"r1"})"));
  EXPECT_EQ(walk.state(), "done");
  EXPECT_EQ(walk.text(), R"({"got":"r1"})");
}

TEST(Calls, AStateThatIsLeftInTheSameStepStartsNothing) {
  MachineBuilder b = calling();
  b.always("calling", {.to = {"done"}}).invoke("calling", charge());
  Walk walk(b.build());
  walk.event("go");
  EXPECT_EQ(walk.state(), "done");
  EXPECT_TRUE(walk.calls.empty());
}

TEST(Calls, AFailureThatIsTakenMoves) {
  Walk walk(calling().invoke("calling", charge()).build());
  walk.event("go").fail(walk.calls[0].id, "declined");
  EXPECT_EQ(walk.state(), "failed");
  EXPECT_TRUE(walk.snapshot.incidents.empty());
}

TEST(Calls, AFailureThatNobodyTakesIsAnIncidentAndALaterSuccessStillCounts) {
  Walk walk(calling().invoke("calling", charge()).build());
  walk.event("go").fail(walk.calls[0].id, "unavailable");
  EXPECT_EQ(walk.state(), "calling");
  EXPECT_EQ(walk.snapshot.life, Life::running);
  ASSERT_EQ(walk.snapshot.incidents.size(), 1u);
  EXPECT_EQ(walk.snapshot.incidents[0].call, walk.calls[0].id);
  walk.finish(walk.calls[0].id, json(R"({"ref":"r2"})"));
  EXPECT_EQ(walk.state(), "done");
  EXPECT_TRUE(walk.snapshot.incidents.empty());
}

TEST(Calls, LeavingTheStateClosesTheIncident) {
  Walk walk(calling().invoke("calling", charge()).build());
  walk.event("go").fail(walk.calls[0].id, "unavailable").event("leave");
  EXPECT_TRUE(walk.snapshot.incidents.empty());
}

TEST(Calls, ResultsOfAnEarlierEntryAreStale) {
  MachineBuilder::Invoke invoke = charge();
  invoke.read_only = true;
  Walk walk(calling().invoke("calling", invoke).build());
  walk.event("go").event("leave");
  ASSERT_EQ(walk.effects<machine::CancelCall>().size(), 1u);
  walk.event("go");
  ASSERT_EQ(walk.calls.size(), 2u);
  walk.finish(walk.calls[0].id, json(R"({"ref":"old"})"));
  EXPECT_EQ(walk.out.disposition, Disposition::stale);
  EXPECT_EQ(walk.state(), "calling");
  walk.finish(walk.calls[1].id, json(R"({"ref":"new"})"));
  EXPECT_EQ(walk.text(), R"({"got":"new"})");
}

TEST(Calls, AnExpressionThatFailsInWithHoldsTheInstance) {
  MachineBuilder::Invoke invoke = charge();
  invoke.with = "{'amount': 1 / 0}";
  Walk walk(calling().invoke("calling", invoke).build());
  walk.event("go");
  EXPECT_EQ(walk.snapshot.life, Life::held);
  EXPECT_EQ(walk.state(), "idle");
}

TEST(Calls, OnDoneOfAnAtomicStateComesWhenAllItsInvokesAreDone) {
  MachineBuilder b;
  b.state("both").state("done").on_done("both", {.to = {"done"}});
  MachineBuilder::Invoke one{.id = "one"};
  MachineBuilder::Invoke two{.id = "two"};
  b.invoke("both", one).invoke("both", two);
  Walk walk(b.build());
  ASSERT_EQ(walk.calls.size(), 2u);
  walk.finish(walk.calls[1].id);
  EXPECT_EQ(walk.state(), "both");
  walk.finish(walk.calls[0].id);
  EXPECT_EQ(walk.state(), "done");
}

MachineBuilder fan_out(MachineBuilder::Invoke invoke) {
  MachineBuilder b;
  b.data("log", "[]").state("s").state("done").state("failed");
  invoke.id = "many";
  invoke.for_each = "input.items";
  invoke.with = "{'n': line, 'at': index}";
  invoke.on_done = {{.to = {"done"}, .actions = {set("log", "data.log + [result]")}}};
  invoke.on_error = {{.to = {"failed"}, .actions = {set("log", "data.log + [error.code]")}}};
  b.invoke("s", invoke);
  return b;
}

TEST(FanOut, JoinsWhenEveryOneIsSettled) {
  Walk walk(fan_out({}).build(), json(R"({"items":[10,20,30]})"));
  ASSERT_EQ(walk.calls.size(), 3u);
  EXPECT_EQ(walk.calls[2].input, json(R"({"n":30,"at":2})"));
  walk.finish(walk.calls[2].id, json("3")).finish(walk.calls[0].id, json("1"));
  EXPECT_EQ(walk.state(), "s");
  walk.finish(walk.calls[1].id, json("2"));
  EXPECT_EQ(walk.state(), "done");
  EXPECT_EQ(walk.text(), R"({"log":[[1,2,3]]})");
}

TEST(FanOut, AFailureCancelsNoSiblingAndFailsTheJoinAtTheEnd) {
  Walk walk(fan_out({}).build(), json(R"({"items":[1,2]})"));
  walk.fail(walk.calls[0].id, "no");
  EXPECT_EQ(walk.state(), "s");
  EXPECT_TRUE(walk.effects<machine::CancelCall>().empty());
  walk.finish(walk.calls[1].id);
  EXPECT_EQ(walk.state(), "failed");
  EXPECT_EQ(walk.text(), R"({"log":["no"]})");
}

TEST(FanOut, OverNothingIsDoneAtOnce) {
  Walk walk(fan_out({}).build(), json(R"({"items":[]})"));
  EXPECT_EQ(walk.state(), "done");
}

TEST(FanOut, ALimitStartsTheNextWhenOneSettles) {
  Walk walk(fan_out({.limit = 2}).build(), json(R"({"items":[1,2,3]})"));
  ASSERT_EQ(walk.calls.size(), 2u);
  walk.fail(walk.calls[1].id, "no");
  ASSERT_EQ(walk.calls.size(), 3u);
  EXPECT_EQ(walk.calls[2].input, json(R"({"n":3,"at":2})"));
}

TEST(FanOut, JoinAnyIsDoneWithTheFirst) {
  Walk walk(fan_out({.join = Join::any}).build(), json(R"({"items":[1,2,3]})"));
  walk.fail(walk.calls[0].id, "no");
  EXPECT_EQ(walk.state(), "s");
  walk.finish(walk.calls[2].id);
  EXPECT_EQ(walk.state(), "done");
  EXPECT_EQ(walk.effects<machine::CancelCall>().size(), 1u)
      << "the one still running goes with the state";
}

TEST(FanOut, ThatIsOverStartsNoOther) {
  const char* one = "invoked.many.exists(i, i.status == 'done')";
  for (const bool by_expression : {false, true}) {
    Walk walk(fan_out({.limit = 2,
                       .join = by_expression ? Join::expression : Join::any,
                       .join_when = by_expression ? one : ""})
                  .build(),
              json(R"({"items":[1,2,3,4]})"));
    walk.fail(walk.calls[0].id, "no");
    EXPECT_EQ(walk.calls.size(), 3u) << "it is not over";
    walk.finish(walk.calls[1].id);
    EXPECT_EQ(walk.state(), "done");
    EXPECT_EQ(walk.calls.size(), 3u);
    EXPECT_EQ(walk.effects<machine::CancelCall>().size(), 1u);
  }
}

TEST(FanOut, JoinByExpression) {
  const char* two = "invoked.many.filter(i, i.status == 'done').size() >= 2";
  Walk walk(fan_out({.join = Join::expression, .join_when = two}).build(),
            json(R"({"items":[1,2,3]})"));
  walk.finish(walk.calls[0].id);
  EXPECT_EQ(walk.state(), "s");
  walk.finish(walk.calls[1].id);
  EXPECT_EQ(walk.state(), "done");
}

TEST(FanOut, OnEachSeesTheItemItsIndexAndHowItEnded) {
  MachineBuilder::Invoke invoke;
  invoke.on_each = {{.when = "invoked.many[index].status == 'failed'",
                     .actions = {emit("lost", "{'line': line}")}}};
  Walk walk(fan_out(invoke).build(), json(R"({"items":["x","y"]})"));
  walk.finish(walk.calls[0].id);
  EXPECT_TRUE(walk.emits().empty());
  walk.fail(walk.calls[1].id, "no");
  EXPECT_THAT(walk.emits(), ElementsAre(R"(lost {"line":"y"})"));
  EXPECT_EQ(walk.state(), "failed");
}

MachineBuilder parent() {
  MachineBuilder b;
  b.state("paying").state("paid").state("unpaid");
  MachineBuilder::Invoke invoke;
  invoke.id = "payment";
  invoke.workflow = "'payment'";
  invoke.with = "{'order': instance.id}";
  invoke.on_done = {{.to = {"paid"}}};
  invoke.on_error = {{.to = {"unpaid"}}};
  b.invoke("paying", invoke).on("paying", "leave", {.to = {"unpaid"}});
  return b;
}

TEST(Children, HaveANameThatFollowsFromWhoStartedThem) {
  Walk one(parent().build());
  Walk two(parent().build());
  ASSERT_EQ(one.children.size(), 1u);
  EXPECT_EQ(one.children[0].child, two.children[0].child);
  EXPECT_EQ(one.children[0].workflow, "payment");
}

TEST(Children, AReplyEndsTheInvokeAndTheChildLivesOn) {
  Walk walk(parent().build());
  walk.child_done(walk.children[0], json("{}"));
  EXPECT_EQ(walk.state(), "paid");
  EXPECT_TRUE(walk.effects<machine::CancelChild>().empty());
  walk.child_done(walk.children[0], json("{}"), true);
  EXPECT_EQ(walk.out.disposition, Disposition::stale);
}

TEST(Children, OneThatHasNotRepliedIsCancelledWithTheState) {
  Walk walk(parent().build());
  walk.event("leave");
  ASSERT_EQ(walk.effects<machine::CancelChild>().size(), 1u);
  walk.child_failed(walk.children[0], "cancelled");
  EXPECT_EQ(walk.out.disposition, Disposition::stale);
}

TEST(Children, AFailureIsTakenByOnError) {
  Walk walk(parent().build());
  walk.child_failed(walk.children[0], "expired");
  EXPECT_EQ(walk.state(), "unpaid");
}

MachineBuilder booking() {
  MachineBuilder b;
  b.state("hotel").state("flight").state("rest").state("undoing").final_state(
      "undone", machine::Outcome::cancelled);
  MachineBuilder::Invoke hotel{.id = "hotel", .call = "trip.hotel"};
  hotel.compensate = "trip.drop_hotel";
  hotel.compensate_with = "{'ref': result.ref}";
  hotel.on_done = {{.to = {"flight"}}};
  MachineBuilder::Invoke flight{.id = "flight", .call = "trip.flight"};
  flight.compensate = "trip.drop_flight";
  flight.compensate_with = "{'ref': result.ref}";
  flight.on_done = {{.to = {"rest"}}};
  b.invoke("hotel", hotel).invoke("flight", flight).on("flight", "leave", {.to = {"rest"}});
  b.invoke("undoing", {.id = "undo", .compensate_all = true, .on_done = {{.to = {"undone"}}}});
  b.on("rest", "undo", {.to = {"undoing"}}).on("flight", "undo", {.to = {"undoing"}});
  return b;
}

TEST(Compensation, UndoesTheNewestFirstAndWaitsForEach) {
  Walk walk(booking().build());
  walk.finish(walk.calls[0].id, json(R"({"ref":"h"})"))
      .finish(walk.calls[1].id, json(R"({"ref":"f"})"));
  walk.event("undo");
  ASSERT_EQ(walk.calls.size(), 3u);
  EXPECT_EQ(walk.calls[2].operation->name, "drop_flight");
  EXPECT_TRUE(walk.calls[2].compensation);
  EXPECT_EQ(walk.calls[2].undoes, walk.calls[1].id);
  EXPECT_EQ(walk.calls[2].input, json(R"({"ref":"f"})"));
  walk.finish(walk.calls[2].id);
  ASSERT_EQ(walk.calls.size(), 4u);
  EXPECT_EQ(walk.calls[3].operation->name, "drop_hotel");
  EXPECT_EQ(walk.state(), "undoing");
  walk.finish(walk.calls[3].id);
  EXPECT_EQ(walk.state(), "undone");
  EXPECT_EQ(walk.snapshot.life, Life::cancelled);
}

TEST(Compensation, OneThatFailsIsAnIncidentAndGoesOnWhenItSucceeds) {
  Walk walk(booking().build());
  walk.finish(walk.calls[0].id, json(R"({"ref":"h"})")).event("leave").event("undo");
  // The flight was under way: nothing is undone before its end is known.
  EXPECT_EQ(walk.calls.size(), 2u);
  walk.fail(walk.calls[1].id, "withdrawn");
  ASSERT_EQ(walk.calls.size(), 3u);
  walk.fail(walk.calls[2].id, "unavailable");
  EXPECT_EQ(walk.snapshot.incidents.size(), 1u);
  EXPECT_EQ(walk.state(), "undoing");
  walk.finish(walk.calls[2].id);
  EXPECT_EQ(walk.state(), "undone");
  EXPECT_TRUE(walk.snapshot.incidents.empty());
}

TEST(Compensation, ALateSuccessIsUndone) {
  Walk walk(booking().build());
  walk.finish(walk.calls[0].id, json(R"({"ref":"h"})")).event("leave");
  walk.finish(walk.calls[1].id, json(R"({"ref":"late"})"));
  ASSERT_EQ(walk.calls.size(), 3u);
  EXPECT_EQ(walk.calls[2].operation->name, "drop_flight");
  EXPECT_EQ(walk.calls[2].input, json(R"({"ref":"late"})"));
  walk.finish(walk.calls[2].id);
  walk.event("undo");
  ASSERT_EQ(walk.calls.size(), 4u);
  EXPECT_EQ(walk.calls[3].operation->name, "drop_hotel") << "what is undone is not undone again";
}

TEST(Compensation, ALateSuccessDuringCompensationIsUndoneInItsTurn) {
  Walk walk(booking().build());
  walk.finish(walk.calls[0].id, json(R"({"ref":"h"})")).event("undo");
  EXPECT_EQ(walk.calls.size(), 2u);
  walk.finish(walk.calls[1].id, json(R"({"ref":"late"})"));
  ASSERT_EQ(walk.calls.size(), 3u);
  EXPECT_EQ(walk.calls[2].operation->name, "drop_flight");
  walk.finish(walk.calls[2].id);
  ASSERT_EQ(walk.calls.size(), 4u);
  EXPECT_EQ(walk.calls[3].operation->name, "drop_hotel");
  walk.finish(walk.calls[3].id);
  EXPECT_EQ(walk.state(), "undone");
}

TEST(Compensation, ALateSuccessThatCantBeUndoneIsAnIncident) {
  Walk walk(calling().invoke("calling", charge()).build());
  walk.event("go").event("leave").finish(walk.calls[0].id, json(R"({"ref":"r"})"));
  ASSERT_EQ(walk.snapshot.incidents.size(), 1u);
  EXPECT_EQ(walk.snapshot.incidents[0].code, "late_success");
  EXPECT_EQ(walk.state(), "idle");
}

TEST(Cancel, IsReservedUndoesEverythingAndEndsCancelled) {
  Walk walk(booking().build());
  walk.finish(walk.calls[0].id, json(R"({"ref":"h"})")).fail(walk.calls[1].id, "no");
  walk.event("cancel");
  ASSERT_EQ(walk.calls.size(), 3u);
  EXPECT_EQ(walk.calls[2].operation->name, "drop_hotel");
  EXPECT_EQ(walk.snapshot.life, Life::running);
  walk.event("cancel");
  EXPECT_EQ(walk.out.disposition, Disposition::ignored) << "it is being cancelled already";
  walk.finish(walk.calls[2].id);
  EXPECT_EQ(walk.snapshot.life, Life::cancelled);
  ASSERT_EQ(walk.effects<machine::Reply>().size(), 1u);
  EXPECT_EQ(walk.effects<machine::Reply>()[0].error.code, "cancelled");
}

TEST(Cancel, AStateMayTakeIt) {
  MachineBuilder b;
  b.state("a").state("b").on("a", "cancel", {.to = {"b"}});
  Walk walk(b.build());
  walk.event("cancel");
  EXPECT_EQ(walk.state(), "b");
  walk.event("cancel");
  EXPECT_EQ(walk.snapshot.life, Life::cancelled);
}

}  // namespace
}  // namespace vozex::testing
