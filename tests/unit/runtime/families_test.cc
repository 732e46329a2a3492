// SPDX-License-Identifier: Apache-2.0
// Workflows that start themselves: how deep and how large a family may be, and how it is ended.
#include <gtest/gtest.h>

#include "tests/unit/runtime/census.h"

namespace vozex::runtime {
namespace {

const char* const k_doll = R"(
vozex: 1
workflow: doll
version: 1
input: {inside: list<int>}
output: {}
warnings: {VZ0606: tests want silence here}
initial: open
states:
  open:
    invoke:
      for_each: {n: input.inside}
      workflow: doll
      input: {inside: "${input.inside}"}
      on_done: closed
  closed: {type: final, output: {}}
)";

types::Value numbers(std::size_t count) {
  types::Value::List list;
  for (std::size_t i = 0; i < count; ++i) list.push_back(number(static_cast<std::int64_t>(i)));
  return types::Value::list(std::move(list));
}

types::Value with_inside(std::size_t count) { return object({{"inside", numbers(count)}}); }

// Three for each: so many that generations go round through the outbox. Who belongs to the eighth
// generation may have no children, and these want some in their first step: they don't come to be,
// and their parents, the seventh, say why, once each.
TEST(Families, AWorkflowThatStartsItselfEndsAtTheEighthGeneration) {
  Rig rig({k_doll});
  ASSERT_TRUE(rig.ask(rig.start("doll", with_inside(3))));
  ASSERT_TRUE(rig.run());
  std::size_t instances = 0;
  std::size_t generation = 1;
  for (int depth = 0; depth < machine::k_max_family_depth; ++depth, generation *= 3)
    instances += generation;
  const Census seen = census(rig);
  EXPECT_EQ(seen.live, instances);
  EXPECT_EQ(seen.incidents, (Codes{{"children_too_deep", generation / 3}}));
  EXPECT_EQ(seen.outbox, 0u);
  // One order ends them all.
  const auto root = rig.store.inspect([](const auto& tables) {
    for (const auto& [key, row] : tables.live) {
      if (row.parent.is_nil()) return row;
    }
    return ports::InstanceRow{};
  });
  ASSERT_TRUE(rig.ask(rig.order(root, "cancel", machine::External{})));
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(census(rig).live, 0u);
}

// Before the eighth generation the family is as large as it may be.
TEST(Families, AFamilyThatGrowsTooFastEndsBelowItsBound) {
  Rig rig({k_doll});
  ASSERT_TRUE(rig.ask(rig.start("doll", with_inside(10))));
  ASSERT_TRUE(rig.run());
  const Census seen = census(rig);
  // 100,000 is 9,999 for each of ten, 998 for each of theirs, then 98, then 8: too few for ten.
  EXPECT_EQ(seen.live, 1u + 10 + 100 + 1000);
  EXPECT_LE(seen.live, machine::k_max_family);
  EXPECT_EQ(seen.incidents, (Codes{{"family_too_large", 1000}}))
      << "each parent of those that did not come";
}

// One after the other, each over at once: no loop, however long the list.
TEST(Families, AFanOutGoesOnAsLongAsItsListIs) {
  Rig rig({R"(
vozex: 1
workflow: queue
version: 1
key: input.name
input: {name: string, items: list<int>}
data: {done: {type: int, default: 0}}
initial: working
states:
  working:
    invoke:
      id: all
      for_each: {n: input.items}
      limit: 1
      workflow: moment
      input: {}
      on_done: {target: rest, set: {done: "${invoked.all.size()}"}}
  rest: {after: {30d: over}}
  over: {type: final}
)",
           R"(
vozex: 1
workflow: moment
version: 1
output: {}
states:
  over: {type: final, output: {}}
)"});
  constexpr std::size_t k_all = machine::k_max_turns + 200;
  ASSERT_TRUE(
      rig.ask(rig.start("queue", object({{"name", text("n")}, {"items", numbers(k_all)}}))));
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(rig.row("queue", "n").data, "{\"done\":" + std::to_string(k_all) + "}");
}

}  // namespace
}  // namespace vozex::runtime
