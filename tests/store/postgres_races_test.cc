// SPDX-License-Identifier: Apache-2.0
//
// Races of two connections to PostgreSQL, pinned to one timing by a transaction that is held open.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/store/postgres_rig.h"

namespace vozex::store_test {
namespace {

using testing::ElementsAre;

using PostgresRaces = Postgres;

TEST_F(PostgresRaces, AStartThatMeetsAnUncommittedEventWaitsAndClaimsIt) {
  OpenCommit open(url(), request_of(1, {parking("e", {order_key("k")})}), {});
  ASSERT_EQ(open.error(), std::nullopt);
  CommitReply reply;
  std::thread thread([&] { reply = commit(2, {start(1, "k")}); });
  wait_for_waiter();
  open.commit();
  thread.join();
  EXPECT_THAT(verdicts(reply), ElementsAre(Verdict::committed));
  EXPECT_THAT(reply.claims, ElementsAre(order_key("k")));
}

TEST_F(PostgresRaces, AnEventThatMeetsAnUncommittedStartIsStale) {
  OpenCommit open(url(), request_of(1, {start(1, "k")}), {});
  CommitReply reply;
  std::thread thread([&] { reply = commit(2, {parking("e", {order_key("k")})}); });
  wait_for_waiter();
  open.commit();
  thread.join();
  EXPECT_THAT(verdicts(reply), ElementsAre(Verdict::stale));
}

TEST_F(PostgresRaces, AnEventMayWaitWhenTheStartIsRolledBack) {
  OpenCommit open(url(), request_of(1, {start(1, "k")}), {});
  CommitReply reply;
  std::thread thread([&] { reply = commit(2, {parking("e", {order_key("k")})}); });
  wait_for_waiter();
  open.roll_back();
  thread.join();
  EXPECT_THAT(verdicts(reply), ElementsAre(Verdict::committed));
}

TEST_F(PostgresRaces, OfTwoStartsTheLaterOneIsToldThatTheKeyIsTaken) {
  OpenCommit open(url(), request_of(1, {start(1, "k")}), {});
  CommitReply reply;
  // Others of its batch are not held up by it for good.
  std::thread thread([&] { reply = commit(2, {start(2, "k"), start(3, "other")}); });
  wait_for_waiter();
  open.commit();
  thread.join();
  EXPECT_THAT(verdicts(reply), ElementsAre(Verdict::key_taken, Verdict::committed));
}

TEST_F(PostgresRaces, OfTwoDeliveriesOfOneEventTheLaterOneGetsTheFirstAnswer) {
  Group group;
  group.marks.push_back(mark("m", R"("first")"));
  OpenCommit open(url(), request_of(1, {group}), {});
  group.marks[0].answer = R"("second")";
  CommitReply reply;
  std::thread thread([&] { reply = commit(2, {group}); });
  wait_for_waiter();
  open.commit();
  thread.join();
  ASSERT_THAT(verdicts(reply), ElementsAre(Verdict::duplicate));
  EXPECT_EQ(reply.verdicts[0].first->answer, R"("first")");
}

TEST_F(PostgresRaces, AGroupWhoseRowIsLockedIsStaleAtOnceAndTheRestCommits) {
  commit(1, {start(1), start(2)});
  Group one;
  one.instances.push_back(change(1, 1));
  OpenCommit open(url(), request_of(2, {one}), {});
  Group two;
  two.instances.push_back(change(2, 1));
  EXPECT_THAT(verdicts(commit(3, {one, two})), ElementsAre(Verdict::stale, Verdict::committed));
  open.roll_back();
}

TEST_F(PostgresRaces, AGroupOnItsOwnWaitsForItsRow) {
  commit(1, {start(1)});
  Group one;
  one.instances.push_back(change(1, 1));
  OpenCommit open(url(), request_of(2, {one}), {});
  CommitReply reply;
  std::thread thread([&] { reply = commit(3, {one}); });
  wait_for_waiter();
  open.roll_back();
  thread.join();
  EXPECT_THAT(verdicts(reply), ElementsAre(Verdict::committed));
}

// The lane has one row and wants the other, whose holder wants the first.
TEST_F(PostgresRaces, OfTwoThatWaitForEachOtherTheLaneGivesWay) {
  commit(1, {start(1), start(2)});
  Group one;
  one.instances.push_back(change(1, 1));
  Group two;
  two.instances.push_back(change(2, 1));
  const bool in_order = key_of(1) < key_of(2);
  const auto touch = [](const InstanceKey& key) {
    return "UPDATE instances SET status = status WHERE id = '" + key.id.text() + "'";
  };
  auto other = std::move(*postgres::Connection::open(url(), postgres::Profile::setup));
  ASSERT_TRUE(other->execute("BEGIN; " + touch(key_of(in_order ? 2 : 1))).has_value());
  Result<CommitReply> reply;
  std::thread thread([&] { reply = lane().commit(request_of(3, {one, two})); });
  wait_for_waiter();
  const auto second = other->execute(touch(key_of(in_order ? 1 : 2)));
  EXPECT_TRUE(second.has_value()) << second.error().message;
  EXPECT_TRUE(other->execute("COMMIT").has_value());
  thread.join();
  ASSERT_TRUE(reply.has_value()) << reply.error().message;
  for (const Verdict verdict : verdicts(*reply)) {
    EXPECT_THAT(verdict, testing::AnyOf(Verdict::committed, Verdict::stale));
  }
  Group again;
  again.instances.push_back(
      change(1, lane().load({{key_of(1)}, {}, {}, {}})->instances[0].etag, 3));
  EXPECT_THAT(verdicts(commit(4, {again})), ElementsAre(Verdict::committed));
}

// The table has no check for it: whoever makes the count smaller looks.
TEST_F(PostgresRaces, TheCountOfWhatWaitsOnAKeyNeverFallsBelowZero) {
  commit(1, {parking("e", {order_key("k")})});
  ASSERT_TRUE(watcher().execute("UPDATE bindings SET parked = 0").has_value());
  Group delivery;
  delivery.unparks.push_back(mark_id("e"));
  const auto refused = lane().commit(request_of(2, {delivery}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, "store_constraint") << refused.error().message;
  EXPECT_EQ(number("SELECT count(*) FROM parked"), 1);
}

TEST_F(PostgresRaces, TheCountOfTheHoldersOfAnAliasNeverFallsBelowZero) {
  Group group;
  group.bindings.push_back(binding(BindingOp::add_alias, alias_key("a"), 1));
  commit(1, {group});
  ASSERT_TRUE(watcher().execute("UPDATE bindings SET live = 0").has_value());
  group.bindings[0].op = BindingOp::end;
  const auto refused = lane().commit(request_of(2, {group}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, "store_constraint") << refused.error().message;
}

}  // namespace
}  // namespace vozex::store_test
