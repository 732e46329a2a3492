// SPDX-License-Identifier: Apache-2.0
//
// Timers, lists, filters, cursors, counts, definitions, and texts that are odd or huge.
#include <algorithm>

#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

VOZEX_STORE_SUITE(Queries);

ports::InstanceFilter of_acme() {
  ports::InstanceFilter filter;
  filter.tenant = "acme";
  return filter;
}

TEST_P(Queries, TimersComeEarliestFirst) {
  std::vector<Group> groups;
  for (std::uint32_t number = 1; number <= 5; ++number) {
    groups.push_back(start(number));
    groups.back().instances[0].row.timer_at = at(100 - number);
  }
  groups.push_back(start(6));
  commit(groups);
  auto& work = store().work();
  const auto due = work.timers_before(at(98), k_all_shards, 10).value();
  ASSERT_THAT(due, SizeIs(3));
  EXPECT_EQ(due[0].instance, key_of(5));
  EXPECT_EQ(due[0].due, at(95));
  EXPECT_EQ(due[2].instance, key_of(3));
  EXPECT_THAT(work.timers_before(at(1000), k_all_shards, 2).value(), SizeIs(2));
  EXPECT_THAT(work.timers_before(at(95), k_all_shards, 10).value(), IsEmpty()) << "before, not at";
  ports::ShardSet others = k_all_shards;
  for (const auto& timer : due) others.reset(timer.instance.shard);
  EXPECT_THAT(work.timers_before(at(98), others, 10).value(), IsEmpty()) << "of other shards";
  ports::ShardSet first;
  first.set(due.at(0).instance.shard);
  EXPECT_EQ(work.timers_before(at(98), first, 10).value().at(0).instance, due.at(0).instance);

  Group moved;
  moved.instances.push_back(change(5, last_etag()));
  moved.instances[0].row.timer_at = at(200);
  Group cleared;
  cleared.instances.push_back(change(4, last_etag()));
  commit({moved, cleared});
  EXPECT_EQ(work.timers_before(at(98), k_all_shards, 10).value().at(0).instance, key_of(3));
  EXPECT_EQ(work.timers_before(at(1000), k_all_shards, 10).value().back().instance, key_of(5));
}

TEST_P(Queries, AnInstanceIsFoundByItsIdAlone) {
  Group child = start(1);
  child.instances[0].row.root = instance_id(7);
  child.instances[0].row.shard = shard_of(instance_id(7));
  commit({child, start(2)});
  Group ended;
  ended.instances.push_back(ending(2, last_etag()));
  commit({ended});
  auto& queries = store().queries();
  EXPECT_EQ(queries.instance(instance_id(1)).value()->root, instance_id(7));
  EXPECT_EQ(queries.instance(instance_id(2)).value()->life, Life::completed);
  EXPECT_EQ(queries.instance(instance_id(3)).value(), std::nullopt);
}

TEST_P(Queries, FiltersAndCursorsCombine) {
  std::vector<Group> groups;
  for (std::uint32_t number = 1; number <= 20; ++number) {
    groups.push_back(start(number));
    InstanceRow& row = groups.back().instances[0].row;
    row.workflow = number % 2 == 0 ? "order" : "payment";
    row.incident = number % 5 == 0;
    if (number > 10) row.tenant = "other";
    if (number == 3) row.state = "live.paying,live.shipping.label";
    if (number == 4) row.life = Life::suspended;
  }
  commit(groups);
  Group ended;
  ended.instances.push_back(ending(6, last_etag()));
  commit({ended});

  auto ids = [&](const ports::InstanceFilter& by, std::size_t limit) {
    const auto rows = store().queries().instances(by, limit).value();
    std::vector<InstanceId> found;
    for (const auto& row : rows) found.push_back(row.id);
    EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
    return found;
  };
  auto filter = of_acme();
  EXPECT_THAT(ids(filter, 100), SizeIs(10));
  filter.workflow = "order";
  EXPECT_THAT(ids(filter, 100), SizeIs(5));
  filter.after = instance_id(4);
  EXPECT_THAT(ids(filter, 2), ElementsAre(instance_id(6), instance_id(8)));
  filter.live_only = true;
  EXPECT_THAT(ids(filter, 2), ElementsAre(instance_id(8), instance_id(10)));

  filter = of_acme();
  filter.incident_only = true;
  EXPECT_THAT(ids(filter, 100), ElementsAre(instance_id(5), instance_id(10)));
  filter = of_acme();
  filter.key = "key-6";
  EXPECT_THAT(ids(filter, 100), ElementsAre(instance_id(6)));
  filter = of_acme();
  filter.life = Life::suspended;
  EXPECT_THAT(ids(filter, 100), ElementsAre(instance_id(4)));
  filter.life = Life::completed;
  EXPECT_THAT(ids(filter, 100), ElementsAre(instance_id(6)));
  filter = of_acme();
  filter.state = "live.shipping";
  EXPECT_THAT(ids(filter, 100), ElementsAre(instance_id(3)));
  filter.state = "live.shipping.label";
  EXPECT_THAT(ids(filter, 100), ElementsAre(instance_id(3)));
  filter.state = "live.ship";
  EXPECT_THAT(ids(filter, 100), IsEmpty());
  filter.state = "live";
  EXPECT_THAT(ids(filter, 100), SizeIs(9));
  filter.state = "li%";
  EXPECT_THAT(ids(filter, 100), IsEmpty());
}

TEST_P(Queries, AnInstanceIsFoundByTheKeyItHolds) {
  Group payment = start(3, "");
  payment.instances[0].row.workflow = "payment";
  payment.instances[0].row.key = "key-1";
  payment.bindings.push_back({BindingOp::take_key, {"acme", "payment", "key-1"}, key_of(3), false});
  commit({start(1, "key-1"), start(2, "key-2"), payment});
  auto filter = of_acme();
  filter.key = "key-1";
  EXPECT_THAT(store().queries().instances(filter, 10).value(), SizeIs(2));
  filter.workflow = "order";
  ASSERT_THAT(store().queries().instances(filter, 10).value(), SizeIs(1));
  EXPECT_EQ(store().queries().instances(filter, 10).value()[0].id, instance_id(1));
  filter.key = "key-3";
  EXPECT_THAT(store().queries().instances(filter, 10).value(), IsEmpty());
  Group ended;
  ended.instances.push_back(ending(1, last_etag()));
  ended.bindings.push_back(binding(BindingOp::end, order_key("key-1"), 1));
  commit({ended});
  filter.key = "key-1";
  ASSERT_THAT(store().queries().instances(filter, 10).value(), SizeIs(1));
  EXPECT_EQ(store().queries().instances(filter, 10).value()[0].life, Life::completed);
}

TEST_P(Queries, ATreeIsListedByItsRoot) {
  Group tree;
  for (std::uint32_t number = 1; number <= 3; ++number) {
    tree.instances.push_back(insertion(number));
    tree.instances.back().row.root = instance_id(1);
    tree.instances.back().row.shard = shard_of(instance_id(1));
  }
  commit({tree, start(4)});
  auto filter = of_acme();
  filter.root = instance_id(1);
  EXPECT_THAT(store().queries().instances(filter, 10).value(), SizeIs(3));
}

TEST_P(Queries, HistoryComesInOrderAfterItsCursor) {
  Group group = start(1);
  for (std::uint32_t seq = 2; seq <= 9; ++seq) group.history.push_back(history_row(1, seq));
  group.history[3].entry = R"({"fourth":true})";
  group.history[3].disposition = Disposition::stale;
  commit({group, start(2)});
  const auto rows = store().queries().history(instance_id(1), 3, 2).value();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].seq, 4u);
  EXPECT_EQ(rows[0].id, instance_id(1));
  EXPECT_EQ(rows[0].shard, shard_of(instance_id(1)));
  EXPECT_EQ(rows[0].at, at(4));
  EXPECT_EQ(rows[0].disposition, Disposition::stale);
  EXPECT_EQ(rows[0].entry, R"({"fourth":true})");
  EXPECT_EQ(rows[1].seq, 5u);
  EXPECT_THAT(store().queries().history(instance_id(1), 9, 10).value(), IsEmpty());
}

TEST_P(Queries, CountsAreOfLiveInstancesByState) {
  std::vector<Group> groups;
  for (std::uint32_t number = 1; number <= 6; ++number) groups.push_back(start(number));
  groups[1].instances[0].row.incident = true;
  groups[2].instances[0].row.state = "live.packing";
  groups[3].instances[0].row.version = 4;
  groups[4].instances[0].row.tenant = "other";
  groups[5].instances[0] = ending(6, 0, 1);
  commit(groups);
  const auto counts = store().queries().counts("acme").value();
  ASSERT_THAT(counts, SizeIs(3));
  EXPECT_EQ(counts[0].state, "live.packing");
  EXPECT_EQ(counts[0].count, 1u);
  EXPECT_EQ(counts[1].state, "live.paying");
  EXPECT_EQ(counts[1].version, 3u);
  EXPECT_EQ(counts[1].count, 2u);
  EXPECT_EQ(counts[1].incidents, 1u);
  EXPECT_EQ(counts[2].version, 4u);
  EXPECT_EQ(counts[2].workflow, "order");
}

TEST_P(Queries, DefinitionsAreImmutable) {
  auto& definitions = store().definitions();
  const ports::DefinitionRow first{"order", 1, "aa", R"({"f":"x"})", at(1)};
  const ports::DefinitionRow second{"order", 2, "bb", "{}", at(2)};
  ASSERT_TRUE(definitions.put({first, second}).has_value());
  EXPECT_TRUE(definitions.put({first}).has_value()) << "the same again is fine";
  const ports::DefinitionRow other{"payment", 1, "cc", "{}", at(3)};
  ports::DefinitionRow changed = second;
  changed.content_hash = "dd";
  const auto refused = definitions.put({other, changed});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorClass::conflict);
  EXPECT_EQ(refused.error().code, "version_changed");
  const auto all = definitions.all().value();
  ASSERT_THAT(all, SizeIs(2)) << "all or none";
  EXPECT_EQ(all[0].workflow, "order");
  EXPECT_EQ(all[0].version, 1u);
  EXPECT_EQ(all[0].content_hash, "aa");
  EXPECT_EQ(all[0].bundle, R"({"f":"x"})");
  EXPECT_EQ(all[0].deployed_at, at(1));
}

TEST_P(Queries, Ping) { EXPECT_TRUE(store().queries().ping().has_value()); }

TEST_P(Queries, OddAndHugeTextsComeBackByteForByte) {
  // \u0000 stays an escape in canonical JSON; the rest is plain UTF-8.
  const std::string odd = R"({"z":"\u0000","emoji":")"
                          "\xF0\x9F\x92\xB8\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA"
                          R"(","quote":"\"'\\;--{},NULL","rtl":")"
                          "\xD7\xA9\xD7\x9C\xE2\x80\xAE"
                          "\"}";
  const std::string huge = "\"" + std::string(1u << 20, 'x') + "\"";
  Group group = start(1, "k\xC3\xA9'\"\\{,}NULL \xF0\x9F\x92\xB8");
  InstanceRow& row = group.instances[0].row;
  row.input = odd;
  row.data = huge;
  row.rt = odd;
  row.key = "NULL";
  row.state = "a,b";
  group.history[0].entry = huge;
  group.marks.push_back(mark("m", odd));
  CallRow request = call_row(call_id(1));
  request.request = odd;
  group.calls.push_back(call(CallOp::insert, request));
  ASSERT_EQ(commit_one(group), Verdict::committed);
  const InstanceRow read = load_instance(1).at(0);
  EXPECT_EQ(read.input, odd);
  EXPECT_TRUE(read.data == huge);
  EXPECT_EQ(read.rt, odd);
  EXPECT_EQ(read.key, "NULL");
  EXPECT_THAT(holders(group.bindings[0].binding), SizeIs(1));
  EXPECT_EQ(load({{}, {}, {mark_id("m")}, {}}).marks.at(0).answer, odd);
  EXPECT_EQ(calls().at(0).request, odd);
  EXPECT_TRUE(store().queries().history(instance_id(1), 0, 1).value().at(0).entry == huge);
}

TEST_P(Queries, TimesKeepTheirMicroseconds) {
  std::uint32_t number = 0;
  for (const std::int64_t us : {std::int64_t{0},
                                std::int64_t{-1},
                                std::int64_t{946'684'799'999'999},
                                std::int64_t{253'402'300'799'999'999}}) {
    const Timestamp odd{Duration(us)};
    Group group = start(++number);
    group.instances[0].row.at = odd;
    group.instances[0].row.timer_at = odd;
    ASSERT_EQ(commit_one(group), Verdict::committed);
    const InstanceRow read = load_instance(number).at(0);
    EXPECT_EQ(read.at, odd);
    EXPECT_EQ(read.timer_at, odd);
  }
}

}  // namespace
}  // namespace vozex::store_test
