// SPDX-License-Identifier: Apache-2.0
//
// The hooks that the simulation pulls; what the store does as a store is shown by tests/store.
#include "adapters/simulated/simulated_store.h"

#include <gtest/gtest.h>

namespace vozex::simulated {
namespace {

ports::CommitRequest insertion(Etag etag, std::uint8_t number) {
  ports::CommitRequest request;
  request.etag = etag;
  request.groups.emplace_back();
  request.groups[0].instances.emplace_back();
  request.groups[0].instances[0].row.id.bytes[15] = number;
  return request;
}

TEST(SimulatedStore, LosesTheNextCommitBeforeItIsApplied) {
  SimulatedStore store;
  auto lane = std::move(*store.open_lane());
  store.fail_next_commit(CommitFault::before_applying);
  EXPECT_EQ(lane->commit(insertion(1, 1)).error().kind, ErrorClass::outcome_unknown);
  EXPECT_EQ(store.inspect([](const Tables& tables) { return tables.live.size(); }), 0u);
  EXPECT_EQ(lane->settle(insertion(1, 1))->verdicts[0].verdict, ports::Verdict::committed);
  EXPECT_EQ(store.commits(), 1u);
}

TEST(SimulatedStore, LosesTheAnswerOfTheNextCommit) {
  SimulatedStore store;
  auto lane = std::move(*store.open_lane());
  store.fail_next_commit(CommitFault::after_applying);
  EXPECT_EQ(lane->commit(insertion(1, 1)).error().kind, ErrorClass::outcome_unknown);
  EXPECT_EQ(store.inspect([](const Tables& tables) { return tables.live.size(); }), 1u);
  EXPECT_EQ(lane->settle(insertion(1, 1))->verdicts[0].verdict, ports::Verdict::committed);
  EXPECT_EQ(store.commits(), 1u) << "not applied again";
}

TEST(SimulatedStore, IsAwayUntilItIsBack) {
  SimulatedStore store;
  auto lane = std::move(*store.open_lane());
  store.set_unavailable(true);
  EXPECT_EQ(lane->load({}).error().kind, ErrorClass::unavailable);
  EXPECT_EQ(lane->commit(insertion(1, 1)).error().kind, ErrorClass::unavailable);
  EXPECT_EQ(store.open_lane().error().kind, ErrorClass::unavailable);
  EXPECT_EQ(store.queries().ping().error().kind, ErrorClass::unavailable);
  EXPECT_EQ(store.sessions().join({}, "x").error().kind, ErrorClass::unavailable);
  store.set_unavailable(false);
  EXPECT_TRUE(lane->commit(insertion(1, 1)).has_value());
}

TEST(SimulatedStore, HasTheClockItWasGiven) {
  SimulatedStore store;
  const SessionId session{{1}};
  constexpr Duration k_lease{std::chrono::seconds(15)};
  Timestamp now{std::chrono::seconds(10)};
  store.use_clock([&] { return now; });
  ASSERT_TRUE(store.sessions().join(session, "a").has_value());
  EXPECT_EQ(store.sessions().beat(session, k_lease).value().now, now);
  now += std::chrono::seconds(5);
  EXPECT_EQ(store.sessions().beat(session, k_lease).value().now, now);
  store.set_now(now);
  store.advance(std::chrono::seconds(1));
  EXPECT_EQ(store.sessions().beat(session, k_lease).value().now, now + std::chrono::seconds(1));
}

}  // namespace
}  // namespace vozex::simulated
