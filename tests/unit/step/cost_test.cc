// SPDX-License-Identifier: Apache-2.0
// What one step may cost: its expressions together, the values that it copies, and what it sends.
#include <gtest/gtest.h>

#include "tests/unit/step/machine_builder.h"
#include "tests/unit/step/walk.h"

namespace vozex::testing {
namespace {

using machine::Disposition;
using types::Value;

Value numbers(std::int64_t count) {
  Value::List items;
  for (std::int64_t i = 0; i < count; ++i) items.push_back(Value::integer(i));
  return Value::list(std::move(items));
}

machine::Action each_of(machine::Action action, const std::string& list) {
  action.for_each = program(list);
  return action;
}

void expect_undone(const Walk& walk, const std::string& code, const std::string& before) {
  EXPECT_EQ(walk.out.disposition, Disposition::incident);
  EXPECT_EQ(walk.snapshot.life, machine::Life::held);
  ASSERT_EQ(walk.snapshot.incidents.size(), 1u);
  EXPECT_EQ(walk.snapshot.incidents[0].code, code) << walk.snapshot.incidents[0].message;
  EXPECT_EQ(walk.text(), before);
  EXPECT_EQ(walk.snapshot.queued.size(), 1u) << "the event waits until it is mended";
}

// Each expression is within its own bound, and the rounds are within theirs.
TEST(Cost, ALoopOverLargeTextsIsRefused) {
  MachineBuilder b;
  b.data("text", "''").data("n", "0");
  b.state("a").state("x");
  b.on("a", "fill", {.actions = {set("text", "event.data.text")}});
  b.on("a", "go", {.to = {"x"}});
  b.always(
      "x",
      {.when = "(data.text + string(data.n)).size() > 0", .actions = {set("n", "data.n + 1")}});
  Walk walk(b.build());
  walk.event("fill", Value::object({{"text", Value::string(std::string(900'000, 'x'))}}));
  const std::string before = walk.text();
  walk.event("go");
  expect_undone(walk, "step_too_costly", before);
}

TEST(Cost, AListThatIsChangedPlaceByPlaceIsRefused) {
  MachineBuilder b;
  b.data("list", "[]").state("a");
  b.on("a", "fill", {.actions = {set("list", "event.data.list")}});
  b.on("a", "go", {.actions = {each_of(set_at("list", "each", "0"), "data.list.slice(0, 5000)")}});
  Walk walk(b.build());
  walk.event("fill", Value::object({{"list", numbers(40'000)}}));
  const std::string before = walk.text();
  walk.event("go");
  expect_undone(walk, "step_too_costly", before);
}

// To name a value costs nearly nothing, to check what is set does.
TEST(Cost, ALargeValueThatIsSetAgainAndAgainIsRefused) {
  MachineBuilder b;
  b.data("list", "[]").data("copy", "[]").state("a");
  b.on("a", "fill", {.actions = {set("list", "event.data.list")}});
  b.on("a", "go", {.actions = {each_of(set("copy", "data.list"), "data.list.slice(0, 5000)")}});
  Walk walk(b.build());
  walk.event("fill", Value::object({{"list", numbers(30'000)}}));
  const std::string before = walk.text();
  walk.event("go");
  expect_undone(walk, "step_too_costly", before);
}

TEST(Cost, LargeEventsForManyAreRefused) {
  MachineBuilder b;
  b.data("text", "''").state("a");
  b.on("a", "fill", {.actions = {set("text", "event.data.text")}});
  b.on("a", "go", {.actions = {each_of(emit("news", "{'text': data.text}"), "event.data.list")}});
  Walk walk(b.build());
  walk.event("fill", Value::object({{"text", Value::string(std::string(900'000, 'x'))}}));
  const std::string before = walk.text();
  walk.event("go", Value::object({{"list", numbers(30)}}));
  EXPECT_EQ(walk.emits().size(), 30u);
  walk.event("go", Value::object({{"list", numbers(40)}}));
  expect_undone(walk, "effects_too_large", before);
}

TEST(Cost, AsManySmallOnesAsThereMayBeAreFine) {
  MachineBuilder b;
  b.data("n", "0").state("a");
  b.on("a",
       "go",
       {.actions = {each_of(emit("news", "{'n': each, 'text': 'of ' + string(each)}"),
                            "event.data.list")}});
  Walk walk(b.build());
  walk.event("go", Value::object({{"list", numbers(10'000)}}));
  EXPECT_EQ(walk.disposition(), "transitioned");
  EXPECT_EQ(walk.emits().size(), 10'000u);
}

// What a step has spent is not held against the next.
TEST(Cost, EachStepHasAllOfIt) {
  MachineBuilder b;
  b.data("n", "0").state("a");
  b.on("a",
       "go",
       {.actions = {each_of(set("n", "event.data.list.map(x, x + each).size()"),
                            "event.data.list.slice(0, 500)")}});
  Walk walk(b.build());
  for (int i = 0; i < 3; ++i) {
    walk.event("go", Value::object({{"list", numbers(1'500)}}));
    EXPECT_EQ(walk.disposition(), "transitioned");
  }
}

}  // namespace
}  // namespace vozex::testing
