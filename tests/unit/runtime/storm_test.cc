// SPDX-License-Identifier: Apache-2.0
// Two instances that answer each message with two: what is under way doubles with each hop. Each
// later message asks for the earlier ones of its sender, which are in a queue already: copies of
// copies would fill the lanes, and nobody else would have a turn.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/runtime/lanes/lane_core.h"
#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

const char* const k_player = R"(
vozex: 1
workflow: player
version: 1
key: input.name
input: {name: string}
data: {heard: {type: int, default: 0}}
events:
  ball: {data: {to: string, from: string, hop: int}, match: event.data.to}
warnings: {VZ0603: they play for ever}
initial: playing
states:
  playing:
    on:
      ball:
        set: {heard: "${data.heard + 1}"}
        do:
          - when: event.data.hop < 9
            emit: {event: ball, data: {to: "${event.data.from}", from: "${event.data.to}", hop: "${event.data.hop + 1}"}}
          - when: event.data.hop < 9
            emit: {event: ball, data: {to: "${event.data.from}", from: "${event.data.to}", hop: "${event.data.hop + 1}"}}
)";

TEST(Storm, OfMessagesBetweenTwoLanesStaysTheSizeOfItsMessages) {
  Rig rig({k_player}, 2);
  std::vector<std::string> players;  // one in each lane
  for (int i = 0; players.size() < 2; ++i) {
    const std::string name = "p" + std::to_string(i);
    ASSERT_TRUE(rig.ask(rig.start("player", object({{"name", text(name)}}))));
    if (rig.row("player", name).shard % 2 == players.size()) players.push_back(name);
  }
  rig.committed_groups.clear();
  rig.counts = {};
  rig.offer(rig.event(
      "ball",
      "first",
      object({{"to", text(players[0])}, {"from", text(players[1])}, {"hop", number(0)}})));
  ASSERT_TRUE(rig.run());
  // Hops 0, 2, 4, ... are heard by one, the others by the other.
  EXPECT_EQ(rig.row("player", players[0]).data, R"({"heard":341})");
  EXPECT_EQ(rig.row("player", players[1]).data, R"({"heard":682})");
  // What a lane heard of the other's messages before it got them from there comes twice.
  EXPECT_LE(rig.counts.transitions, 3 * 1023u);
  EXPECT_EQ(rig.store.inspect([](const auto& tables) { return tables.outbox.size(); }), 0u);
}

// What is told twice to go stands in the queue once; that its row is done with is something else.
TEST(Storm, AMessageThatIsAskedForAgainStandsInTheQueueOnce) {
  Rig rig({k_player});
  ASSERT_TRUE(rig.ask(rig.start("player", object({{"name", text("p")}}))));
  const auto message = [&](std::uint32_t seq) {
    Item item =
        rig.event("ball",
                  "b" + std::to_string(seq),
                  object({{"to", text("p")}, {"from", text("nobody")}, {"hop", number(9)}}));
    item.outbox = ports::OutboxRow{0, InstanceId{Bytes16{7}}, seq, 0, rig.session, ""};
    return item;
  };
  for (int i = 0; i < 50; ++i) {
    rig.offer(message(1));
    rig.offer(message(2));
  }
  EXPECT_EQ(rig.cores[0]->queued(), 2u);
  Item done;
  done.order = DoneOrder{};
  done.outbox = message(1).outbox;
  rig.offer(std::move(done));
  EXPECT_EQ(rig.cores[0]->queued(), 3u);
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(rig.row("player", "p").data, R"({"heard":2})");
  EXPECT_EQ(rig.counts.duplicates, 0u);
  rig.offer(message(3));
  EXPECT_EQ(rig.cores[0]->queued(), 1u) << "the next one is another one";
}

const char* const k_herald = R"(
vozex: 1
workflow: herald
version: 1
key: input.name
input: {name: string, words: list<int>}
initial: telling
states:
  telling:
    on_entry:
      - for_each: {n: input.words}
        emit: {event: ball, data: {to: p, from: herald, hop: 9}}
    after: {30d: over}
  over: {type: final}
)";

// Steps count, also those that a commit refused. What another lane asked for before it got it is
// stepped twice at most.
TEST(Storm, AThousandMessagesToOneInstanceAreAThousandSteps) {
  for (const std::size_t lanes : {1u, 2u}) {
    Rig rig({k_player, k_herald}, lanes);
    ASSERT_TRUE(rig.ask(rig.start("player", object({{"name", text("p")}}))));
    types::Value::List words;
    for (int i = 0; i < 1000; ++i) words.push_back(number(i));
    rig.counts = {};
    ASSERT_TRUE(rig.ask(rig.start(
        "herald", object({{"name", text("h")}, {"words", types::Value::list(std::move(words))}}))));
    ASSERT_TRUE(rig.run());
    EXPECT_EQ(rig.row("player", "p").data, R"({"heard":1000})");
    EXPECT_LE(rig.counts.transitions, lanes * 1000u + 1) << lanes << " lanes";
  }
}

// A commit names one duplicate of a group: the others are not found out one by one.
TEST(Storm, AThousandDuplicatesAreSteppedOnceEach) {
  Rig rig({k_player});
  ASSERT_TRUE(rig.ask(rig.start("player", object({{"name", text("p")}}))));
  const auto offer_all = [&] {
    for (int i = 0; i < 1000; ++i) {
      rig.offer(
          rig.event("ball",
                    "b" + std::to_string(i),
                    object({{"to", text("p")}, {"from", text("nobody")}, {"hop", number(9)}})));
    }
    ASSERT_TRUE(rig.run());
  };
  offer_all();
  const auto seq = rig.row("player", "p").seq;
  rig.counts = {};
  offer_all();
  EXPECT_EQ(rig.counts.duplicates, 1000u);
  EXPECT_LE(rig.counts.transitions, 1000u);
  EXPECT_EQ(rig.row("player", "p").seq, seq);
}

// Half of them have come before.
TEST(Storm, DuplicatesAmongOthersCostTheOthersOneMoreStep) {
  Rig rig({k_player});
  ASSERT_TRUE(rig.ask(rig.start("player", object({{"name", text("p")}}))));
  const auto offer = [&](int i) {
    rig.offer(rig.event("ball",
                        "b" + std::to_string(i),
                        object({{"to", text("p")}, {"from", text("nobody")}, {"hop", number(9)}})));
  };
  for (int i = 0; i < 1000; i += 2) offer(i);
  ASSERT_TRUE(rig.run());
  rig.counts = {};
  for (int i = 0; i < 1000; ++i) offer(i);
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(rig.counts.duplicates, 500u);
  EXPECT_EQ(rig.row("player", "p").data, R"({"heard":1000})");
  EXPECT_LE(rig.counts.transitions, 1500u);
}

}  // namespace
}  // namespace vozex::runtime
