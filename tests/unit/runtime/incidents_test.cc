// SPDX-License-Identifier: Apache-2.0
// What goes wrong beside the machines: dead calls of held instances, rows that can't be read,
// starts that fail, and what people do about them.
#include <gtest/gtest.h>

#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

using machine::Disposition;

class DeadCalls : public testing::Test {
 protected:
  DeadCalls() {
    EXPECT_TRUE(rig_.ask(rig_.start("shop", object({{"order", text("o1")}}))));
    EXPECT_EQ(rig_.calls.size(), 1u);
  }

  ports::InstanceRow shop() { return rig_.row("shop", "o1"); }
  std::vector<ports::CallRow> calls() { return *rig_.store.queries().calls({}, 10); }
  void fail_with(const std::string& code) {
    rig_.offer(rig_.failure_of(rig_.calls.at(0), code));
    EXPECT_TRUE(rig_.run());
    rig_.calls.clear();
  }
  void suspend() {
    EXPECT_TRUE(rig_.ask(rig_.order(shop(), "suspend", machine::Suspended{{"ann", {}}, "x"})));
  }
  Result<EventAnswer> resume() {
    return rig_.ask(rig_.order(shop(), "resume", machine::Resumed{{"ann", {}}, "x"}));
  }
  Result<EventAnswer> retry() {
    Item item;
    item.order = RetryOrder{calls().at(0), {"ann", {"ops"}}, "the bank is back"};
    return rig_.ask(std::move(item));
  }

  Rig rig_{{k_bank, k_shop, k_parcel}};
};

TEST_F(DeadCalls, GoOutAgainWithOneMoreAttemptAndAHistory) {
  fail_with("unavailable");
  EXPECT_TRUE(shop().incident);
  const std::uint32_t seq = shop().seq;
  const auto answer = retry();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->disposition, Disposition::transitioned);
  ASSERT_EQ(rig_.calls.size(), 1u);
  EXPECT_EQ(rig_.calls[0].row.attempt, 2);
  EXPECT_TRUE(rig_.calls[0].by_hand);
  const auto history = rig_.store.queries().history(shop().id, seq, 10);
  ASSERT_EQ(history->size(), 1u);
  EXPECT_NE(history->front().entry.find("sent again by ann: the bank is back"), std::string::npos);
  rig_.offer(rig_.end_of(rig_.calls[0], object({{"reference", text("r1")}})));
  ASSERT_TRUE(rig_.run());
  EXPECT_EQ(shop().state, "waiting");
  EXPECT_FALSE(shop().incident);
  EXPECT_TRUE(calls().empty());
}

TEST_F(DeadCalls, OfAHeldInstanceStayAndCanBeRetriedAfterItWasResumed) {
  suspend();
  fail_with("unavailable");
  ASSERT_EQ(calls().size(), 1u) << "nobody has looked at the failure yet";
  EXPECT_EQ(calls()[0].state, ports::CallState::dead);
  const auto early = retry();
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, "instance_held");
  ASSERT_TRUE(resume());
  EXPECT_TRUE(shop().incident);
  ASSERT_EQ(calls().size(), 1u);
  ASSERT_TRUE(retry());
  rig_.offer(rig_.end_of(rig_.calls.at(0), object({{"reference", text("r1")}})));
  ASSERT_TRUE(rig_.run());
  EXPECT_EQ(shop().state, "waiting");
  EXPECT_TRUE(calls().empty());
}

TEST_F(DeadCalls, OfAHeldInstanceGoWhenItTakesTheFailureItself) {
  suspend();
  fail_with("declined");
  EXPECT_EQ(calls().size(), 1u);
  ASSERT_TRUE(resume());
  EXPECT_EQ(shop().state, "refused");
  EXPECT_TRUE(calls().empty());
}

TEST_F(DeadCalls, ThatNobodyWaitsForAnyMoreAreDropped) {
  fail_with("unavailable");
  ASSERT_TRUE(rig_.ask(rig_.order(shop(), "move", machine::Moved{"waiting", {"ann", {}}, "paid"})));
  ASSERT_EQ(calls().size(), 1u);
  const auto answer = retry();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->disposition, Disposition::stale);
  EXPECT_TRUE(calls().empty());
  EXPECT_TRUE(rig_.calls.empty());
}

const char* const k_notifier = R"(
vozex: 1
workflow: notifier
version: 1
key: input.order
input: {order: string}
output: {}
events:
  notifier.stop: {data: {order: string}, match: event.data.order}
initial: open
states:
  open:
    on_entry: [{call: bank.give_back, with: {order: "${input.order}"}}]
    on: {notifier.stop: closed}
  closed: {type: final, output: {}}
)";

TEST(DeadCallsOfActions, CanBeRetriedAlsoAfterTheInstanceHasEnded) {
  Rig rig({k_bank, k_notifier});
  ASSERT_TRUE(rig.ask(rig.start("notifier", object({{"order", text("o1")}}))));
  rig.offer(rig.failure_of(rig.calls.at(0), "unavailable"));
  ASSERT_TRUE(rig.run());
  EXPECT_TRUE(rig.row("notifier", "o1").incident);
  ASSERT_TRUE(rig.ask(rig.event("notifier.stop", "e1", object({{"order", text("o1")}}))));
  EXPECT_EQ(rig.row("notifier", "o1").life, machine::Life::completed);
  rig.calls.clear();
  const auto dead = *rig.store.queries().calls({ports::CallState::dead, {}, {}, {}}, 10);
  ASSERT_EQ(dead.size(), 1u);
  Item item;
  item.order = RetryOrder{dead.front(), {"ann", {}}, ""};
  ASSERT_TRUE(rig.ask(std::move(item)));
  ASSERT_EQ(rig.calls.size(), 1u);
  rig.offer(rig.end_of(rig.calls[0], types::Value::map({})));
  ASSERT_TRUE(rig.run());
  EXPECT_FALSE(rig.row("notifier", "o1").incident);
  EXPECT_TRUE(rig.store.queries().calls({}, 10)->empty());
}

// ---- dead calls of states that are left, and two orders at once; found by tests/simulation ----

const char* const k_stall = R"(
vozex: 1
workflow: stall
version: 1
key: input.order
input: {order: string}
events:
  stall.close: {data: {order: string}, match: event.data.order}
initial: charging
states:
  charging:
    on: {stall.close: closing}
    invoke:
      call: bank.charge
      with: {order: "${input.order}"}
      compensate: {call: bank.give_back, with: {order: "${input.order}"}}
      on_done: charged
  charged: {type: final}
  closing: {invoke: {compensate: all, on_done: closed}}
  closed: {type: final, outcome: cancelled}
)";

class DeadCallsOfAStall : public testing::Test {
 protected:
  DeadCallsOfAStall() {
    EXPECT_TRUE(rig_.ask(rig_.start("stall", object({{"order", text("o1")}}))));
    charge_ = rig_.calls.at(0);
    rig_.calls.clear();
  }

  ports::InstanceRow stall() { return rig_.row("stall", "o1"); }
  Item retry() {
    Item item;
    item.order = RetryOrder{rig_.store.queries().calls({}, 10)->at(0), {"ann", {}}, ""};
    return item;
  }
  void fail_with(const std::string& code) {
    rig_.offer(rig_.failure_of(charge_, code));
    ASSERT_TRUE(rig_.run());
    ASSERT_TRUE(stall().incident);
  }
  void send_again() {
    const auto answer = rig_.ask(retry());
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->disposition, Disposition::transitioned);
    ASSERT_EQ(rig_.calls.size(), 1u);
    charge_ = rig_.calls.at(0);
    rig_.calls.clear();
  }
  void close() {
    ASSERT_TRUE(rig_.ask(rig_.event("stall.close", "e1", object({{"order", text("o1")}}))));
  }

  Rig rig_{{k_bank, k_stall}};
  OutgoingCall charge_;
};

// It was stale, and nothing was given back.
TEST_F(DeadCallsOfAStall, WhoseSuccessComesAfterTheirStateWasLeftAreUndone) {
  fail_with("unavailable");
  send_again();
  close();
  EXPECT_EQ(rig_.withdrawn, std::vector<CallId>{charge_.row.id});
  EXPECT_EQ(stall().state, "closing") << "the call may succeed";
  rig_.offer(rig_.end_of(charge_, object({{"reference", text("r1")}})));
  ASSERT_TRUE(rig_.run());
  ASSERT_EQ(rig_.calls.size(), 1u);
  EXPECT_NE(rig_.calls[0].row.request.find("give_back"), std::string::npos);
}

// It was dropped, and what waits for its end waited for ever.
TEST_F(DeadCallsOfAStall, OfUnknownOutcomeAreAskedAboutAlsoAfterTheirStateWasLeft) {
  close();
  fail_with("outcome_unknown");
  ASSERT_EQ(stall().state, "closing");
  send_again();
  EXPECT_TRUE(charge_.withdrawn) << "only its outcome is of interest";
  EXPECT_TRUE(charge_.maybe_sent);
  rig_.offer(rig_.failure_of(charge_, "withdrawn"));
  ASSERT_TRUE(rig_.run());
  EXPECT_EQ(stall().state, "closed");
  EXPECT_TRUE(rig_.store.queries().calls({}, 10)->empty());
}

// Both were granted, and the lease was written twice.
TEST_F(DeadCallsOfAStall, AreSentAgainOnceByOrdersThatComeTogether) {
  fail_with("unavailable");
  std::vector<Result<EventAnswer>> answers;
  for (int i = 0; i < 2; ++i) {
    Item item = retry();
    item.done = [&answers](Result<EventAnswer> answer) { answers.push_back(std::move(answer)); };
    rig_.offer(std::move(item));
  }
  ASSERT_TRUE(rig_.run());
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(answers[0]);
  ASSERT_FALSE(answers[1]);
  EXPECT_EQ(answers[1].error().code, "call_not_dead");
  EXPECT_EQ(rig_.calls.size(), 1u);
}

// ---- rows that can't be read ----

class Quarantine : public DeadCalls {
 protected:
  // As a fault of the disk, or of an older version of this program, would leave it.
  void spoil() {
    fail_with("unavailable");
    rig_.notes.clear();
    rig_.cores[0]->forget();
    ports::CommitRequest request;
    request.etag = 4711;
    request.session = rig_.session;
    ports::InstanceWrite write;
    write.row = shop();
    write.old = write.row.etag;
    good_ = write.row;
    write.row.rt = "{\"no\":";
    write.row.incident = false;
    write.row.timer_at = rig_.now;
    ports::Group group;
    group.instances.push_back(write);
    request.groups.push_back(group);
    EXPECT_EQ(rig_.connections[0]->commit(request)->verdicts.at(0).verdict,
              ports::Verdict::committed);
  }
  Item paid(const std::string& id) {
    return rig_.event("shop.paid", id, object({{"order", text("o1")}, {"amount", number(1)}}));
  }

  ports::InstanceRow good_;
};

TEST_F(Quarantine, HoldsARowThatCannotBeReadOnceAndLeavesItAlone) {
  spoil();
  Item timer;
  timer.order = TimerOrder{{shop().shard, shop().id}, rig_.now};
  rig_.offer(std::move(timer));
  ASSERT_TRUE(rig_.run());
  EXPECT_EQ(shop().life, machine::Life::held);
  EXPECT_TRUE(shop().incident);
  EXPECT_FALSE(shop().timer_at);
  EXPECT_EQ(shop().rt, "{\"no\":") << "nothing of it is lost";
  EXPECT_EQ(shop().seq, good_.seq + 1);
  EXPECT_EQ(rig_.notes.size(), 1u);
  const auto answer = rig_.ask(paid("e1"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorClass::corrupt);
  EXPECT_EQ(shop().seq, good_.seq + 1) << "one incident, not one for each look at it";
  EXPECT_EQ(rig_.notes.size(), 1u);
}

TEST_F(Quarantine, WhatCameForItWaits) {
  spoil();
  Item item = paid("e1");
  item.done = nullptr;
  rig_.offer(std::move(item));
  ASSERT_TRUE(rig_.run());
  EXPECT_EQ(rig_.later.size(), 1u);
  EXPECT_EQ(shop().life, machine::Life::held);
}

TEST_F(Quarantine, OnceMendedItIsResumedAndGoesOn) {
  spoil();
  EXPECT_FALSE(rig_.ask(paid("e1")));
  rig_.cores[0]->forget();
  ports::CommitRequest request;
  request.etag = 4712;
  request.session = rig_.session;
  ports::InstanceWrite write;
  write.row = shop();
  write.old = write.row.etag;
  write.row.rt = good_.rt;
  ports::Group group;
  group.instances.push_back(write);
  request.groups.push_back(group);
  ASSERT_TRUE(rig_.connections[0]->commit(request));
  ASSERT_TRUE(resume());
  EXPECT_EQ(shop().life, machine::Life::running);
  EXPECT_EQ(rig_.ask(paid("e2"))->disposition, Disposition::deferred);
}

// ---- starts that fail ----

const char* const k_opener = R"(
vozex: 1
workflow: opener
version: 1
key: input.name
input: {name: string}
output: {}
events:
  opener.go: {data: {name: string}, match: event.data.name}
initial: open
states:
  open:
    on: {opener.go: {do: [{start: {workflow: notifier, input: {order: "${input.name}"}}}]}}
    after: {30d: closed}
  closed: {type: final, output: {}}
)";

TEST(Starts, OntoATakenKeyAreAnIncidentOfWhoStarted) {
  Rig rig({k_bank, k_notifier, k_opener});
  ASSERT_TRUE(rig.ask(rig.start("opener", object({{"name", text("n")}}))));
  const auto go = [&](const std::string& id) {
    return rig.ask(rig.event("opener.go", id, object({{"name", text("n")}})));
  };
  ASSERT_TRUE(go("e1"));
  EXPECT_FALSE(rig.row("opener", "n").incident);
  EXPECT_EQ(rig.row("notifier", "n").state, "open");
  ASSERT_TRUE(go("e2"));
  const auto row = rig.row("opener", "n");
  EXPECT_TRUE(row.incident);
  EXPECT_EQ(row.life, machine::Life::running) << "it goes on: the start was not its last word";
  const auto history = rig.store.queries().history(row.id, row.seq - 1, 1);
  ASSERT_EQ(history->size(), 1u);
  EXPECT_EQ(history->front().disposition, Disposition::incident);
  EXPECT_NE(history->front().entry.find("key n"), std::string::npos) << history->front().entry;
  EXPECT_EQ(rig.store.inspect([](const auto& tables) { return tables.outbox.size(); }), 0u);
}

const char* const k_echo = R"(
vozex: 1
workflow: echo
version: 1
key: input.name
input: {name: string}
output: {}
data: {times: {type: int, default: 0}}
events:
  echo.hit: {data: {name: string}, match: event.data.name}
initial: open
states:
  open:
    on:
      echo.hit: {set: {times: "${data.times + 1}"}, do: [{emit: {event: echo.hit, data: {name: "${input.name}"}}}]}
    after: {30d: closed}
  closed: {type: final, output: {}}
)";

TEST(Emitted, ALoopOfEventsEndsAtItsDepth) {
  Rig rig({k_echo});
  ASSERT_TRUE(rig.ask(rig.start("echo", object({{"name", text("n")}}))));
  ASSERT_TRUE(rig.ask(rig.event("echo.hit", "e1", object({{"name", text("n")}}))));
  EXPECT_EQ(rig.row("echo", "n").data,
            "{\"times\":" + std::to_string(machine::k_max_causation_depth) + "}")
      << "the step that can't emit any more does nothing at all";
  EXPECT_EQ(rig.store.inspect([](const auto& tables) { return tables.outbox.size(); }), 0u);
}

}  // namespace
}  // namespace vozex::runtime
