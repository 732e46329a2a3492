// SPDX-License-Identifier: Apache-2.0
// Keys that are too long or too many, and instances that are too many, for one event.
#include <gtest/gtest.h>

#include "engine/step/keys.h"
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

// They need not be there: it is refused before it is delivered to anybody.
TEST(Keys, HeldByMoreInstancesThanCanGetOneEvent) {
  Rig rig({k_club});
  ASSERT_TRUE(rig.ask(rig.start("member", member("ann", "c0"))));
  rig.store.alter([&](simulated::Tables& tables) {
    for (auto& [key, arbiter] : tables.bindings) {
      if (key.key != "c0") continue;
      for (std::size_t i = 0; i < k_max_hits; ++i) {
        InstanceId id;
        for (std::size_t byte = 0; byte < 4; ++byte)
          id.bytes[byte] = static_cast<std::uint8_t>(i >> (8 * byte));
        arbiter.holders.emplace(ports::InstanceKey{0, id}, false);
      }
    }
  });
  const auto told = rig.ask(rig.event("member.told", "e1", clubs(1, "c")));
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code, "too_many_matches");
  EXPECT_EQ(rig.store.inspect([](const auto& tables) { return tables.outbox.size(); }), 0u);
}

}  // namespace
}  // namespace vozex::runtime
