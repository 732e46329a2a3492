// SPDX-License-Identifier: Apache-2.0
// Keys that are too long or too many, and instances that are too many, for one event.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/step/keys.h"
#include "engine/types/json.h"
#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

const char* const k_club = R"(
vozex: 1
workflow: member
version: 1
key: input.name
input: {name: string, club: string}
data: {club: {type: string, default: "${input.club}"}}
aliases: {club: data.club}
events:
  member.told: {data: {clubs: list<string>}, match: {club: event.data.clubs}}
  member.moved: {data: {name: string, club: string}, match: event.data.name}
initial: here
states:
  here:
    on:
      member.told: {}
      member.moved: {set: {club: "${event.data.club}"}}
    after: {30d: over}
  over: {type: final}
)";

const char* const k_pair = R"(
vozex: 1
workflow: pair
version: 1
key: input.names[0]
input: {names: list<string>}
initial: here
states:
  here: {after: {30d: over}}
  over: {type: final}
)";

types::Value member(const std::string& name, const std::string& club) {
  return object({{"name", text(name)}, {"club", text(club)}});
}

types::Value clubs(std::size_t count, const std::string& name) {
  types::Value::List list;
  for (std::size_t i = 0; i < count; ++i) list.push_back(text(name + std::to_string(i)));
  return object({{"clubs", types::Value::list(std::move(list))}});
}

TEST(Keys, OfAnAliasHaveABound) {
  Rig rig({k_club});
  const std::string longest(k_max_key_bytes, 'x');
  ASSERT_TRUE(rig.ask(rig.start("member", member("ann", longest))));
  const auto refused = rig.ask(rig.start("member", member("bob", longest + "x")));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "key_too_long");
  ASSERT_TRUE(rig.ask(rig.event("member.moved", "e1", member("ann", longest + "x"))));
  EXPECT_EQ(rig.row("member", "ann").life, machine::Life::held) << "and keeps the key it had";
}

TEST(Keys, ThatAnEventLooksForHaveBounds) {
  Rig rig({k_club});
  ASSERT_TRUE(rig.ask(rig.start("member", member("ann", "c7"))));
  const auto many = rig.ask(rig.event("member.told", "e1", clubs(k_max_keys_sought, "c")));
  ASSERT_TRUE(many) << many.error().message;
  EXPECT_EQ(many->deliveries.size(), 1u);
  const auto more = rig.ask(rig.event("member.told", "e2", clubs(k_max_keys_sought + 1, "c")));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, "too_many_keys");
  const auto large =
      rig.ask(rig.event("member.told", "e3", clubs(1, std::string(k_max_key_bytes, 'c'))));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, "key_too_long");
  EXPECT_EQ(rig.store.inspect([](const auto& tables) { return tables.parked.size(); }), 0u);
}

// A database keeps no U+0000, so nobody could ever have such a key: it is said where it is made.
TEST(Keys, WithU0000AreRefusedWhereverTheyAreMade) {
  Rig rig({k_club});
  const std::string nul("a\0", 2);
  const auto refused = [&rig](Item item) {
    const auto answer = rig.ask(std::move(item));
    return answer ? std::string("taken") : answer.error().code;
  };
  EXPECT_EQ(refused(rig.start("member", member(nul, "c"))), "invalid_key") << "its key";
  EXPECT_EQ(refused(rig.start("member", member("ann", nul))), "invalid_key") << "an alias";
  EXPECT_EQ(rig.store.inspect([](const auto& tables) { return tables.live.size(); }), 0u);
  ASSERT_EQ(refused(rig.start("member", member("bob", "c"))), "taken");
  EXPECT_EQ(refused(rig.event("member.told", "e1", clubs(1, nul))), "invalid_key") << "`match`";
  EXPECT_EQ(rig.store.inspect([](const auto& tables) { return tables.parked.size(); }), 0u);
  ASSERT_EQ(refused(rig.event("member.moved", "e2", member("bob", nul))), "taken");
  const ports::InstanceRow bob = rig.row("member", "bob");
  EXPECT_EQ(bob.life, machine::Life::held) << "and keeps the alias it had";
  EXPECT_EQ(
      refused(rig.event("member.told", "e3", object({{"clubs", types::Value::list({text("c")})}}))),
      "taken");
}

TEST(Keys, OfABusinessKeyAreOneTextOfABoundedLength) {
  Rig rig({k_pair});
  const auto refused = [&rig](types::Value::List names) {
    const auto answer =
        rig.ask(rig.start("pair", object({{"names", types::Value::list(std::move(names))}})));
    return answer ? std::string("taken") : answer.error().code;
  };
  EXPECT_EQ(refused({}), "invalid_key") << "there is no first one";
  EXPECT_EQ(refused({text("")}), "invalid_key");
  EXPECT_EQ(refused({text(std::string(k_max_key_bytes + 1, 'x'))}), "invalid_key");
  EXPECT_EQ(refused({text(std::string(k_max_key_bytes, 'x'))}), "taken");
}

// The alias "c0" is held by so many more instances, which need not be there.
void hold_by_others(Rig& rig, std::size_t count) {
  rig.store.alter([&](simulated::Tables& tables) {
    for (auto& [key, arbiter] : tables.bindings) {
      if (key.key != "c0") continue;
      for (std::size_t i = 0; i < count; ++i) {
        InstanceId id;
        for (std::size_t byte = 0; byte < 4; ++byte)
          id.bytes[byte] = static_cast<std::uint8_t>(i >> (8 * byte));
        arbiter.holders.emplace(ports::InstanceKey{0, id}, false);
      }
    }
  });
}

// It is refused before it is delivered to anybody.
TEST(Keys, HeldByMoreInstancesThanCanGetOneEvent) {
  Rig rig({k_club});
  ASSERT_TRUE(rig.ask(rig.start("member", member("ann", "c0"))));
  hold_by_others(rig, k_max_hits);
  const auto told = rig.ask(rig.event("member.told", "e1", clubs(1, "c")));
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code, "too_many_matches");
  EXPECT_EQ(rig.store.inspect([](const auto& tables) { return tables.outbox.size(); }), 0u);
}

// The mark keeps the answer, and whoever sends the event again gets it again.
TEST(Keys, HeldByVeryManyAreListedUpToABoundAndCounted) {
  constexpr std::size_t k_all = k_max_listed_deliveries + 234;
  Rig rig({k_club});
  ASSERT_TRUE(rig.ask(rig.start("member", member("ann", "c0"))));
  hold_by_others(rig, k_all - 1);
  const Item event = rig.event("member.told", "e1", clubs(1, "c"));
  for (const auto disposition : {machine::Disposition::queued, machine::Disposition::duplicate}) {
    Item again;
    again.mark = event.mark;
    again.order = event.order;
    const auto told = rig.ask(std::move(again));
    ASSERT_TRUE(told);
    EXPECT_EQ(told->disposition, disposition);
    EXPECT_EQ(told->deliveries.size(), k_max_listed_deliveries);
    EXPECT_EQ(told->more, 234u);
    EXPECT_EQ(to_json(*told), types::to_json(to_value(*told)));
  }
  const std::size_t longest = rig.store.inspect([](const auto& tables) {
    std::size_t bytes = 0;
    for (const auto& [mark, row] : tables.marks) bytes = std::max(bytes, row.answer.size());
    return bytes;
  });
  EXPECT_LT(longest, 200u * k_max_listed_deliveries);
}

}  // namespace
}  // namespace vozex::runtime
