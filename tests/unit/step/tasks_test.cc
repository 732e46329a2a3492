// SPDX-License-Identifier: Apache-2.0
// Human tasks: opened and closed with their state, claimed, given away, escalated, done.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/step/machine_builder.h"
#include "tests/unit/step/walk.h"

namespace vozex::testing {
namespace {

using namespace std::chrono_literals;
using machine::Actor;
using machine::Disposition;
using machine::OpenTask;
using machine::TaskChange;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Actor k_ann{"ann", {"editor"}};
const Actor k_bob{"bob", {"editor"}};
const Actor k_eve{"eve", {"clerk"}};
const Actor k_lee{"lee", {"lead"}};

// reviewing has a task for editors, with supervisors lead; accept leads to accepted.
machine::Machine review(std::uint16_t approvals = 1, Duration repeat = {}) {
  MachineBuilder b;
  b.data("document", "'d1'").state("reviewing").state("accepted").state("rejected");
  b.task("reviewing", "duration('24h')", {}, repeat);
  b.action("reviewing",
           {.name = "accept",
            .roles = {"editor", "lead"},
            .approvals = approvals,
            .arrows = {{.to = {"accepted"}}}});
  b.action("reviewing", {.name = "reject", .arrows = {{.to = {"rejected"}}}});
  b.on("reviewing", "again", {.to = {"reviewing"}, .reenter = true});
  b.on("accepted", "back", {.to = {"reviewing"}});
  machine::Machine machine = b.build();
  machine.tasks[0].queue = program("'reviews'");
  machine.tasks[0].roles = program("['editor']");
  machine.tasks[0].supervisors = program("['lead']");
  machine.tasks[0].title = program("'Review of ' + data.document");
  return machine;
}

const OpenTask& task_in(const Walk& walk) { return walk.snapshot.tasks.at(0); }

Walk& change(Walk& walk,
             TaskChange kind,
             const Actor& actor,
             const std::string& to = "",
             const std::string& reason = "") {
  const machine::TaskRef ref{task_in(walk).entry, task_in(walk).index};
  return walk.cause(machine::TaskMoved{ref, kind, to, actor, reason}, to_string(kind));
}

Walk& act_as(Walk& walk, const std::string& name, const Actor& actor, const std::string& reason) {
  machine::ActionTaken taken;
  taken.name = name;
  taken.actor = actor;
  taken.reason = reason;
  return walk.cause(taken, "action." + name);
}

TEST(Tasks, AreOpenedWithTheirStateAsItsFileSays) {
  const Walk walk(review());
  ASSERT_THAT(walk.snapshot.tasks, SizeIs(1));
  EXPECT_EQ(task_in(walk).title, "Review of d1");
  EXPECT_EQ(task_in(walk).queue, "reviews");
  EXPECT_THAT(task_in(walk).roles, ElementsAre("editor"));
  EXPECT_EQ(task_in(walk).assignee, "");
  EXPECT_EQ(task_in(walk).opened_at, walk.snapshot.started_at);
  EXPECT_EQ(task_in(walk).due, walk.snapshot.started_at + 24h);
  EXPECT_EQ(task_in(walk).entry, 1u);
}

TEST(Tasks, KeepTheTitleTheyWereOpenedWith) {
  Walk walk(review());
  walk.cause(machine::Patched{json(R"({"document":"d2"})"), k_ann, "typo"});
  EXPECT_EQ(task_in(walk).title, "Review of d1");
}

TEST(Tasks, WithoutATitleShowTheStates) {
  machine::Machine machine = review();
  machine.tasks[0].title = nullptr;
  EXPECT_EQ(task_in(Walk(machine)).title, "reviewing");
  machine.states[1].title = "Being reviewed";
  EXPECT_EQ(task_in(Walk(machine)).title, "Being reviewed");
}

TEST(Tasks, AreClosedWhenTheStateIsLeftAndNewWhenItIsEnteredAnew) {
  Walk walk(review());
  change(walk, TaskChange::claim, k_ann);
  walk.event("again");
  ASSERT_THAT(walk.snapshot.tasks, SizeIs(1));
  EXPECT_EQ(task_in(walk).entry, 3u);
  EXPECT_EQ(task_in(walk).assignee, "") << "another task, which nobody has";
  walk.act("accept", "ann", {"editor"});
  EXPECT_EQ(walk.state(), "accepted");
  EXPECT_THAT(walk.snapshot.tasks, IsEmpty());
}

TEST(Tasks, OfSeveralRegionsHaveDifferentNames) {
  MachineBuilder b;
  b.parallel("p").compound("p.x").state("p.x.a").compound("p.y").state("p.y.b");
  b.task("p.x.a", "duration('1h')", {}).task("p.y.b", "duration('2h')", {});
  const Walk walk(b.build());
  ASSERT_THAT(walk.snapshot.tasks, SizeIs(2));
  EXPECT_EQ(walk.snapshot.tasks[0].index, 0);
  EXPECT_EQ(walk.snapshot.tasks[1].index, 1);
}

TEST(Tasks, AFailingTitleIsAnErrorAndTheTaskIsThere) {
  machine::Machine machine = review();
  machine.errors = machine::ErrorMode::event;
  machine.tasks[0].title = program("data.nothing.at.all");
  const Walk walk(machine);
  EXPECT_EQ(task_in(walk).title, "reviewing");
}

TEST(Tasks, AHugeOrUglyTitleIsCutToOneLine) {
  machine::Machine machine = review();
  machine.tasks[0].title = program("'a\\nb' + '" + std::string(700, 'x') + "'");
  const Walk walk(machine);
  EXPECT_EQ(task_in(walk).title.size(), 500u);
  EXPECT_EQ(task_in(walk).title.substr(0, 3), "a b");
}

TEST(Tasks, OpenInInstancesThatAnOlderEngineStored) {
  Walk walk(review());
  walk.snapshot.tasks.clear();  // as it was before there was an inbox
  walk.event("nothing");
  ASSERT_THAT(walk.snapshot.tasks, SizeIs(1));
  EXPECT_EQ(task_in(walk).due, walk.snapshot.started_at + 24h);
}

TEST(Claim, TakesTheTaskOnce) {
  Walk walk(review());
  walk.now += 5min;
  change(walk, TaskChange::claim, k_ann);
  EXPECT_EQ(walk.out.disposition, Disposition::transitioned);
  EXPECT_EQ(task_in(walk).assignee, "ann");
  EXPECT_EQ(task_in(walk).claimed_at, walk.now);
  change(walk, TaskChange::claim, k_ann);
  EXPECT_EQ(walk.out.disposition, Disposition::ignored) << "the same again is fine";
  change(walk, TaskChange::claim, k_bob);
  EXPECT_EQ(walk.out.rejection.code, "task_claimed");
  EXPECT_THAT(walk.out.rejection.message, HasSubstr("ann has the task \"Review of d1\" since"));
  EXPECT_EQ(task_in(walk).assignee, "ann");
}

TEST(Claim, WantsARoleOfTheTaskAndAName) {
  Walk walk(review());
  change(walk, TaskChange::claim, k_eve);
  EXPECT_EQ(walk.out.rejection.code, "not_allowed");
  EXPECT_THAT(walk.out.rejection.message, HasSubstr("wants the role editor"));
  change(walk, TaskChange::claim, {"", {"editor"}});
  EXPECT_EQ(walk.out.rejection.code, "actor_needed");
}

TEST(Claim, OfAClosedTaskIsRefusedByName) {
  Walk walk(review());
  const machine::TaskRef old{task_in(walk).entry, task_in(walk).index};
  walk.event("again");
  walk.cause(machine::TaskMoved{old, TaskChange::claim, "", k_ann, ""}, "claim");
  EXPECT_EQ(walk.out.rejection.code, "task_closed");
  EXPECT_THAT(walk.out.rejection.message, HasSubstr("is in reviewing"));
}

TEST(Claim, WorksWhileTheInstanceIsSuspended) {
  Walk walk(review());
  walk.cause(machine::Suspended{});
  change(walk, TaskChange::claim, k_ann);
  EXPECT_EQ(task_in(walk).assignee, "ann");
}

TEST(Release, GivesTheTaskBackAndIsForWhoHasIt) {
  Walk walk(review());
  change(walk, TaskChange::claim, k_ann);
  change(walk, TaskChange::release, k_bob);
  EXPECT_EQ(walk.out.rejection.code, "task_claimed");
  change(walk, TaskChange::release, k_ann);
  EXPECT_EQ(task_in(walk).assignee, "");
  EXPECT_FALSE(task_in(walk).claimed_at);
  change(walk, TaskChange::release, k_ann);
  EXPECT_EQ(walk.out.disposition, Disposition::ignored);
  change(walk, TaskChange::claim, k_bob);
  EXPECT_EQ(task_in(walk).assignee, "bob");
}

TEST(Release, ByASupervisorWantsAReason) {
  Walk walk(review());
  change(walk, TaskChange::claim, k_ann);
  change(walk, TaskChange::release, k_lee);
  EXPECT_EQ(walk.out.rejection.code, "reason_needed");
  change(walk, TaskChange::release, k_lee, "", "ann is ill");
  EXPECT_EQ(task_in(walk).assignee, "");
}

TEST(Assign, GivesTheTaskToSomebodyWhoMayThenClaimIt) {
  Walk walk(review());
  change(walk, TaskChange::assign, k_eve, "bob");
  EXPECT_EQ(walk.out.rejection.code, "not_allowed") << "a clerk decides nothing here";
  change(walk, TaskChange::assign, k_lee, "");
  EXPECT_EQ(walk.out.rejection.code, "invalid_assignee");
  change(walk, TaskChange::assign, k_lee, "bob");
  EXPECT_EQ(task_in(walk).assignee, "bob");
  EXPECT_FALSE(task_in(walk).claimed_at) << "given is not taken";
  change(walk, TaskChange::claim, k_ann);
  EXPECT_EQ(walk.out.rejection.code, "task_claimed");
  change(walk, TaskChange::claim, k_bob);
  EXPECT_EQ(task_in(walk).claimed_at, walk.now);
  change(walk, TaskChange::assign, k_bob, "ann");
  EXPECT_EQ(task_in(walk).assignee, "ann") << "who has it may hand it on";
  change(walk, TaskChange::assign, k_bob, "bob");
  EXPECT_EQ(walk.out.rejection.code, "task_claimed");
}

TEST(Completion, IsForWhoHasTheTask) {
  Walk walk(review());
  change(walk, TaskChange::claim, k_ann);
  walk.act("accept", "bob", {"editor"});
  EXPECT_EQ(walk.out.rejection.code, "task_claimed");
  EXPECT_THAT(walk.out.rejection.message, HasSubstr("only ann may do this, or lead or admin"));
  walk.act("accept", "ann", {"editor"});
  EXPECT_EQ(walk.state(), "accepted");
}

TEST(Completion, ByASupervisorWantsAReason) {
  Walk walk(review());
  change(walk, TaskChange::claim, k_ann);
  act_as(walk, "accept", k_lee, "");
  EXPECT_EQ(walk.out.rejection.code, "reason_needed");
  act_as(walk, "accept", k_lee, "ann is away, the customer waits");
  EXPECT_EQ(walk.state(), "accepted");
}

TEST(Completion, NeedsNoClaim) {
  Walk walk(review());
  walk.act("accept", "bob", {"editor"});
  EXPECT_EQ(walk.state(), "accepted");
}

TEST(Completion, OfAClosedTaskIsRefusedEvenWhereTheActionIsOffered) {
  Walk walk(review());
  machine::ActionTaken taken;
  taken.name = "accept";
  taken.actor = k_ann;
  taken.task = machine::TaskRef{task_in(walk).entry, task_in(walk).index};
  walk.event("again");
  walk.cause(taken, "action.accept");
  EXPECT_EQ(walk.out.rejection.code, "task_closed");
  EXPECT_EQ(walk.state(), "reviewing");
}

TEST(Completion, IsOfferedToWhoMayDoIt) {
  Walk walk(review());
  change(walk, TaskChange::claim, k_ann);
  const auto offered = [&](const Actor& actor) {
    return waiting_for(walk.machine, walk.snapshot, actor, walk.now, {}).actions.at(0);
  };
  EXPECT_TRUE(offered(k_ann).enabled);
  EXPECT_FALSE(offered(k_bob).enabled);
  EXPECT_THAT(offered(k_bob).reason, HasSubstr("ann has the task"));
  EXPECT_TRUE(offered(k_lee).enabled);
}

TEST(Approvals, AreGivenByTwoDifferentPeopleWhoeverClaimedTheTask) {
  Walk walk(review(2));
  change(walk, TaskChange::claim, k_ann);
  walk.act("accept", "ann", {"editor"});
  EXPECT_EQ(walk.out.disposition, Disposition::waiting);
  EXPECT_EQ(task_in(walk).assignee, "") << "the second one finds it in the queue";
  walk.act("accept", "ann", {"editor"});
  EXPECT_EQ(walk.out.rejection.code, "already_approved");
  walk.act("accept", "eve", {"clerk"});
  EXPECT_EQ(walk.out.rejection.code, "not_allowed");
  walk.act("accept", "", {"editor"});
  EXPECT_EQ(walk.out.rejection.code, "actor_needed");
  EXPECT_EQ(walk.state(), "reviewing");
  walk.act("accept", "bob", {"editor"});
  EXPECT_EQ(walk.state(), "accepted");
}

TEST(Approvals, OrderDoesNotMatterAndARejectionEndsThem) {
  Walk walk(review(2));
  walk.act("accept", "bob", {"editor"}).act("reject", "ann", {"editor"});
  EXPECT_EQ(walk.state(), "rejected");
  EXPECT_THAT(walk.snapshot.approvals, IsEmpty());
  Walk other(review(2));
  other.act("accept", "bob", {"editor"}).act("accept", "ann", {"editor"});
  EXPECT_EQ(other.state(), "accepted");
  other.event("back").act("accept", "bob", {"editor"});
  EXPECT_EQ(other.state(), "reviewing") << "a new entry begins from nobody";
}

machine::Escalation step(const std::string& queue,
                         const std::string& assignee = "",
                         const std::string& roles = "") {
  machine::Escalation step;
  step.queue = program(queue);
  step.assignee = program(assignee);
  step.roles = program(roles);
  return step;
}

TEST(Escalation, GoesUpAStepEachTimeTheTaskIsOverdue) {
  machine::Machine machine = review(1, 4h);
  machine.tasks[0].escalations = {step("'leads'", "", "['lead']"), step("", "'boss'")};
  Walk walk(machine);
  change(walk, TaskChange::claim, k_ann);
  walk.advance(23h);
  EXPECT_EQ(task_in(walk).level, 0);
  walk.advance(1h);
  EXPECT_EQ(task_in(walk).level, 1);
  EXPECT_EQ(task_in(walk).queue, "leads");
  EXPECT_THAT(task_in(walk).roles, ElementsAre("lead"));
  EXPECT_EQ(task_in(walk).assignee, "") << "another queue: ann has it no longer";
  EXPECT_EQ(walk.out.disposition, Disposition::transitioned);
  EXPECT_THAT(walk.out.explanation.note, HasSubstr("escalates to level 1: queue leads"));
  walk.advance(4h);
  EXPECT_EQ(task_in(walk).level, 2);
  EXPECT_EQ(task_in(walk).queue, "leads");
  EXPECT_EQ(task_in(walk).assignee, "boss");
  walk.advance(8h);
  EXPECT_EQ(task_in(walk).level, 4) << "overdue still, and nobody is above the boss";
  EXPECT_EQ(task_in(walk).assignee, "boss");
  EXPECT_EQ(task_in(walk).due, walk.snapshot.started_at + 24h);
}

TEST(Escalation, WithoutStepsCountsOnly) {
  Walk walk(review(1, 4h));
  change(walk, TaskChange::claim, k_ann);
  walk.advance(24h);
  EXPECT_EQ(task_in(walk).level, 1);
  EXPECT_EQ(task_in(walk).assignee, "ann");
}

}  // namespace
}  // namespace vozex::testing
