// SPDX-License-Identifier: Apache-2.0
//
// The inbox: rows that the commit of an instance writes, replaces and takes away; and how people
// look through them.
#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using ports::TaskFilter;
using ports::TaskRow;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

VOZEX_STORE_SUITE(Inbox);

TaskRow task(std::uint32_t number, std::uint32_t seq = 1, std::uint16_t index = 0) {
  const InstanceRow row = instance_row(number);
  TaskRow task;
  task.id = {row.id, seq, index};
  task.shard = row.shard;
  task.tenant = row.tenant;
  task.workflow = row.workflow;
  task.key = row.key;
  task.state = "review";
  task.title = "Review of \"it\", \xC3\xA4";
  task.queue = "reviews";
  task.roles = {"editor", "lead"};
  task.opened_at = at(1);
  task.due = at(100 + static_cast<std::int64_t>(number));
  return task;
}

Group start_with(std::uint32_t number, std::vector<TaskRow> tasks) {
  Group group = start(number);
  group.instances[0].tasks = std::move(tasks);
  group.instances[0].tasks_changed = true;
  return group;
}

Group with_tasks(ports::InstanceWrite write, std::vector<TaskRow> tasks) {
  Group group;
  group.instances.push_back(std::move(write));
  group.instances[0].tasks = std::move(tasks);
  group.instances[0].tasks_changed = true;
  return group;
}

TaskFilter all() {
  TaskFilter filter;
  filter.tenant = "acme";
  return filter;
}

std::vector<TaskId> ids(const Result<std::vector<TaskRow>>& rows) {
  std::vector<TaskId> found;
  if (!rows) ADD_FAILURE() << rows.error().message;
  if (rows) {
    for (const TaskRow& row : *rows) found.push_back(row.id);
  }
  return found;
}

TEST_P(Inbox, TasksAreReadBackAsWritten) {
  TaskRow whole = task(1);
  whole.assignee = "ann";
  whole.claimed_at = at(7);
  whole.level = 2;
  TaskRow bare = task(1, 1, 1);
  bare.roles.clear();
  bare.due.reset();
  ASSERT_EQ(commit_one(start_with(1, {whole, bare})), Verdict::committed);
  const auto rows = store().inbox().tasks(all(), 10);
  ASSERT_TRUE(rows);
  EXPECT_THAT(*rows, ElementsAre(whole, bare)) << "without a due time it stands last";
}

TEST_P(Inbox, AChangeReplacesTheTasksOfItsInstanceOnly) {
  commit({start_with(1, {task(1)}), start_with(2, {task(2)})});
  TaskRow claimed = task(1);
  claimed.assignee = "ann";
  ASSERT_EQ(commit_one(with_tasks(change(1, last_etag()), {claimed, task(1, 2)})),
            Verdict::committed);
  EXPECT_THAT(ids(store().inbox().tasks(all(), 10)),
              ElementsAre(task(1).id, task(1, 2).id, task(2).id));
  EXPECT_EQ(store().inbox().tasks(all(), 1)->at(0).assignee, "ann");
}

TEST_P(Inbox, AChangeThatSaysNothingOfTasksLeavesThem) {
  commit({start_with(1, {task(1)})});
  Group group;
  group.instances.push_back(change(1, last_etag()));
  ASSERT_EQ(commit_one(group), Verdict::committed);
  EXPECT_THAT(ids(store().inbox().tasks(all(), 10)), SizeIs(1));
}

TEST_P(Inbox, TheEndOfAnInstanceTakesItsTasksAway) {
  commit({start_with(1, {task(1), task(1, 1, 1)})});
  ASSERT_EQ(commit_one(with_tasks(ending(1, last_etag()), {})), Verdict::committed);
  EXPECT_THAT(ids(store().inbox().tasks(all(), 10)), IsEmpty());
}

TEST_P(Inbox, AGroupThatIsLeftOutChangesNoTask) {
  commit({start_with(1, {task(1)}), start_with(2, {task(2)})});
  const Etag known = last_etag();
  TaskRow claimed = task(1);
  claimed.assignee = "ann";
  TaskRow other = task(2);
  other.assignee = "bob";
  const CommitReply reply =
      commit({with_tasks(change(1, known + 7), {claimed}), with_tasks(change(2, known), {other})});
  EXPECT_THAT(verdicts(reply), ElementsAre(Verdict::stale, Verdict::committed));
  const auto rows = store().inbox().tasks(all(), 10);
  ASSERT_TRUE(rows);
  ASSERT_THAT(*rows, SizeIs(2));
  EXPECT_EQ(rows->at(0).assignee, "");
  EXPECT_EQ(rows->at(1).assignee, "bob");
}

TEST_P(Inbox, OfTwoWhoClaimOneWins) {
  commit({start_with(1, {task(1)})});
  const Etag known = last_etag();
  auto rival = other_lane();
  TaskRow ann = task(1);
  ann.assignee = "ann";
  TaskRow bob = task(1);
  bob.assignee = "bob";
  ASSERT_EQ(commit_one(with_tasks(change(1, known), {ann})), Verdict::committed);
  const auto reply = rival->commit(request({with_tasks(change(1, known), {bob})}));
  ASSERT_TRUE(reply);
  EXPECT_THAT(verdicts(*reply), ElementsAre(Verdict::stale));
  EXPECT_EQ(store().inbox().tasks(all(), 1)->at(0).assignee, "ann");
}

TEST_P(Inbox, IsLookedThroughByQueueRoleAssigneeAndDueTime) {
  TaskRow mine = task(1);
  mine.assignee = "ann";
  TaskRow anybodys = task(2);
  anybodys.roles.clear();
  TaskRow leads = task(3);
  leads.queue = "leads";
  leads.roles = {"lead"};
  commit({start_with(1, {mine}), start_with(2, {anybodys}), start_with(3, {leads})});
  const auto found = [&](auto set) {
    TaskFilter filter = all();
    set(filter);
    return ids(store().inbox().tasks(filter, 10));
  };
  EXPECT_THAT(found([](auto& f) { f.queue = "leads"; }), ElementsAre(leads.id));
  EXPECT_THAT(found([](auto& f) { f.assignee = "ann"; }), ElementsAre(mine.id));
  EXPECT_THAT(found([](auto& f) { f.unassigned = true; }), ElementsAre(anybodys.id, leads.id));
  EXPECT_THAT(found([](auto& f) { f.roles = {"editor"}; }), ElementsAre(mine.id, anybodys.id));
  EXPECT_THAT(found([](auto& f) { f.roles = {"lead", "x"}; }),
              ElementsAre(mine.id, anybodys.id, leads.id));
  EXPECT_THAT(found([](auto& f) { f.roles = {"edit"}; }), ElementsAre(anybodys.id));
  EXPECT_THAT(found([](auto& f) { f.due_before = at(102); }), ElementsAre(mine.id));
  EXPECT_THAT(found([](auto& f) { f.workflow = "payment"; }), IsEmpty());
  EXPECT_THAT(found([&](auto& f) { f.of = leads.id.instance; }), ElementsAre(leads.id));
  EXPECT_THAT(found([](auto& f) { f.tenant = "other"; }), IsEmpty());
}

TEST_P(Inbox, PagesGoOnWhereTheLastOneEnded) {
  std::vector<Group> groups;
  for (std::uint32_t i = 1; i <= 7; ++i) {
    TaskRow row = task(i);
    if (i % 2 == 0) row.due = at(100);
    if (i > 5) row.due.reset();
    groups.push_back(start_with(i, {row}));
  }
  commit(std::move(groups));
  const auto whole = store().inbox().tasks(all(), 100);
  ASSERT_TRUE(whole);
  std::vector<TaskId> paged;
  TaskFilter filter = all();
  for (int page = 0; page < 10; ++page) {
    const auto rows = store().inbox().tasks(filter, 2);
    ASSERT_TRUE(rows);
    for (const TaskRow& row : *rows) paged.push_back(row.id);
    if (rows->size() < 2) break;
    filter.after = TaskFilter::After{ports::due_of(rows->back()), rows->back().id};
  }
  EXPECT_EQ(paged, ids(whole));
  EXPECT_THAT(paged, SizeIs(7));
}

TEST_P(Inbox, CountsByQueue) {
  TaskRow mine = task(1);
  mine.assignee = "ann";
  TaskRow leads = task(3);
  leads.queue = "leads";
  leads.due.reset();
  commit({start_with(1, {mine}), start_with(2, {task(2)}), start_with(3, {leads})});
  const auto counts = store().inbox().task_counts("acme", at(102));
  ASSERT_TRUE(counts);
  ASSERT_THAT(*counts, SizeIs(2));
  EXPECT_EQ(counts->at(0).queue, "leads");
  EXPECT_EQ(counts->at(0).open, 1u);
  EXPECT_EQ(counts->at(0).overdue, 0u);
  EXPECT_EQ(counts->at(1).queue, "reviews");
  EXPECT_EQ(counts->at(1).open, 2u);
  EXPECT_EQ(counts->at(1).unassigned, 1u);
  EXPECT_EQ(counts->at(1).overdue, 1u);
}

}  // namespace
}  // namespace vozex::store_test
