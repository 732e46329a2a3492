// SPDX-License-Identifier: Apache-2.0
// The inbox is written with the instances it speaks of: people's orders through a lane, and what
// stays when commits are lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/machine/codec.h"
#include "engine/runtime/batch/inbox.h"
#include "engine/runtime/batch/mending.h"
#include "engine/runtime/items/rows.h"
#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

using machine::Disposition;
using machine::TaskChange;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const char* const k_review = R"(
vozex: 1
workflow: review
version: 1
key: input.document
input: {document: string}
output: {}
states:
  reviewing:
    task:
      queue: reviews
      title: "Review of ${input.document}"
      roles: [editor]
      supervisors: lead
      due: 24h
      overdue: {repeat: 4h, escalate: [{queue: leads, roles: [lead]}]}
    actions:
      accept: {roles: [editor, lead], form: {note: string}, target: signing}
      reject: {roles: [editor], target: done}
  signing:
    task: {queue: "${input.document == 'd1' ? 'urgent' : 'signatures'}", assignee: chief}
    actions:
      sign: {approvals: 2, target: done}
  done: {type: final, output: {}}
)";

// Every fault between what the instances say and what the inbox has.
std::vector<InboxFault> faults(const Rig& rig) {
  return rig.store.inspect([&](const simulated::Tables& tables) {
    std::vector<ports::TaskRow> wanted;
    for (const auto& [key, row] : tables.live) {
      const auto machine = rig.definitions->find(row.workflow, row.version);
      machine::Snapshot snapshot;
      read_columns(row, snapshot);
      EXPECT_TRUE(machine::decode(*machine, {row.input, row.data, row.rt}, snapshot));
      for (ports::TaskRow& task : task_rows(*machine, snapshot, row.shard))
        wanted.push_back(std::move(task));
    }
    std::vector<ports::TaskRow> found;
    for (const auto& [id, task] : tables.tasks) found.push_back(task);
    return inbox_faults(std::move(wanted), std::move(found));
  });
}

class Inbox : public testing::Test {
 protected:
  void start(const std::string& document) {
    ASSERT_TRUE(rig_.ask(rig_.start("review", object({{"document", text(document)}}))));
  }
  std::vector<ports::TaskRow> tasks() {
    ports::TaskFilter filter;
    filter.tenant = "default";
    return *rig_.store.inbox().tasks(filter, 100);
  }
  ports::TaskRow only() {
    const auto rows = tasks();
    EXPECT_THAT(rows, SizeIs(1));
    return rows.empty() ? ports::TaskRow{} : rows[0];
  }
  Item order(const ports::TaskRow& task,
             TaskChange change,
             const std::string& who,
             const std::string& to = "",
             const std::string& reason = "",
             const std::string& role = "editor") {
    const machine::TaskMoved moved{{task.id.seq, task.id.index}, change, to, {who, {role}}, reason};
    return rig_.order(rig_.row("review", task.key), to_string(change), moved);
  }
  Item act(const ports::TaskRow& task,
           const std::string& action,
           const std::string& who,
           types::Value form = types::Value::map({}),
           const std::string& role = "editor") {
    machine::ActionTaken taken;
    taken.name = action;
    taken.actor = {who, {role}};
    taken.form = std::move(form);
    taken.task = machine::TaskRef{task.id.seq, task.id.index};
    return rig_.order(rig_.row("review", task.key), "action." + action, taken);
  }

  Rig rig_{{k_review}};
};

TEST_F(Inbox, ATaskIsThereWithItsInstanceAndGoneWithItsState) {
  start("d1");
  const ports::TaskRow task = only();
  EXPECT_EQ(task.title, "Review of d1");
  EXPECT_EQ(task.queue, "reviews");
  EXPECT_EQ(task.workflow, "review");
  EXPECT_EQ(task.key, "d1");
  EXPECT_EQ(task.state, "reviewing");
  EXPECT_EQ(task.due, rig_.now + std::chrono::hours(24));
  const auto done = rig_.ask(act(task, "accept", "ann", object({{"note", text("fine")}})));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(only().queue, "urgent");
  EXPECT_EQ(only().assignee, "chief") << "as the file gives it";
  EXPECT_THAT(faults(rig_), IsEmpty());
  const auto late = rig_.ask(act(task, "accept", "bob", object({{"note", text("fine")}})));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, "task_closed");
}

TEST_F(Inbox, OfTwoWhoClaimAtOnceOneIsToldWhoHasIt) {
  start("d1");
  const ports::TaskRow task = only();
  std::vector<Result<EventAnswer>> answers;
  for (const char* who : {"ann", "bob"}) {
    Item item = order(task, TaskChange::claim, who);
    item.done = [&](Result<EventAnswer> answer) { answers.push_back(std::move(answer)); };
    rig_.offer(std::move(item));
  }
  ASSERT_TRUE(rig_.run());
  ASSERT_THAT(answers, SizeIs(2));
  EXPECT_TRUE(answers[0]);
  ASSERT_FALSE(answers[1]);
  EXPECT_EQ(answers[1].error().code, "task_claimed");
  EXPECT_THAT(answers[1].error().message, HasSubstr("ann has the task"));
  EXPECT_EQ(only().assignee, "ann");
  EXPECT_THAT(faults(rig_), IsEmpty());
}

// Two lanes stand for two processes: each knows the row from before, and the store decides.
TEST_F(Inbox, OfTwoProcessesThatClaimTheStoreLetsOneWin) {
  start("d1");
  const ports::TaskRow task = only();
  auto rival = rig_.store.open_lane();
  const auto row = rig_.row("review", "d1");
  ASSERT_TRUE(rig_.ask(order(task, TaskChange::claim, "ann")));
  ports::CommitRequest request;
  request.etag = 77;
  request.now = rig_.now;
  request.groups.resize(1);
  ports::InstanceWrite write;
  write.old = row.etag;
  write.row = row;
  write.tasks = {task};
  write.tasks[0].assignee = "bob";
  write.tasks_changed = true;
  request.groups[0].instances.push_back(write);
  const auto reply = (*rival)->commit(request);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->verdicts.at(0).verdict, ports::Verdict::stale);
  EXPECT_EQ(only().assignee, "ann");
}

TEST_F(Inbox, AWrongFormNamesItsFieldsAndChangesNothing) {
  start("d1");
  const auto answer = rig_.ask(act(only(), "accept", "ann", object({{"note", number(7)}})));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "invalid_form");
  ASSERT_THAT(answer.error().details, SizeIs(1));
  EXPECT_EQ(answer.error().details[0].name, "/note");
  EXPECT_EQ(only().state, "reviewing");
}

TEST_F(Inbox, EscalationMovesTheRowToItsNewQueue) {
  start("d1");
  ASSERT_TRUE(rig_.ask(order(only(), TaskChange::claim, "ann")));
  const auto row = rig_.row("review", "d1");
  ASSERT_TRUE(row.timer_at);
  rig_.now = *row.timer_at;
  Item due;
  due.order = TimerOrder{{row.shard, row.id}, *row.timer_at};
  rig_.offer(std::move(due));
  ASSERT_TRUE(rig_.run());
  EXPECT_EQ(only().queue, "leads");
  EXPECT_THAT(only().roles, ElementsAre("lead"));
  EXPECT_EQ(only().assignee, "");
  EXPECT_EQ(only().level, 1);
  EXPECT_THAT(faults(rig_), IsEmpty());
}

TEST_F(Inbox, HistorySaysWhoDidWhatAndWhy) {
  start("d1");
  ASSERT_TRUE(rig_.ask(order(only(), TaskChange::claim, "ann")));
  ASSERT_TRUE(rig_.ask(order(only(), TaskChange::assign, "lee", "bob", "ann is ill", "lead")));
  const auto history = rig_.store.queries().history(rig_.row("review", "d1").id, 1, 10);
  ASSERT_THAT(*history, SizeIs(2));
  EXPECT_THAT(history->at(0).entry, HasSubstr(R"("actor":{"id":"ann","roles":["editor"]})"));
  EXPECT_THAT(history->at(0).entry, HasSubstr(R"(task \"Review of d1\": ann has it)"));
  EXPECT_THAT(history->at(1).entry, HasSubstr(R"("reason":"ann is ill")"));
  EXPECT_THAT(history->at(1).entry, HasSubstr(R"(bob is to do it)"));
}

// A commit whose outcome is unknown, before and after it was applied, at each step of a task's
// life: the inbox and the instances never disagree.
TEST_F(Inbox, AgreesWithTheInstancesWhateverIsLost) {
  for (const auto fault :
       {simulated::CommitFault::before_applying, simulated::CommitFault::after_applying}) {
    const std::string document = fault == simulated::CommitFault::before_applying ? "d1" : "d2";
    rig_.store.fail_next_commit(fault);
    start(document);
    EXPECT_THAT(faults(rig_), IsEmpty());
    rig_.store.fail_next_commit(fault);
    ASSERT_TRUE(rig_.ask(order(only(), TaskChange::claim, "ann")));
    EXPECT_EQ(only().assignee, "ann");
    EXPECT_THAT(faults(rig_), IsEmpty());
    rig_.store.fail_next_commit(fault);
    ASSERT_TRUE(rig_.ask(act(only(), "accept", "ann", object({{"note", text("x")}}))));
    EXPECT_THAT(faults(rig_), IsEmpty());
    for (const char* who : {"ann", "bob"}) {
      rig_.store.fail_next_commit(fault);
      ASSERT_TRUE(rig_.ask(act(only(), "sign", who)));
      EXPECT_THAT(faults(rig_), IsEmpty());
    }
    EXPECT_THAT(tasks(), IsEmpty());
  }
}

// A row that could not be read says nothing of what the inbox has of it: mended, it is written
// anew.
TEST_F(Inbox, AgreesAgainOnceADamagedRowIsMended) {
  start("d1");
  ports::InstanceRow row = rig_.row("review", "d1");
  rig_.cores[0]->forget();
  ports::CommitRequest request;
  request.etag = 4711;
  request.session = rig_.session;
  request.groups.resize(1);
  ports::InstanceWrite write;
  write.old = row.etag;
  write.row = row;
  write.row.rt = R"({"format":99})";
  request.groups[0].instances.push_back(write);
  ASSERT_TRUE(rig_.connections[0]->commit(request));
  EXPECT_FALSE(rig_.ask(order(only(), TaskChange::claim, "ann")));
  Mending mending;
  mending.actor = {"ops", {}};
  mending.reason = "the disk";
  mending.states = "";
  machine::Event event = mend_event(mending);
  event.tenant = "default";
  Item item;
  item.order = DeliverOrder{row.id, row.shard, std::move(event), true};
  ASSERT_TRUE(rig_.ask(std::move(item)));
  EXPECT_THAT(faults(rig_), IsEmpty());
  EXPECT_THAT(tasks(), IsEmpty()) << "its runtime part was forgotten";
  row = rig_.row("review", "d1");
  ASSERT_TRUE(rig_.ask(rig_.order(row, "resume", machine::Resumed{{"ops", {}}, ""})));
  EXPECT_EQ(only().title, "Review of d1") << "open again";
  EXPECT_THAT(faults(rig_), IsEmpty());
}

TEST(InboxFaults, NameWhatIsMissingTooManyAndDifferent) {
  ports::TaskRow one;
  one.id.seq = 1;
  ports::TaskRow two = one;
  two.id.seq = 2;
  ports::TaskRow changed = two;
  changed.queue = "x";
  ports::TaskRow three = one;
  three.id.seq = 3;
  const auto found = inbox_faults({two, one}, {three, changed});
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[0].what, "missing");
  EXPECT_EQ(found[1].what, "differs");
  EXPECT_EQ(found[2].what, "too many");
  EXPECT_THAT(inbox_faults({two, one}, {one, two}), IsEmpty());
}

}  // namespace
}  // namespace vozex::runtime
