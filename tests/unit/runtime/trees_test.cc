// SPDX-License-Identifier: Apache-2.0
// Start rules, keys that are used again, children, fan-outs, messages between trees.
#include <gtest/gtest.h>

#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

using machine::Disposition;

const char* const k_ruled = R"(
vozex: 1
workflow: visit
version: 1
key: {value: input.name, reuse: after_end}
input: {name: string}
output: {}
data: {times: {type: int, default: 0}}
events:
  visit.seen: {data: {name: string}}
  visit.over: {data: {name: string}, match: event.data.name}
warnings: {VZ0606: tests want silence here}
start:
  on: {visit.seen: {input: {name: "${event.data.name}"}}}
initial: here
states:
  here:
    on:
      visit.seen: {set: {times: "${data.times + 1}"}}
      visit.over: gone
  gone: {type: final, output: {}}
)";

types::Value named(const std::string& name) { return object({{"name", text(name)}}); }

TEST(StartRules, AnEventStartsAndALiveKeyGetsTheEventInstead) {
  Rig rig({k_ruled});
  const auto first = rig.ask(rig.event("visit.seen", "e1", named("ann")));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->disposition, Disposition::created);
  for (const bool cached : {true, false}) {
    if (!cached) rig.cores[0]->forget();
    const auto again = rig.ask(rig.event("visit.seen", cached ? "e2" : "e3", named("ann")));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->disposition, Disposition::transitioned);
    EXPECT_EQ(again->deliveries.at(0).instance, first->deliveries.at(0).instance);
  }
  EXPECT_EQ(rig.row("visit", "ann").data, R"({"times":2})");
}

TEST(StartRules, OneBatchWithTwoOfThemMakesOneInstance) {
  Rig rig({k_ruled});
  rig.offer(rig.event("visit.seen", "e1", named("ann")));
  rig.offer(rig.event("visit.seen", "e2", named("ann")));
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(rig.row("visit", "ann").data, R"({"times":1})");
}

TEST(Keys, AnEndedHolderGivesWayWhereKeysAreReused) {
  Rig rig({k_ruled});
  ASSERT_TRUE(rig.ask(rig.event("visit.seen", "e1", named("ann"))));
  // End and start again in one batch: one group, in order.
  rig.offer(rig.event("visit.over", "e2", named("ann")));
  rig.offer(rig.event("visit.seen", "e3", named("ann")));
  ASSERT_TRUE(rig.run());
  ports::InstanceFilter filter;
  filter.tenant = "default";
  filter.key = "ann";
  EXPECT_EQ(rig.store.queries().instances(filter, 10)->size(), 2u);
  filter.live_only = true;
  EXPECT_EQ(rig.store.queries().instances(filter, 10)->size(), 1u);
}

const char* const k_family = R"(
vozex: 1
workflow: parent
version: 1
key: input.name
input: {name: string, children: int}
output: {}
data: {done: {type: int, default: 0}, code: optional<string>}
events:
  parent.go: {data: {name: string}, match: event.data.name}
  parent.drop: {data: {name: string}, match: event.data.name}
warnings: {VZ0606: tests want silence here}
initial: idle
states:
  idle: {on: {parent.go: working}}
  working:
    on: {parent.drop: idle}
    invoke:
      id: all
      for_each: {n: "[1, 2, 3]"}
      workflow: child
      input: {name: "${input.name + '-' + string(n)}"}
      on_done: {target: idle, set: {done: "${data.done + invoked.all.size()}"}}
      on_error: {target: idle, set: {code: "${invoked.all[1].error.code}"}}
)";

const char* const k_child = R"(
vozex: 1
workflow: child
version: 1
key: input.name
input: {name: string}
output: {name: string}
events:
  child.finish: {data: {name: string}, match: event.data.name}
initial: open
states:
  open:
    on: {child.finish: done}
    actions:
      finish: {title: Finish, target: done}
  done: {type: final, output: {name: "${input.name}"}}
)";

TEST(Trees, ChildrenStartAndEndInTheirParentsCommits) {
  Rig rig({k_family, k_child}, 2);
  ASSERT_TRUE(rig.ask(rig.start("parent", object({{"name", text("p")}, {"children", number(3)}}))));
  rig.committed_groups.clear();
  ASSERT_TRUE(rig.ask(rig.event("parent.go", "go", named("p"))));
  EXPECT_EQ(rig.committed_groups, std::vector<std::size_t>{1});
  for (int i = 1; i <= 3; ++i) {
    const std::string name = "p-" + std::to_string(i);
    EXPECT_EQ(rig.row("child", name).parent, rig.row("parent", "p").id);
    EXPECT_EQ(rig.row("child", name).shard, rig.row("parent", "p").shard);
    const auto answer = rig.ask(rig.event("child.finish", "finish-" + name, named(name)));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->deliveries.size(), 1u) << "the parent's step is no delivery of the event";
  }
  EXPECT_EQ(rig.row("parent", "p").state, "idle");
  EXPECT_EQ(rig.row("parent", "p").data, R"({"done":3})");
}

TEST(Trees, AChildIsFoundByItsIdAlone) {
  Rig rig({k_family, k_child}, 2);
  ASSERT_TRUE(rig.ask(rig.start("parent", object({{"name", text("p")}, {"children", number(3)}}))));
  ASSERT_TRUE(rig.ask(rig.event("parent.go", "go", named("p"))));
  for (int i = 1; i <= 3; ++i) {
    Item item;
    machine::Event event;
    event.name = "action.finish";
    event.cause = machine::ActionTaken{"finish", {"ann", {"ops"}}, {}};
    const auto id = rig.row("child", "p-" + std::to_string(i)).id;
    item.order = DeliverOrder{id, std::nullopt, event, true};
    const auto answer = rig.ask(std::move(item));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->deliveries.at(0).to, "done");
  }
  EXPECT_EQ(rig.row("parent", "p").state, "idle");
}

TEST(Trees, ChildrenOfAStateThatIsLeftAreCancelled) {
  Rig rig({k_family, k_child}, 2);
  ASSERT_TRUE(rig.ask(rig.start("parent", object({{"name", text("p")}, {"children", number(3)}}))));
  ASSERT_TRUE(rig.ask(rig.event("parent.go", "go", named("p"))));
  for (const auto& core : rig.cores) core->forget();
  ASSERT_TRUE(rig.ask(rig.event("parent.drop", "drop", named("p"))));
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(rig.row("child", "p-" + std::to_string(i)).life, machine::Life::cancelled);
  }
}

TEST(Trees, AChildWhoseKeyIsTakenFailsForItsParent) {
  Rig rig({k_family, k_child}, 2);
  ASSERT_TRUE(rig.ask(rig.start("child", named("p-2"))));
  ASSERT_TRUE(rig.ask(rig.start("parent", object({{"name", text("p")}, {"children", number(3)}}))));
  ASSERT_TRUE(rig.ask(rig.event("parent.go", "go", named("p"))));
  for (const int i : {1, 3}) {
    const std::string name = "p-" + std::to_string(i);
    ASSERT_TRUE(rig.ask(rig.event("child.finish", "finish-" + name, named(name))));
  }
  EXPECT_EQ(rig.row("parent", "p").data, R"({"code":"key_taken","done":0})");
}

TEST(Trees, AFanOutThatIsLargerThanABatchGoesOnThroughTheOutbox) {
  std::string family = k_family;
  const std::string three = "[1, 2, 3]";
  std::string many = "[";
  for (int i = 1; i <= 1500; ++i) many += (i > 1 ? ", " : "") + std::to_string(i);
  family.replace(family.find(three), three.size(), many + "]");
  Rig rig({family, k_child}, 2);
  ASSERT_TRUE(rig.ask(rig.start("parent", object({{"name", text("p")}, {"children", number(3)}}))));
  ASSERT_TRUE(rig.ask(rig.event("parent.go", "go", named("p"))));
  EXPECT_EQ(rig.store.inspect([](const auto& tables) { return tables.live.size(); }), 1501u);
  EXPECT_EQ(rig.store.inspect([](const auto& tables) { return tables.outbox.size(); }), 0u);
  for (int i = 1; i <= 1500; ++i) {
    const std::string name = "p-" + std::to_string(i);
    rig.offer(rig.event("child.finish", "finish-" + name, named(name)));
  }
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(rig.row("parent", "p").data, R"({"done":1500})");
}

TEST(Calls, WithoutRoomACallIsBornWaiting) {
  Rig rig({k_bank, k_shop, k_parcel});
  rig.room = 0;
  ASSERT_TRUE(rig.ask(rig.start("shop", object({{"order", text("o1")}}))));
  EXPECT_TRUE(rig.calls.empty());
  const auto waiting = rig.store.queries().calls({ports::CallState::waiting, {}, {}, {}}, 10);
  ASSERT_EQ(waiting->size(), 1u);
  EXPECT_TRUE(waiting->front().owner.is_nil());
}

TEST(Calls, TheEndIsCommittedWithItsEffectAndALateOneChangesNothing) {
  Rig rig({k_bank, k_shop, k_parcel});
  ASSERT_TRUE(rig.ask(rig.start("shop", object({{"order", text("o1")}}))));
  ASSERT_EQ(rig.calls.size(), 1u);
  ASSERT_TRUE(rig.calls[0].spec) << "what was just written is not read back";
  EXPECT_EQ(rig.calls[0].spec->idempotency_key,
            parse_request(rig.calls[0].row.request)->idempotency_key);
  const types::Value result = object({{"reference", text("r1")}});
  rig.offer(rig.end_of(rig.calls[0], result));
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(rig.row("shop", "o1").state, "waiting");
  EXPECT_TRUE(rig.store.queries().calls({std::nullopt, {}, {}, {}}, 10)->empty());
  const auto seq = rig.row("shop", "o1").seq;
  rig.offer(rig.end_of(rig.calls[0], result));
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(rig.row("shop", "o1").seq, seq) << "its lease is gone: in doubt, and dropped";
}

TEST(Calls, AFailureThatNobodyTakesIsADeadLetterAndGoesOutAgain) {
  Rig rig({k_bank, k_shop, k_parcel});
  ASSERT_TRUE(rig.ask(rig.start("shop", object({{"order", text("o1")}}))));
  Item end;
  machine::ErrorInfo error;
  error.code = "unavailable";
  error.attempts = 3;
  end.order = CallOrder{rig.calls.at(0).row, false, {}, error};
  rig.offer(std::move(end));
  ASSERT_TRUE(rig.run());
  EXPECT_TRUE(rig.row("shop", "o1").incident);
  EXPECT_EQ(rig.counts.calls_dead, 1u);
  const auto dead = rig.store.queries().calls({ports::CallState::dead, {}, {}, {}}, 10);
  ASSERT_EQ(dead->size(), 1u);
  EXPECT_EQ(parse_error(dead->front().error).code, "unavailable");

  rig.calls.clear();
  ASSERT_TRUE(rig.ask(lease_item(dead->front(), rig.session, false)));
  ASSERT_EQ(rig.calls.size(), 1u);
  EXPECT_EQ(rig.calls[0].row.attempt, 2);
  rig.offer(rig.end_of(rig.calls[0], object({{"reference", text("r1")}})));
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(rig.row("shop", "o1").state, "waiting");
  EXPECT_FALSE(rig.row("shop", "o1").incident);
}

TEST(Calls, AClaimedCallThatNobodyWantsEndsWithoutBeingSent) {
  Rig rig({k_bank, k_shop, k_parcel});
  rig.room = 0;
  ASSERT_TRUE(rig.ask(rig.start("shop", object({{"order", text("o1")}}))));
  ASSERT_TRUE(rig.ask(rig.order(rig.row("shop", "o1"), "cancel", machine::External{})));
  EXPECT_EQ(rig.withdrawn.size(), 1u);
  const auto claimed = rig.store.work().claim_calls(rig.session, "bank", rig.now, 10);
  ASSERT_EQ(claimed->size(), 1u);
  Item check;
  check.order = CallCheckOrder{claimed->front(), false};
  rig.offer(std::move(check));
  ASSERT_TRUE(rig.run());
  EXPECT_TRUE(rig.calls.empty());
  EXPECT_TRUE(rig.store.queries().calls({std::nullopt, {}, {}, {}}, 10)->empty());
  EXPECT_EQ(rig.row("shop", "o1").life, machine::Life::cancelled);
}

}  // namespace
}  // namespace vozex::runtime
