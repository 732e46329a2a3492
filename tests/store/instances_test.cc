// SPDX-License-Identifier: Apache-2.0
//
// Instance rows: inserting, compare-and-swap, ending, history, and that groups of one request don't
// touch each other.
#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

VOZEX_STORE_SUITE(Instances);

TEST_P(Instances, AreReadBackAsWritten) {
  Group group = start(1);
  InstanceRow& row = group.instances[0].row;
  row.root = instance_id(9);
  row.parent = instance_id(8);
  row.shard = shard_of(row.root);
  row.life = Life::held;
  row.incident = true;
  row.timer_at = at(60) + Duration(123);
  group.history.clear();
  ASSERT_EQ(commit_one(group), Verdict::committed);

  const LoadReply reply = load({{{row.shard, row.id}}, {}, {}, {}});
  ASSERT_THAT(reply.instances, SizeIs(1));
  const InstanceRow& read = reply.instances[0];
  EXPECT_EQ(read.shard, row.shard);
  EXPECT_EQ(read.id, row.id);
  EXPECT_EQ(read.root, row.root);
  EXPECT_EQ(read.parent, row.parent);
  EXPECT_EQ(read.tenant, "acme");
  EXPECT_EQ(read.workflow, "order");
  EXPECT_EQ(read.version, 3u);
  EXPECT_EQ(read.key, "key-1");
  EXPECT_EQ(read.etag, last_etag());
  EXPECT_EQ(read.seq, 1u);
  EXPECT_EQ(read.life, Life::held);
  EXPECT_EQ(read.state, "live.paying");
  EXPECT_EQ(read.status, "open");
  EXPECT_TRUE(read.incident);
  EXPECT_EQ(read.timer_at, at(60) + Duration(123));
  EXPECT_EQ(read.at, at(1));
  EXPECT_EQ(read.started_at, at(1));
  EXPECT_EQ(read.input, row.input);
  EXPECT_EQ(read.data, row.data);
  EXPECT_EQ(read.rt, row.rt);
  EXPECT_EQ(read.output, "");
}

TEST_P(Instances, ThatAreUnknownAreLeftOutOfTheReply) {
  commit({start(1)});
  EXPECT_THAT(load({{key_of(1), key_of(2)}, {}, {}, {}}).instances, SizeIs(1));
  EXPECT_THAT(load({}).instances, IsEmpty());
}

TEST_P(Instances, AskedForTwiceComeOnce) {
  commit({start(1)});
  EXPECT_THAT(load({{key_of(1), key_of(1)}, {}, {}, {}}).instances, SizeIs(1));
}

TEST_P(Instances, AnUpdateWritesWhatChangesAndLeavesTheRest) {
  commit({start(1)});
  Group group;
  group.instances.push_back(change(1, last_etag()));
  InstanceRow& row = group.instances[0].row;
  row.version = 4;  // migrated
  row.input = "ignored";
  row.key = "ignored";
  row.started_at = at(99);
  row.data = R"({"paid":true})";
  row.rt = R"({"f":2})";
  row.timer_at = at(7);
  row.status = "packing";
  ASSERT_EQ(commit_one(group), Verdict::committed);
  const InstanceRow read = load_instance(1).at(0);
  EXPECT_EQ(read.etag, last_etag());
  EXPECT_EQ(read.version, 4u);
  EXPECT_EQ(read.seq, 2u);
  EXPECT_EQ(read.state, "live.packing");
  EXPECT_EQ(read.status, "packing");
  EXPECT_EQ(read.data, R"({"paid":true})");
  EXPECT_EQ(read.rt, R"({"f":2})");
  EXPECT_EQ(read.timer_at, at(7));
  EXPECT_EQ(read.input, R"({"amount":1})");
  EXPECT_EQ(read.key, "key-1");
  EXPECT_EQ(read.started_at, at(1));
}

TEST_P(Instances, DataThatHasNotChangedStays) {
  commit({start(1)});
  Group group;
  group.instances.push_back(change(1, last_etag()));
  group.instances[0].data_changed = false;
  group.instances[0].row.data = "";
  ASSERT_EQ(commit_one(group), Verdict::committed);
  EXPECT_EQ(load_instance(1).at(0).data, R"({"paid":false})");
}

TEST_P(Instances, AnotherEtagIsStaleAndChangesNothing) {
  commit({start(1)});
  const Etag first = last_etag();
  Group group;
  group.instances.push_back(change(1, first));
  ASSERT_EQ(commit_one(group), Verdict::committed);
  const Etag second = last_etag();

  group = {};
  group.instances.push_back(change(1, first, 3));
  group.instances.push_back(insertion(2));
  group.history.push_back(history_row(1, 3));
  group.marks.push_back(mark("m"));
  group.bindings.push_back(take("k", 2));
  group.calls.push_back(call(CallOp::insert, call_row(call_id(1))));
  group.outbox.push_back({0, instance_id(1), 3, 0, session_id(1), "{}"});
  EXPECT_EQ(commit_one(group), Verdict::stale);

  EXPECT_EQ(load_instance(1).at(0).etag, second);
  EXPECT_THAT(load_instance(2), IsEmpty());
  EXPECT_EQ(history_size(1), 1u);
  EXPECT_THAT(load({{}, {}, {mark_id("m")}, {}}).marks, IsEmpty());
  EXPECT_THAT(holders(order_key("k")), IsEmpty());
  EXPECT_THAT(calls(), IsEmpty());
}

TEST_P(Instances, AnInsertOfAKnownIdIsStale) {
  commit({start(1)});
  EXPECT_EQ(commit_one(start(1)), Verdict::stale);
  Group group;
  group.instances.push_back(ending(1, 0, 1));
  EXPECT_EQ(commit_one(group), Verdict::stale) << "one that ends at once";
  EXPECT_EQ(history_size(1), 1u);
}

TEST_P(Instances, AnUpdateOfAnUnknownIdIsStale) {
  Group group;
  group.instances.push_back(change(1, 77));
  EXPECT_EQ(commit_one(group), Verdict::stale);
}

TEST_P(Instances, AnEndMovesTheRowToFinishedWithoutItsTimer) {
  Group group = start(1);
  group.instances[0].row.timer_at = at(5);
  commit({group});
  group = {};
  group.instances.push_back(ending(1, last_etag()));
  group.instances[0].row.timer_at = at(5);
  group.instances[0].data_changed = false;
  ASSERT_EQ(commit_one(group), Verdict::committed);

  const InstanceRow read = load_instance(1).at(0);
  EXPECT_EQ(read.life, Life::completed);
  EXPECT_EQ(read.output, R"({"ok":true})");
  EXPECT_EQ(read.timer_at, std::nullopt);
  EXPECT_EQ(read.input, R"({"amount":1})");
  EXPECT_EQ(read.data, R"({"paid":false})");
  EXPECT_EQ(read.etag, last_etag());
  EXPECT_THAT(store().work().timers_before(at(100), k_all_shards, 10).value(), IsEmpty());
  ports::InstanceFilter live;
  live.tenant = "acme";
  live.live_only = true;
  EXPECT_THAT(store().queries().instances(live, 10).value(), IsEmpty());
}

TEST_P(Instances, MayEndAtTheirStart) {
  Group group = start(1);
  group.instances[0] = ending(1, 0, 1);
  ASSERT_EQ(commit_one(group), Verdict::committed);
  EXPECT_EQ(load_instance(1).at(0).life, Life::completed);
}

TEST_P(Instances, EndedOnesRecordLateResultsByCompareAndSwap) {
  commit({start(1)});
  Group group;
  group.instances.push_back(ending(1, last_etag()));
  group.history.push_back(history_row(1, 2));
  commit({group});
  const Etag ended = last_etag();

  group = {};
  group.instances.push_back(ending(1, ended, 3));
  group.instances[0].was_ended = true;
  group.instances[0].row.rt = R"({"late":1})";
  group.history.push_back(history_row(1, 3));
  ASSERT_EQ(commit_one(group), Verdict::committed);
  EXPECT_EQ(load_instance(1).at(0).rt, R"({"late":1})");
  EXPECT_EQ(load_instance(1).at(0).seq, 3u);
  EXPECT_EQ(history_size(1), 3u);

  group.instances[0].row.seq = 4;
  group.history = {history_row(1, 4)};
  EXPECT_EQ(commit_one(group), Verdict::stale) << "its etag is an older one";
  EXPECT_EQ(history_size(1), 3u);
}

TEST_P(Instances, AnUpdateFromBeforeTheEndIsStale) {
  commit({start(1)});
  const Etag first = last_etag();
  Group group;
  group.instances.push_back(ending(1, first));
  commit({group});
  group = {};
  group.instances.push_back(change(1, first));
  EXPECT_EQ(commit_one(group), Verdict::stale);
}

TEST_P(Instances, AWholeTreeIsOneGroup) {
  Group tree;
  for (std::uint32_t number = 1; number <= 40; ++number) {
    tree.instances.push_back(insertion(number));
    tree.instances.back().row.root = instance_id(1);
    tree.instances.back().row.shard = shard_of(instance_id(1));
    tree.history.push_back(history_row(number, 1));
  }
  ASSERT_EQ(commit_one(tree), Verdict::committed);
  const Etag first = last_etag();
  Group next;
  for (std::uint32_t number = 1; number <= 40; ++number) {
    next.instances.push_back(change(number, number == 40 ? first + 1 : first));
    next.instances.back().row.shard = shard_of(instance_id(1));
  }
  EXPECT_EQ(commit_one(next), Verdict::stale) << "one of forty is not as it was read";
  next.instances.back().old = first;
  EXPECT_EQ(commit_one(next), Verdict::committed);
}

TEST_P(Instances, GroupsOfOneRequestHaveVerdictsOfTheirOwn) {
  commit({start(1), start(2, "taken"), start(3)});
  const Etag first = last_etag();
  Group marked;
  marked.marks.push_back(mark("seen", R"({"first":true})"));
  commit({marked});

  Group stale;
  stale.instances.push_back(change(1, first + 9));
  Group good;
  good.instances.push_back(change(3, first));
  good.history.push_back(history_row(3, 2));
  Group repeated;
  repeated.marks.push_back(mark("seen"));
  repeated.instances.push_back(insertion(5));
  const CommitReply reply = commit({stale, start(4, "taken"), good, repeated, start(6, "free")});
  EXPECT_THAT(verdicts(reply),
              ElementsAre(Verdict::stale,
                          Verdict::key_taken,
                          Verdict::committed,
                          Verdict::duplicate,
                          Verdict::committed));
  EXPECT_EQ(reply.verdicts[1].taken, order_key("taken"));
  ASSERT_TRUE(reply.verdicts[3].first.has_value());
  EXPECT_EQ(reply.verdicts[3].first->answer, R"({"first":true})");
  EXPECT_THAT(load_instance(4), IsEmpty());
  EXPECT_THAT(load_instance(5), IsEmpty());
  EXPECT_THAT(load_instance(6), SizeIs(1));
  EXPECT_EQ(load_instance(3).at(0).seq, 2u);
}

TEST_P(Instances, OneThatTwoGroupsChangeIsStaleForTheSecond) {
  commit({start(1)});
  Group one;
  one.instances.push_back(change(1, last_etag()));
  Group two;
  two.instances.push_back(change(1, last_etag()));
  two.history.push_back(history_row(1, 2));
  EXPECT_THAT(verdicts(commit({one, two})), ElementsAre(Verdict::committed, Verdict::stale));
  EXPECT_EQ(history_size(1), 1u);
  EXPECT_THAT(verdicts(commit({start(2), start(2)})),
              ElementsAre(Verdict::committed, Verdict::stale));
}

TEST_P(Instances, ManyGroupsCommitTogether) {
  std::vector<Group> groups;
  for (std::uint32_t number = 1; number <= 250; ++number) {
    groups.push_back(start(number, "k" + std::to_string(number)));
  }
  const CommitReply reply = commit(groups);
  EXPECT_THAT(verdicts(reply), testing::Each(Verdict::committed));
  EXPECT_THAT(reply.claims, IsEmpty());
  EXPECT_THAT(load_instance(250), SizeIs(1));
}

TEST_P(Instances, AnEmptyRequestAndAnEmptyGroupCommitNothing) {
  EXPECT_THAT(commit({}).verdicts, IsEmpty());
  EXPECT_EQ(commit_one({}), Verdict::committed);
}

}  // namespace
}  // namespace vozex::store_test
