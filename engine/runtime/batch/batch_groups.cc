// SPDX-License-Identifier: Apache-2.0
//
// The groups of a commit: each holds the instances and items that touched each other, and all their
// rows.
#include <algorithm>
#include <utility>

#include "engine/base/assert.h"
#include "engine/runtime/batch/batch.h"
#include "engine/runtime/batch/inbox.h"
#include "engine/runtime/items/rows.h"

namespace vozex::runtime {

std::size_t Batch::root_of(std::size_t node) {
  while (parents_[node] != node) {
    parents_[node] = parents_[parents_[node]];
    node = parents_[node];
  }
  return node;
}

void Batch::unite(std::size_t a, std::size_t b) {
  a = root_of(a);
  b = root_of(b);
  // Towards the smaller: components are in the order of their first item.
  if (a < b) parents_[b] = a;
  if (b < a) parents_[a] = b;
}

ports::Group& Batch::group_at(std::size_t root, ports::CommitRequest& request) {
  const auto [entry, is_new] = group_of_.try_emplace(root, request.groups.size());
  if (is_new) request.groups.emplace_back();
  return request.groups[entry->second];
}

ports::CommitRequest Batch::request(Etag etag) {
  etag_ = etag;
  ports::CommitRequest request;
  request.etag = etag;
  request.session = context_.session;
  request.now = now_;
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    if (tasks_[i].later) blocked_.insert(root_of(i));
  }
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const std::size_t root = root_of(i);
    if (tasks_[i].stage != Stage::begun || blocked_.contains(root)) continue;
    if (has_content(tasks_[i])) write_task(tasks_[i], group_at(root, request));
  }
  // Rows that are there before those that are new: a start that was decided by a snapshot out of
  // date is found out by its decider's etag, before anybody wonders about an id that was used
  // already.
  for (const bool is_new : {false, true}) {
    for (auto& [id, work] : works_) {
      const std::size_t root = root_of(work.node);
      if (!work.changed || blocked_.contains(root) || is_new != (work.stored.etag == 0)) continue;
      write_work(work, group_at(root, request));
    }
  }
  write_bindings(request);
  return request;
}

bool Batch::has_content(const Task& task) const {
  const bool parked =
      task.item.parked_on && (task.error || task.resolved || !task.deliveries.empty());
  return (task.item.mark && task.effective) || parked || task.park || task.item.outbox ||
         !task.calls.empty() || !task.fan_out.empty();
}

void Batch::write_task(const Task& task, ports::Group& group) const {
  const bool delivered = task.error || task.resolved || !task.deliveries.empty();
  const bool resolves = task.item.parked_on.has_value();
  if (task.item.mark && (resolves ? delivered : task.effective)) {
    const EventAnswer answer = answer_of(task);
    ports::MarkWrite mark;
    mark.mark = *task.item.mark;
    if (!answer.deliveries.empty()) {
      mark.instance = answer.deliveries.front().instance;
      mark.seq = answer.deliveries.front().seq;
    }
    mark.disposition = answer.disposition;
    mark.answer = answer_text(answer, task.item.fingerprint);
    mark.resolve = resolves;
    if (resolves) group.unparks.push_back(mark.mark);
    // It waits on as another row, under another mark: nothing is kept under this one any more.
    if (resolves && task.park) mark.disposition = machine::Disposition::queued;
    group.marks.push_back(std::move(mark));
  }
  if (task.park) group.parks.push_back(*task.park);
  if (task.park && task.park->mark != task.item.mark) {
    ports::MarkWrite moved;
    moved.mark = task.park->mark;
    moved.disposition = machine::Disposition::waiting;
    group.marks.push_back(std::move(moved));
  }
  if (task.item.outbox) group.outbox_done.push_back(*task.item.outbox);
  group.calls.insert(group.calls.end(), task.calls.begin(), task.calls.end());
  for (const auto& [row, order] : task.fan_out) group.outbox.push_back(row);
}

void Batch::write_work(Work& work, ports::Group& group) {
  ports::InstanceWrite write;
  write.old = work.stored.etag;
  write.row = work.raw ? *work.raw
                       : row_of(*work.stored.machine, work.stored.snapshot, work.stored.key.shard);
  write.data_changed = work.stored.etag == 0 || write.row.data != work.stored.data;
  write.was_ended = work.was_ended;
  work.stored.data = write.row.data;
  if (!work.raw) {
    write.tasks = task_rows(*work.stored.machine, work.stored.snapshot, work.stored.key.shard);
    write.tasks_changed = work.inbox_unknown || write.tasks != work.stored.tasks;
    work.stored.tasks = write.tasks;
  }
  group.instances.push_back(std::move(write));
  auto& history = group.history;
  history.insert(history.end(), work.history.begin(), work.history.end());
  group.calls.insert(group.calls.end(), work.calls.begin(), work.calls.end());
  for (const auto& [row, order] : work.outbox) group.outbox.push_back(row);
}

// In the order in which they were decided, over all instances of a group: one may hand its key to
// another.
void Batch::write_bindings(ports::CommitRequest& request) {
  std::map<std::size_t, std::pair<std::size_t, ports::BindingWrite>> ordered;
  for (const auto& [id, work] : works_) {
    const auto group = group_of_.find(root_of(work.node));
    if (!work.changed || group == group_of_.end()) continue;
    for (const auto& [key, steps] : work.bindings) {
      for (const BindingStep& step : steps) {
        ports::BindingWrite write{step.op, key, work.stored.key, work.stored.machine->key_reusable};
        ordered[step.order] = {group->second, std::move(write)};
      }
    }
  }
  for (auto& [order, write] : ordered) {
    request.groups[write.first].bindings.push_back(std::move(write.second));
  }
}

}  // namespace vozex::runtime
