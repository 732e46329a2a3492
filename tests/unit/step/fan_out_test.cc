// SPDX-License-Identifier: Apache-2.0
// Large fan-outs: what the end of one item asks of memory doesn't depend on how many there are, and
// what all of them give has a bound.
#include <gtest/gtest.h>

#include "engine/machine/codec.h"
#include "engine/step/kept.h"
#include "tests/unit/step/counted_memory.h"
#include "tests/unit/step/machine_builder.h"
#include "tests/unit/step/walk.h"

namespace vozex::testing {
namespace {

using machine::Life;
using types::Value;

Value numbers(std::size_t count) {
  Value::List list;
  for (std::size_t i = 0; i < count; ++i)
    list.push_back(Value::integer(static_cast<std::int64_t>(i)));
  return Value::object({{"items", Value::list(std::move(list))}});
}

Value large(std::size_t bytes) {
  return Value::object({{"text", Value::string(std::string(bytes, 'x'))}});
}

Walk many(MachineBuilder::Invoke invoke, Value input) {
  MachineBuilder b;
  b.data("code", "''").data("done", "0").state("s").state("joined").state("failed");
  invoke.id = "all";
  invoke.for_each = "input.items";
  const std::string done = "invoked.all.filter(i, i.status == 'done').size()";
  invoke.on_done = {{.to = {"joined"}, .actions = {set("done", done)}}};
  invoke.on_error = {{.to = {"failed"}, .actions = {set("code", "error.code"), set("done", done)}}};
  b.invoke("s", invoke);
  return Walk(b.build(), std::move(input));
}

std::size_t count(const machine::Snapshot& snapshot, machine::ItemStatus status) {
  std::size_t found = 0;
  for (const machine::InvokedItem& item : snapshot.invocations.at(0).items)
    found += item.status == status ? 1u : 0u;
  return found;
}

// Bytes that the steps of `ends` ends in the middle ask for, the last half of them.
std::size_t bytes_of_ends(std::size_t items, MachineBuilder::Invoke invoke) {
  constexpr std::size_t k_ends = 20;
  Walk walk = many(std::move(invoke), numbers(items));
  machine::Snapshot snapshot = walk.snapshot;
  walk.snapshot = walk.out.next = {};
  std::size_t bytes = 0;
  StepReport report;
  for (std::size_t i = 0; i < k_ends; ++i) {
    machine::Event event;
    event.name = "end";
    if (walk.calls.empty()) {
      const machine::StartChild& child = walk.children[i];
      event.cause = machine::ChildEnded{child.of, child.child, true, true, Value::integer(1), {}};
    } else {
      event.cause = machine::CallEnded{walk.calls[i].id, true, Value::integer(1), {}};
    }
    const std::size_t before = allocated_bytes();
    step_in_place(report, walk.machine, snapshot, event, walk.now, Value::map({}), {false});
    if (i >= k_ends / 2) bytes += allocated_bytes() - before;
    EXPECT_EQ(report.disposition, machine::Disposition::ignored) << "nothing is decided yet";
  }
  EXPECT_EQ(count(snapshot, machine::ItemStatus::done), k_ends);
  return bytes;
}

TEST(FanOutCost, OfAnEndIsThatOfASmallOne) {
  if (!counts_memory()) GTEST_SKIP() << "sanitizers count memory themselves";
  MachineBuilder::Invoke child;
  child.call = "";
  child.workflow = "'other'";
  MachineBuilder::Invoke undone;
  undone.compensate = "pay.refund";
  undone.compensate_with = "{'n': result}";
  for (const MachineBuilder::Invoke& invoke : {MachineBuilder::Invoke{}, child, undone}) {
    const std::size_t few = bytes_of_ends(100, invoke);
    const std::size_t all = bytes_of_ends(machine::k_max_items, invoke);
    EXPECT_GT(few, 0u) << "memory is counted";
    EXPECT_LE(all, 2 * few) << "a copy of ten thousand items is a megabyte";
  }
}
// Two of them have room.
TEST(FanOutBytes, BeyondTheBoundAreFailuresThatSayWhy) {
  Walk walk = many({}, numbers(6));
  const std::size_t each = stepping::k_max_invoked_bytes / 3;
  for (std::size_t i = 0; i < 5; ++i) walk.finish(walk.calls[i].id, large(each));
  const std::vector<machine::InvokedItem>& items = walk.snapshot.invocations.at(0).items;
  EXPECT_EQ(count(walk.snapshot, machine::ItemStatus::done), 2u);
  EXPECT_EQ(count(walk.snapshot, machine::ItemStatus::failed), 3u);
  EXPECT_EQ(items[4].error.code, "results_too_large");
  EXPECT_NE(items[4].error.message.find("it succeeded"), std::string::npos)
      << items[4].error.message;
  EXPECT_TRUE(items[4].result.is_null());
  EXPECT_LE(encode(walk.machine, walk.snapshot).rt.size(), stepping::k_max_invoked_bytes);
  walk.finish(walk.calls[5].id, Value::integer(1));
  EXPECT_EQ(walk.state(), "failed");
  EXPECT_EQ(walk.text(), R"({"code":"results_too_large","done":3})") << "a small one still fits";
  EXPECT_TRUE(walk.snapshot.invocations.empty()) << "and gives back the room";
}

// What it did is undone like everything else that succeeded.
TEST(FanOutBytes, OfACallThatMustBeUndoneAreUsedBeforeTheyGo) {
  MachineBuilder::Invoke invoke;
  invoke.compensate = "pay.refund";
  invoke.compensate_with = "{'ref': result.ref}";
  Walk walk = many(invoke, numbers(2));
  walk.finish(walk.calls[0].id,
              large(stepping::k_max_invoked_bytes + 1).with("ref", Value::string("r1")));
  EXPECT_EQ(walk.snapshot.invocations.at(0).items[0].error.code, "results_too_large");
  ASSERT_EQ(walk.snapshot.undo.size(), 1u);
  EXPECT_EQ(walk.snapshot.undo[0].input, json(R"({"ref":"r1"})"));
}

TEST(FanOutBytes, OfErrorsCountToo) {
  Walk walk = many({}, numbers(2));
  machine::CallEnded ended;
  ended.call = walk.calls[0].id;
  ended.error.code = "declined";
  ended.error.details = large(stepping::k_max_invoked_bytes);
  walk.cause(ended, "call");
  const machine::InvokedItem& item = walk.snapshot.invocations.at(0).items[0];
  EXPECT_EQ(item.error.code, "results_too_large");
  EXPECT_NE(item.error.message.find("it failed"), std::string::npos);
}

TEST(FanOutBytes, OfChildrenEndTheJoinAndTellTheOthers) {
  MachineBuilder::Invoke invoke;
  invoke.call = "";
  invoke.workflow = "'other'";
  invoke.join = machine::Join::expression;
  invoke.join_when = "invoked.all.exists(i, i.status == 'failed')";
  Walk walk = many(invoke, numbers(3));
  walk.child_done(walk.children[0], large(stepping::k_max_invoked_bytes), true);
  EXPECT_EQ(walk.state(), "joined");
  EXPECT_EQ(walk.effects<machine::CancelChild>().size(), 2u) << "those still running are told";
}

TEST(FanOutBytes, OfItemsAreRefusedBeforeAnythingIsStarted) {
  MachineBuilder b;
  b.state("s").state("other").on("s", "error.execution", {.to = {"other"}});
  MachineBuilder::Invoke invoke;
  invoke.for_each = "[input.text, input.text, input.text].map(t, t + '!')";
  b.invoke("s", invoke);
  Walk walk(b.build(), large(stepping::k_max_invoked_bytes / 2));
  EXPECT_EQ(walk.state(), "other");
  EXPECT_TRUE(walk.calls.empty());
}

// A step that is refused gives back each item as it was.
TEST(FanOutBytes, AndAllElseAreAsTheyWereAfterARefusedStep) {
  MachineBuilder b;
  b.data("log", "[]").state("s").invariant("never", "data.log.size() < 2");
  MachineBuilder::Invoke invoke;
  invoke.id = "all";
  invoke.for_each = "input.items";
  invoke.limit = 2;
  invoke.compensate = "pay.refund";
  invoke.compensate_with = "{}";
  invoke.on_each = {{.actions = {set("log", "data.log + [index]")}}};
  b.invoke("s", invoke);
  Walk walk(b.build(), numbers(5));
  walk.finish(walk.calls[0].id);
  const std::string before = encode(walk.machine, walk.snapshot).rt;
  walk.finish(walk.calls[1].id);
  EXPECT_EQ(walk.snapshot.life, Life::held);
  machine::Snapshot mended = walk.snapshot;
  mended.queued.clear();
  mended.incidents.clear();
  EXPECT_EQ(encode(walk.machine, mended).rt, before);
  EXPECT_EQ(mended.invocations.at(0).items.at(2).status, machine::ItemStatus::running);
  EXPECT_EQ(mended.invocations.at(0).items.at(3).status, machine::ItemStatus::waiting);
  EXPECT_EQ(mended.undo.size(), 1u);
}

}  // namespace
}  // namespace vozex::testing
