// SPDX-License-Identifier: Apache-2.0
// What people do to an instance names it by its id alone. A child lives in the shard of its root,
// so where it is has to be found out; whatever else concerns it at the same moment knows it by its
// key.
#include <gtest/gtest.h>

#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

const char* const k_parent = R"(
vozex: 1
workflow: parent
version: 1
key: input.name
input: {name: string}
output: {}
states:
  working: {invoke: {workflow: child, input: {name: "${input.name}"}, on_done: over, on_error: over}}
  over: {type: final, output: {}}
)";

const char* const k_child = R"(
vozex: 1
workflow: child
version: 1
key: input.name
input: {name: string}
output: {}
data: {pokes: {type: int, default: 0}}
events: {child.poke: {data: {name: string}, match: event.data.name}}
warnings: {VZ0606: tests want silence here}
states:
  here: {on: {child.poke: {set: {pokes: "${data.pokes + 1}"}}}}
)";

class ById : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rig_.ask(rig_.start("parent", name_)));
    child_ = rig_.row("child", "ann");
    ASSERT_NE(child_.shard, shard_of(child_.id)) << "it lives with its root";
  }

  // By its id, without a word of where it is.
  Item suspend() {
    Item item = rig_.order(child_, "suspend", machine::Suspended{{"olga", {"ops"}}, "a test"});
    std::get<DeliverOrder>(item.order).shard = std::nullopt;
    return item;
  }
  // Offers both at once, so that one batch has them.
  void together(Item first, Item second) {
    first.done = [this](Result<EventAnswer> answer) { answers_.push_back(std::move(answer)); };
    second.done = [this](Result<EventAnswer> answer) { answers_.push_back(std::move(answer)); };
    rig_.offer(std::move(first));
    rig_.offer(std::move(second));
    ASSERT_TRUE(rig_.run());
    ASSERT_EQ(answers_.size(), 2u);
    for (const auto& answer : answers_) EXPECT_TRUE(answer) << answer.error().message;
  }
  std::string life() { return machine::to_string(rig_.row("child", "ann").life); }

  types::Value name_ = object({{"name", text("ann")}});
  Rig rig_{{k_parent, k_child}};
  ports::InstanceRow child_;
  std::vector<Result<EventAnswer>> answers_;
};

TEST_F(ById, AChildIsFound) {
  rig_.cores[0]->forget();
  EXPECT_TRUE(rig_.ask(suspend()));
  EXPECT_EQ(life(), "suspended");
}

TEST_F(ById, AnEventBesideItStillFindsTheChild) {
  rig_.cores[0]->forget();
  together(rig_.event("child.poke", "e1", name_), suspend());
  EXPECT_EQ(life(), "suspended");
  EXPECT_EQ(rig_.row("child", "ann").data, R"({"pokes":1})");
}

TEST_F(ById, BesideAnEventThatCameBeforeItGoesAgainAndFindsTheChild) {
  ASSERT_TRUE(rig_.ask(rig_.event("child.poke", "e1", name_)));
  together(rig_.event("child.poke", "e1", name_), suspend());
  EXPECT_EQ(life(), "suspended");
  EXPECT_EQ(rig_.row("child", "ann").data, R"({"pokes":1})");
}

TEST_F(ById, WhatIsNowhereIsSaidSoBesideOneThatIsThere) {
  rig_.cores[0]->forget();
  Item lost = suspend();
  std::get<DeliverOrder>(lost.order).to = rig_.new_instance_id(rig_.now);
  std::optional<Result<EventAnswer>> got;
  lost.done = [&got](Result<EventAnswer> answer) { got = std::move(answer); };
  rig_.offer(std::move(lost));
  EXPECT_TRUE(rig_.ask(suspend()));
  ASSERT_TRUE(got);
  ASSERT_FALSE(*got);
  EXPECT_EQ(got->error().code, "instance_not_found");
}

}  // namespace
}  // namespace vozex::runtime
