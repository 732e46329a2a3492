// SPDX-License-Identifier: Apache-2.0
//
// Bindings and parked events: a key has one live holder, an alias several, and an early event waits
// until its key is taken; one of the two sees the other, always (races_test.cc has the races).
#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

VOZEX_STORE_SUITE(Bindings);

Group one_binding(ports::BindingWrite write) {
  Group group;
  group.bindings.push_back(std::move(write));
  return group;
}

std::vector<InstanceKey> instances_of(const std::vector<ports::BoundRow>& rows) {
  std::vector<InstanceKey> keys;
  for (const auto& row : rows) keys.push_back(row.instance);
  return keys;
}

TEST_P(Bindings, AKeyHasOneHolder) {
  ASSERT_EQ(commit_one(start(1, "k")), Verdict::committed);
  const auto bound = holders(order_key("k"));
  ASSERT_THAT(bound, SizeIs(1));
  EXPECT_EQ(bound[0].binding, order_key("k"));
  EXPECT_EQ(bound[0].instance, key_of(1));
  EXPECT_FALSE(bound[0].ended);

  const CommitReply reply = commit({start(2, "k")});
  ASSERT_THAT(verdicts(reply), ElementsAre(Verdict::key_taken));
  EXPECT_EQ(reply.verdicts[0].taken, order_key("k"));
  EXPECT_THAT(load_instance(2), IsEmpty());
}

TEST_P(Bindings, TheSameWordIsAnotherKeyElsewhere) {
  commit({start(1, "k")});
  EXPECT_EQ(
      commit_one(one_binding({BindingOp::take_key, {"other", "order", "k"}, key_of(2), false})),
      Verdict::committed);
  EXPECT_EQ(
      commit_one(one_binding({BindingOp::take_key, {"acme", "payment", "k"}, key_of(3), false})),
      Verdict::committed);
  EXPECT_EQ(commit_one(start(4, "K")), Verdict::committed) << "keys are bytes";
}

TEST_P(Bindings, TwoStartsOfOneBatchTakeAKeyOnce) {
  const CommitReply reply = commit({start(1, "k"), start(2, "k"), start(3, "other")});
  EXPECT_THAT(verdicts(reply),
              ElementsAre(Verdict::committed, Verdict::key_taken, Verdict::committed));
  EXPECT_THAT(load_instance(2), IsEmpty());
}

TEST_P(Bindings, AKeyWhoseHolderEndedStaysTakenUnlessReusable) {
  commit({start(1, "k")});
  commit({one_binding(binding(BindingOp::end, order_key("k"), 1))});
  ASSERT_THAT(holders(order_key("k")), SizeIs(1));
  EXPECT_TRUE(holders(order_key("k"))[0].ended);
  EXPECT_EQ(commit_one(start(2, "k")), Verdict::key_taken);

  EXPECT_EQ(commit_one(one_binding(take("k", 3, true))), Verdict::committed);
  const auto bound = holders(order_key("k"));
  ASSERT_THAT(bound, SizeIs(1));
  EXPECT_EQ(bound[0].instance, key_of(3));
  EXPECT_FALSE(bound[0].ended);
  EXPECT_EQ(commit_one(one_binding(take("k", 4, true))), Verdict::key_taken)
      << "reusable needs an ended holder";
}

TEST_P(Bindings, AReleasedKeyIsFree) {
  commit({start(1, "k")});
  commit({one_binding(binding(BindingOp::release, order_key("k"), 1))});
  EXPECT_THAT(holders(order_key("k")), IsEmpty());
  EXPECT_EQ(commit_one(start(2, "k")), Verdict::committed);
  EXPECT_THAT(instances_of(holders(order_key("k"))), ElementsAre(key_of(2)));
}

TEST_P(Bindings, EndsAndReleasesOfOthersDoNothing) {
  commit({start(1, "k")});
  commit({one_binding(binding(BindingOp::end, order_key("k"), 2)),
          one_binding(binding(BindingOp::release, alias_key("a"), 2))});
  commit({one_binding(binding(BindingOp::release, order_key("k"), 2))});
  EXPECT_FALSE(holders(order_key("k")).at(0).ended);
}

TEST_P(Bindings, AKeyPassesOnInsideOneGroup) {
  commit({start(1, "k")});
  Group group;
  group.bindings = {binding(BindingOp::release, order_key("k"), 1), take("k", 2)};
  EXPECT_EQ(commit_one(group), Verdict::committed);
  group.bindings = {binding(BindingOp::end, order_key("k"), 2), take("k", 3)};
  EXPECT_EQ(commit_one(group), Verdict::key_taken) << "not reusable";
  group.bindings[1].reusable = true;
  EXPECT_EQ(commit_one(group), Verdict::committed);
  EXPECT_THAT(instances_of(holders(order_key("k"))), ElementsAre(key_of(3)));
}

TEST_P(Bindings, AKeyIsTakenAndEndedInOneGroup) {
  Group group;
  group.instances.push_back(ending(1, 0, 1));
  group.bindings = {take("k", 1), binding(BindingOp::end, order_key("k"), 1)};
  EXPECT_EQ(commit_one(group), Verdict::committed);
  ASSERT_THAT(holders(order_key("k")), SizeIs(1));
  EXPECT_TRUE(holders(order_key("k"))[0].ended);
  EXPECT_EQ(commit_one(start(2, "k")), Verdict::key_taken);
}

TEST_P(Bindings, AnAliasHasSeveralHolders) {
  Group both;
  both.bindings = {binding(BindingOp::add_alias, alias_key("a"), 1),
                   binding(BindingOp::add_alias, alias_key("a"), 2)};
  ASSERT_EQ(commit_one(both), Verdict::committed);
  EXPECT_THAT(verdicts(commit({one_binding(binding(BindingOp::add_alias, alias_key("a"), 3)),
                               one_binding(binding(BindingOp::add_alias, alias_key("a"), 4))})),
              ElementsAre(Verdict::committed, Verdict::committed));
  EXPECT_THAT(instances_of(holders(alias_key("a"))),
              UnorderedElementsAre(key_of(1), key_of(2), key_of(3), key_of(4)));

  commit({one_binding(binding(BindingOp::release, alias_key("a"), 1)),
          one_binding(binding(BindingOp::end, alias_key("a"), 2)),
          one_binding(binding(BindingOp::add_alias, alias_key("b"), 2))});
  const auto left = holders(alias_key("a"));
  EXPECT_THAT(instances_of(left), UnorderedElementsAre(key_of(2), key_of(3), key_of(4)));
  for (const auto& row : left) EXPECT_EQ(row.ended, row.instance == key_of(2));
}

TEST_P(Bindings, AnAliasAddedAgainIsHeldOnce) {
  for (int i = 0; i < 2; ++i)
    commit({one_binding(binding(BindingOp::add_alias, alias_key("a"), 1))});
  EXPECT_THAT(holders(alias_key("a")), SizeIs(1));
  commit({one_binding(binding(BindingOp::end, alias_key("a"), 1))});
  // Nobody lives there now: an event may wait.
  EXPECT_EQ(commit_one(parking("e", {alias_key("a")})), Verdict::committed);
  // The same instance takes it up again.
  const CommitReply reply = commit({one_binding(binding(BindingOp::add_alias, alias_key("a"), 1))});
  EXPECT_THAT(reply.claims, ElementsAre(alias_key("a")));
  EXPECT_FALSE(holders(alias_key("a")).at(0).ended);
}

TEST_P(Bindings, AnEarlyEventWaitsUntilItsKeyIsTaken) {
  ASSERT_EQ(commit_one(parking("e1", {order_key("k")})), Verdict::committed);
  ASSERT_EQ(commit_one(parking("e2", {order_key("k"), alias_key("a")})), Verdict::committed);
  EXPECT_EQ(store().queries().parked_count().value(), 2u);
  EXPECT_THAT(store().work().unclaimed(ports::Holding::live, 10).value(), IsEmpty());

  const CommitReply reply = commit({start(1, "k"), start(2, "free")});
  EXPECT_THAT(reply.claims, ElementsAre(order_key("k")));
  EXPECT_THAT(store().work().unclaimed(ports::Holding::live, 10).value(),
              ElementsAre(order_key("k")));

  EXPECT_TRUE(holders(order_key("k")).at(0).waiting);
  EXPECT_FALSE(holders(order_key("free")).at(0).waiting);

  const auto waiting = parked({order_key("k"), alias_key("a")});
  ASSERT_THAT(waiting, SizeIs(2)) << "each event once";
  EXPECT_EQ(waiting[0].mark, mark_id("e1"));
  EXPECT_EQ(waiting[1].mark, mark_id("e2"));
  EXPECT_LT(waiting[0].order, waiting[1].order);
  EXPECT_EQ(waiting[0].event, R"({"event":"e1"})");
  EXPECT_EQ(waiting[0].expires_at, at(1000));

  Group delivered;
  delivered.instances.push_back(change(1, last_etag()));
  delivered.unparks = {mark_id("e1"), mark_id("e2")};
  ASSERT_EQ(commit_one(delivered), Verdict::committed);
  EXPECT_THAT(parked({order_key("k"), alias_key("a")}), IsEmpty());
  EXPECT_FALSE(holders(order_key("k")).at(0).waiting);
  EXPECT_THAT(store().work().unclaimed(ports::Holding::live, 10).value(), IsEmpty());
  EXPECT_EQ(store().queries().parked_count().value(), 0u);
}

TEST_P(Bindings, AnEventParkedOnAliasIsClaimedByTheAlias) {
  commit({parking("e", {alias_key("a")}), parking("f", {alias_key("a")})});
  const CommitReply reply = commit({one_binding(binding(BindingOp::add_alias, alias_key("a"), 1))});
  EXPECT_THAT(reply.claims, ElementsAre(alias_key("a")));
  EXPECT_THAT(parked({alias_key("a")}), SizeIs(2));
  EXPECT_THAT(store().work().unclaimed(ports::Holding::live, 10).value(),
              ElementsAre(alias_key("a")));
}

TEST_P(Bindings, AHolderOfAnAliasIsToldThatEventsWaitOnIt) {
  ASSERT_EQ(commit_one(parking("e", {alias_key("a")})), Verdict::committed);
  Group group = start(1, "k");
  group.bindings.push_back(binding(BindingOp::add_alias, alias_key("a"), 1));
  ASSERT_EQ(commit_one(group), Verdict::committed);
  EXPECT_TRUE(holders(alias_key("a")).at(0).waiting);
  EXPECT_FALSE(holders(order_key("k")).at(0).waiting);
}

TEST_P(Bindings, AnEventWhoseHolderEndedBeforeItWasDeliveredIsFound) {
  commit({parking("e", {order_key("k")}), parking("f", {alias_key("a")})});
  commit({start(1, "k"),
          one_binding(binding(BindingOp::add_alias, alias_key("a"), 2)),
          one_binding(binding(BindingOp::add_alias, alias_key("b"), 2))});
  EXPECT_THAT(store().work().unclaimed(ports::Holding::ended, 10).value(), IsEmpty());
  EXPECT_THAT(store().work().unclaimed(ports::Holding::live, 10).value(), SizeIs(2));
  commit({one_binding(binding(BindingOp::end, order_key("k"), 1)),
          one_binding(binding(BindingOp::end, alias_key("a"), 2)),
          one_binding(binding(BindingOp::end, alias_key("b"), 2))});
  EXPECT_THAT(store().work().unclaimed(ports::Holding::live, 10).value(), IsEmpty());
  EXPECT_THAT(store().work().unclaimed(ports::Holding::ended, 10).value(),
              ElementsAre(order_key("k"), alias_key("a")));
  Group settled;
  settled.unparks = {mark_id("e"), mark_id("f")};
  ASSERT_EQ(commit_one(settled), Verdict::committed);
  EXPECT_THAT(store().work().unclaimed(ports::Holding::ended, 10).value(), IsEmpty());
}

TEST_P(Bindings, WaitingEventsAreCountedByTenant) {
  EXPECT_THAT(store().work().parked_by_tenant().value(), IsEmpty());
  BindingKey other = order_key("k");
  other.tenant = "other";
  commit({parking("e", {order_key("k")}),
          parking("f", {order_key("k"), alias_key("a")}),
          parking("g", {other})});
  const auto counts = store().work().parked_by_tenant().value();
  ASSERT_THAT(counts, SizeIs(2));
  EXPECT_EQ(counts[0].tenant, "acme");
  EXPECT_EQ(counts[0].count, 3u) << "an event counts on each of its keys";
  EXPECT_EQ(counts[1].tenant, "other");
  EXPECT_EQ(counts[1].count, 1u);
}

TEST_P(Bindings, ParkingOnALiveKeyIsStale) {
  commit({start(1, "k")});
  EXPECT_EQ(commit_one(parking("e", {order_key("other"), order_key("k")})), Verdict::stale);
  EXPECT_THAT(parked({order_key("other")}), IsEmpty());
  commit({one_binding(binding(BindingOp::add_alias, alias_key("a"), 1))});
  EXPECT_EQ(commit_one(parking("e", {alias_key("a")})), Verdict::stale);
  EXPECT_THAT(load({{}, {}, {mark_id("e")}, {}}).marks, IsEmpty());
}

TEST_P(Bindings, AStartAndAParkOfOneBatchSeeEachOther) {
  EXPECT_THAT(verdicts(commit({start(1, "k"), parking("e", {order_key("k")})})),
              ElementsAre(Verdict::committed, Verdict::stale));
  const CommitReply reply = commit({parking("f", {order_key("l")}), start(2, "l")});
  EXPECT_THAT(verdicts(reply), ElementsAre(Verdict::committed, Verdict::committed));
  EXPECT_THAT(reply.claims, ElementsAre(order_key("l")));
}

TEST_P(Bindings, ParkingAgainIsADuplicate) {
  commit({parking("e", {order_key("k")})});
  EXPECT_EQ(commit_one(parking("e", {order_key("k")})), Verdict::duplicate);
  EXPECT_THAT(parked({order_key("k")}), SizeIs(1));
}

TEST_P(Bindings, AnEventIsDeliveredOnce) {
  commit({parking("e", {order_key("k")})});
  Group delivered;
  delivered.unparks.push_back(mark_id("e"));
  EXPECT_THAT(verdicts(commit({delivered, delivered})),
              ElementsAre(Verdict::committed, Verdict::stale));
  EXPECT_EQ(commit_one(delivered), Verdict::stale);
}

TEST_P(Bindings, TakingTheKeyAndDeliveringInOneGroupLeavesNothingToClaim) {
  commit({parking("e", {order_key("k")})});
  Group group = start(1, "k");
  group.unparks.push_back(mark_id("e"));
  const CommitReply reply = commit({group});
  EXPECT_THAT(verdicts(reply), ElementsAre(Verdict::committed));
  EXPECT_THAT(reply.claims, IsEmpty());
  EXPECT_THAT(store().work().unclaimed(ports::Holding::live, 10).value(), IsEmpty());
}

TEST_P(Bindings, EventsPastTheirTimeAreDeadLetters) {
  Group late = parking("late", {order_key("k"), alias_key("a")});
  Group later = parking("later", {order_key("k")});
  late.parks[0].expires_at = at(10);
  later.parks[0].expires_at = at(20);
  commit({late, later, parking("stays", {order_key("k")})});
  EXPECT_EQ(store().work().expire_parked(at(9), 10).value(), 0u);
  EXPECT_EQ(store().work().expire_parked(at(30), 1).value(), 1u) << "at most one was asked for";
  EXPECT_THAT(parked({order_key("k")}), SizeIs(2));
  EXPECT_EQ(store().work().expire_parked(at(30), 10).value(), 1u);
  const auto left = parked({order_key("k"), alias_key("a")});
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left[0].mark, mark_id("stays"));
  const auto marks = load({{}, {}, {mark_id("late")}, {}}).marks;
  ASSERT_THAT(marks, SizeIs(1));
  EXPECT_EQ(marks[0].disposition, Disposition::rejected);
  EXPECT_EQ(marks[0].answer, ports::k_expired_answer);
  // The key remembers who still waits.
  EXPECT_THAT(commit({start(1, "k")}).claims, ElementsAre(order_key("k")));
}

TEST_P(Bindings, AKeyOfExpiredEventsClaimsNothing) {
  Group late = parking("late", {order_key("k")});
  late.parks[0].expires_at = at(10);
  commit({late});
  ASSERT_EQ(store().work().expire_parked(at(10), 10).value(), 1u);
  EXPECT_THAT(commit({start(1, "k")}).claims, IsEmpty());
}

TEST_P(Bindings, ParkingWaitsBesideAnEndedHolder) {
  commit({start(1, "k")});
  commit({one_binding(binding(BindingOp::end, order_key("k"), 1))});
  EXPECT_EQ(commit_one(parking("e", {order_key("k")})), Verdict::committed);
  EXPECT_THAT(store().work().unclaimed(ports::Holding::live, 10).value(), IsEmpty());
  const CommitReply reply = commit({one_binding(take("k", 2, true))});
  EXPECT_THAT(verdicts(reply), ElementsAre(Verdict::committed));
  EXPECT_THAT(reply.claims, ElementsAre(order_key("k")));
}

}  // namespace
}  // namespace vozex::store_test
