// SPDX-License-Identifier: Apache-2.0
// Workflows that start themselves: how deep and how large a family may be, and how it is ended.
#include <gtest/gtest.h>

#include "engine/types/json.h"
#include "tests/unit/runtime/rig.h"

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

struct Dolls {
  std::size_t live = 0;
  std::size_t incidents = 0;
  std::size_t others = 0;  // other incidents than `code`
  std::size_t outbox = 0;
};

Dolls dolls(Rig& rig, const std::string& code) {
  return rig.store.inspect([&](const auto& tables) {
    Dolls seen;
    seen.live = tables.live.size();
    seen.outbox = tables.outbox.size();
    for (const auto& [key, row] : tables.live) {
      machine::Snapshot snapshot;
      const auto machine = rig.definitions->find(row.workflow, row.version);
      EXPECT_TRUE(machine::decode(*machine, {row.input, row.data, row.rt}, snapshot));
      for (const machine::Incident& incident : snapshot.incidents)
        ++(incident.code == code ? seen.incidents : seen.others);
    }
    return seen;
  });
}

// Three for each: so many that generations go round through the outbox. Who belongs to the eighth
// generation may have no children, and these want some in their first step: they don't come to be,
// and their parents, the seventh, say why, once each.
TEST(Families, AWorkflowThatStartsItselfEndsAtTheEighthGeneration) {
  Rig rig({k_doll});
  const auto three = types::parse_json(R"({"inside":[1,2,3]})");
  ASSERT_TRUE(rig.ask(rig.start("doll", *three)));
  ASSERT_TRUE(rig.run());
  std::size_t instances = 0;
  std::size_t generation = 1;
  for (int depth = 0; depth < machine::k_max_family_depth; ++depth, generation *= 3)
    instances += generation;
  const Dolls seen = dolls(rig, "children_too_deep");
  EXPECT_EQ(seen.live, instances);
  EXPECT_EQ(seen.incidents, generation / 3);
  EXPECT_EQ(seen.others, 0u);
  EXPECT_EQ(seen.outbox, 0u);
  // One order ends them all.
  const auto root = rig.store.inspect([](const auto& tables) {
    for (const auto& [key, row] : tables.live) {
      if (row.parent.is_nil()) return row;
    }
    return ports::InstanceRow{};
  });
  machine::Event cancel;
  cancel.name = "cancel";
  cancel.source = "ops";
  Item item;
  item.order = DeliverOrder{root.id, root.shard, cancel, true};
  ASSERT_TRUE(rig.ask(std::move(item)));
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(dolls(rig, "children_too_deep").live, 0u);
}

// Before the eighth generation the family is as large as it may be.
TEST(Families, AFamilyThatGrowsTooFastEndsBelowItsBound) {
  Rig rig({k_doll});
  types::Value::List many;
  for (int i = 0; i < 10; ++i) many.push_back(number(i));
  ASSERT_TRUE(
      rig.ask(rig.start("doll", object({{"inside", types::Value::list(std::move(many))}}))));
  ASSERT_TRUE(rig.run());
  const Dolls seen = dolls(rig, "family_too_large");
  // 100,000 is 9,999 for each of ten, 998 for each of theirs, then 98, then 8: too few for ten.
  EXPECT_EQ(seen.live, 1u + 10 + 100 + 1000);
  EXPECT_LE(seen.live, machine::k_max_family);
  EXPECT_EQ(seen.incidents, 1000u) << "each parent of those that did not come";
  EXPECT_EQ(seen.others, 0u);
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
  types::Value::List items;
  for (int i = 0; i < machine::k_max_turns + 200; ++i) items.push_back(number(i));
  ASSERT_TRUE(rig.ask(rig.start(
      "queue", object({{"name", text("n")}, {"items", types::Value::list(std::move(items))}}))));
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(rig.row("queue", "n").data,
            "{\"done\":" + std::to_string(machine::k_max_turns + 200) + "}");
}

}  // namespace
}  // namespace vozex::runtime
