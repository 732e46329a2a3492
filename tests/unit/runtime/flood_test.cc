// SPDX-License-Identifier: Apache-2.0
// Workflows that would never come to rest, each in its own way: all of them end in incidents that a
// person sees, and the number of their instances, steps and messages is bounded.
#include <gtest/gtest.h>

#include "engine/step/step.h"
#include "engine/types/json.h"
#include "tests/unit/runtime/census.h"

namespace vozex::runtime {
namespace {

// Fires what is due of the one instance, as long as something is, without time going on.
void fire(Rig& rig, const std::string& workflow, const std::string& key) {
  for (int i = 0; i < 1000; ++i) {
    const ports::InstanceRow row = rig.row(workflow, key);
    if (!row.timer_at || *row.timer_at > rig.now) return;
    Item item;
    item.order = TimerOrder{{row.shard, row.id}, *row.timer_at};
    rig.offer(std::move(item));
    ASSERT_TRUE(rig.run());
  }
  FAIL() << "it fires for ever";
}

TEST(Flood, OfTimersWithoutTimeIsHeld) {
  Rig rig({R"(
vozex: 1
workflow: spin
version: 1
key: input.name
input: {name: string, pause: duration}
data: {rounds: {type: int, default: 0}}
initial: a
states:
  a: {after: {"${input.pause}": {target: b, set: {rounds: "${data.rounds + 1}"}}}}
  b: {after: {"${input.pause}": a}}
)"});
  const types::Value input = object({{"name", text("n")}, {"pause", text("0s")}});
  ASSERT_TRUE(rig.ask(rig.start("spin", input)));
  rig.counts = {};
  fire(rig, "spin", "n");
  EXPECT_EQ(rig.counts.timers_fired, machine::k_max_turns + 1u);
  EXPECT_EQ(rig.row("spin", "n").life, machine::Life::held);
  EXPECT_EQ(census(rig).incidents, (Codes{{"too_many_turns", 1}}));
  // A person lets it go on: it ends there again.
  ASSERT_TRUE(rig.ask(
      rig.order(rig.row("spin", "n"), "resume", machine::Resumed{{"ann", {"ops"}}, "again"})));
  fire(rig, "spin", "n");
  EXPECT_EQ(rig.counts.timers_fired, 2 * (machine::k_max_turns + 1u));
  EXPECT_EQ(census(rig).incidents, (Codes{{"too_many_turns", 1}}));
}

// The child is over in its first step, and its parent begins again.
TEST(Flood, OfAChildThatIsStartedAgainAndAgainIsHeld) {
  Rig rig({R"(
vozex: 1
workflow: eager
version: 1
key: input.name
input: {name: string}
data: {rounds: {type: int, default: 0}}
initial: working
states:
  working:
    invoke:
      workflow: done
      input: {}
      on_done: {target: working, reenter: true, set: {rounds: "${data.rounds + 1}"}}
)",
           R"(
vozex: 1
workflow: done
version: 1
output: {}
states:
  over: {type: final, output: {}}
)"});
  ASSERT_TRUE(rig.ask(rig.start("eager", object({{"name", text("n")}}))));
  EXPECT_EQ(rig.row("eager", "n").life, machine::Life::held);
  EXPECT_EQ(rig.row("eager", "n").data,
            "{\"rounds\":" + std::to_string(machine::k_max_turns - 1) + "}");
  EXPECT_EQ(census(rig).incidents, (Codes{{"too_many_turns", 1}}));
}

TEST(Flood, OfWordsBetweenParentAndChildIsHeld) {
  Rig rig({R"(
vozex: 1
workflow: parent
version: 1
key: input.name
input: {name: string}
data: {heard: {type: int, default: 0}}
events: {pong: {data: {}}}
initial: talking
states:
  talking:
    invoke: {id: kid, workflow: child, input: {}}
    on: {pong: {set: {heard: "${data.heard + 1}"}, do: [{send: {event: ping, to: {child: kid}}}]}}
)",
           R"(
vozex: 1
workflow: child
version: 1
output: {}
events: {ping: {data: {}}}
initial: open
states:
  open:
    on_entry: [{send: {event: pong, to: parent}}]
    on: {ping: {do: [{send: {event: pong, to: parent}}]}}
)"});
  ASSERT_TRUE(rig.ask(rig.start("parent", object({{"name", text("n")}}))));
  const Census seen = census(rig);
  EXPECT_EQ(seen.held, 1u);
  EXPECT_EQ(seen.incidents, (Codes{{"too_many_turns", 1}}));
  EXPECT_EQ(seen.outbox, 0u);
  EXPECT_LE(rig.counts.transitions, machine::k_max_turns + 4u);
}

// Who hears it starts another one, which says it again.
TEST(Flood, OfStartsByRuleEndsAtItsDepth) {
  Rig rig({R"(
vozex: 1
workflow: relay
version: 1
key: input.number
input: {number: string}
events: {baton: {data: {number: string}, match: event.data.number, unhandled: ignore}}
start: {on: {baton: {input: {number: "${event.data.number}"}}}}
initial: running
states:
  running:
    on_entry: [{emit: {event: baton, data: {number: "${input.number + '1'}"}}}]
    after: {30d: over}
  over: {type: final}
warnings: {VZ0606: tests want silence here}
)"});
  ASSERT_TRUE(rig.ask(rig.event("baton", "first", object({{"number", text("1")}}))));
  EXPECT_EQ(census(rig).live, machine::k_max_causation_depth + 0u);
  EXPECT_EQ(census(rig).outbox, 0u);
  EXPECT_FALSE(rig.notes.empty()) << "the log says why there is no next one";
}

TEST(Flood, OfInstancesThatStartInstancesEndsAtItsDepth) {
  Rig rig({R"(
vozex: 1
workflow: rabbit
version: 1
input: {}
initial: alive
states:
  alive:
    on_entry: [{start: {workflow: rabbit, input: {}}}, {start: {workflow: rabbit, input: {}}}]
    after: {30d: over}
  over: {type: final}
)"});
  ASSERT_TRUE(rig.ask(rig.start("rabbit", object({}))));
  const Census seen = census(rig);
  // Two each: what may still come is divided by three in each generation.
  std::size_t live = 0;
  std::size_t generation = 1;
  std::uint32_t left = machine::k_max_caused;
  for (; left >= 2; left = (left - 2) / 3, generation *= 2) live += generation;
  EXPECT_EQ(seen.live, live);
  EXPECT_EQ(seen.incidents, (Codes{{"too_much_caused", generation}}))
      << "each whose two were not started says so twice, of the last generation that was";
  EXPECT_EQ(seen.outbox, 0u);
}

// Ten say it to ten, who say it to ten each.
TEST(Flood, OfEventsThatMultiplyIsBounded) {
  Rig rig({R"(
vozex: 1
workflow: crowd
version: 1
key: input.name
input: {name: string}
data: {heard: {type: int, default: 0}}
events: {word: {data: {to: string}, match: event.data.to}}
initial: here
states:
  here:
    on:
      word:
        set: {heard: "${data.heard + 1}"}
        do:
          - for_each: {n: "['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']"}
            emit: {event: word, data: {to: "${n}"}}
    after: {30d: over}
  over: {type: final}
)"});
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(rig.ask(rig.start("crowd", object({{"name", text(std::to_string(i))}}))));
  rig.counts = {};
  ASSERT_TRUE(rig.ask(rig.event("word", "first", object({{"to", text("0")}}))));
  EXPECT_LE(rig.counts.transitions, machine::k_max_caused);
  EXPECT_EQ(census(rig).outbox, 0u);
  EXPECT_EQ(census(rig).held, 10u)
      << "each of them said too much at last, and a person looks at it";
}

// What may still come of an event is for all who get it together.
TEST(Flood, ManyWhoHearOneEventShareWhatMayComeOfIt) {
  Rig rig({R"(
vozex: 1
workflow: listener
version: 1
key: input.name
input: {name: string, club: string}
aliases: {club: input.club}
events:
  news: {data: {club: string}, match: {club: event.data.club}}
  thanks: {data: {}}
initial: here
states:
  here:
    on: {news: {do: [{emit: {event: thanks, data: {}}}]}}
    after: {30d: over}
  over: {type: final}
)"});
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(rig.ask(
        rig.start("listener", object({{"name", text(std::to_string(i))}, {"club", text("all")}}))));
  ASSERT_TRUE(rig.ask(rig.event("news", "first", object({{"club", text("all")}}))));
  const machine::Snapshot snapshot = snapshot_of(rig, rig.row("listener", "7"));
  EXPECT_EQ(snapshot.causation.left, (machine::k_max_caused / 100 - 1) / 2);
}

}  // namespace
}  // namespace vozex::runtime
