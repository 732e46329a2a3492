// SPDX-License-Identifier: Apache-2.0
// Fan-outs of thousands: what each end costs, and how much their results may weigh together.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "engine/step/kept.h"
#include "engine/types/json.h"
#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

const char* const k_crowd = R"(
vozex: 1
workflow: crowd
version: 1
key: input.name
input: {name: string, orders: list<string>}
output: {seen: int, too_large: int}
initial: looking
states:
  looking:
    invoke:
      id: looks
      for_each: {order: input.orders}
      call: bank.look
      with: {order: "${order}"}
      on_done: seen
      on_error: seen
  seen:
    type: final
    output:
      seen: "${invoked.looks.filter(l, l.status == 'done').size()}"
      too_large: "${invoked.looks.filter(l, l.status == 'failed' && l.error.code == 'results_too_large').size()}"
)";

types::Value crowd(int size) {
  types::Value::List orders;
  for (int i = 0; i < size; ++i) orders.push_back(text("o" + std::to_string(i)));
  return object({{"name", text("c")}, {"orders", types::Value::list(std::move(orders))}});
}

TEST(FanOut, OfTwoThousandCallsWhoseEndsComeTogetherIsJoined) {
  constexpr int k_calls = 2000;
  Rig rig({k_bank, k_crowd});
  ASSERT_TRUE(rig.ask(rig.start("crowd", crowd(k_calls))));
  ASSERT_EQ(rig.calls.size(), static_cast<std::size_t>(k_calls));
  rig.counts = {};
  const auto calls = rig.calls;
  for (const auto& call : calls) rig.offer(rig.end_of(call, object({{"reference", text("r")}})));
  ASSERT_TRUE(rig.run());
  EXPECT_EQ(rig.row("crowd", "c").output, R"({"seen":2000,"too_large":0})");
  EXPECT_EQ(rig.counts.transitions, static_cast<std::uint64_t>(k_calls)) << "each end is one step";
}

// Five hundred times 64 kB: half of them have room. None is lost without a word, and the row never
// has more than it may.
TEST(FanOut, WhoseResultsAreTooLargeTogetherIsJoinedAsAFailure) {
  constexpr std::size_t k_calls = 500;
  constexpr std::size_t k_each = 64 << 10;
  Rig rig({k_bank, k_crowd});
  std::size_t longest = 0;
  rig.refuse = [&](const ports::CommitRequest& request) -> std::optional<Error> {
    for (const ports::Group& group : request.groups) {
      for (const ports::InstanceWrite& write : group.instances)
        longest = std::max(longest, write.row.rt.size());
    }
    return std::nullopt;
  };
  ASSERT_TRUE(rig.ask(rig.start("crowd", crowd(k_calls))));
  const auto calls = rig.calls;
  for (const auto& call : calls)
    rig.offer(rig.end_of(call, object({{"reference", text(std::string(k_each, 'r'))}})));
  ASSERT_TRUE(rig.run());
  const ports::InstanceRow row = rig.row("crowd", "c");
  EXPECT_EQ(row.life, machine::Life::completed);
  const std::size_t fit = stepping::k_max_invoked_bytes / (k_each + 200);
  const auto seen = types::parse_json(row.output);
  ASSERT_TRUE(seen);
  const std::int64_t done = seen->find("seen")->as_integer();
  EXPECT_NEAR(static_cast<double>(done), static_cast<double>(fit), 2);
  EXPECT_EQ(seen->find("too_large")->as_integer(), static_cast<std::int64_t>(k_calls) - done);
  EXPECT_LT(longest, stepping::k_max_invoked_bytes + (1u << 20));
  EXPECT_EQ(rig.counts.calls_dead, 0u) << "the calls are over, whatever becomes of their results";
  EXPECT_EQ(rig.store.inspect([](const auto& tables) { return tables.calls.size(); }), 0u);
}

}  // namespace
}  // namespace vozex::runtime
