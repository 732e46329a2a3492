// SPDX-License-Identifier: Apache-2.0
//
// What a commit said about each group: answers and consequences, or once more.
#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/base/assert.h"
#include "engine/base/planted.h"
#include "engine/runtime/batch/batch.h"
#include "engine/runtime/items/rows.h"

namespace vozex::runtime {
std::map<std::size_t, Batch::Component> Batch::components() {
  std::map<std::size_t, Component> components;
  for (std::size_t i = 0; i < tasks_.size(); ++i) components[root_of(i)].tasks.push_back(i);
  for (auto& [id, work] : works_) components[root_of(work.node)].works.push_back(&work);
  return components;
}

Batch::Ending Batch::conclude(const ports::CommitReply& reply) {
  VOZEX_ASSERT(reply.verdicts.size() == group_of_.size());
  Ending ending;
  for (const auto& [root, component] : components()) {
    const auto group = group_of_.find(root);
    const ports::GroupVerdict verdict =
        group == group_of_.end() ? ports::GroupVerdict{} : reply.verdicts[group->second];
    if (blocked_.contains(root)) {
      conclude_blocked(component, ending);
    } else if (verdict.verdict == ports::Verdict::committed) {
      conclude_committed(component, ending);
    } else if (verdict.verdict == ports::Verdict::duplicate && verdict.first) {
      conclude_duplicate(component, *verdict.first, ending);
    } else if (verdict.verdict == ports::Verdict::key_taken && verdict.taken) {
      conclude_taken(component, *verdict.taken, ending);
    } else {
      conclude_lost(component, ending);
    }
  }
  // Components come in the order of their first items; what goes again keeps the order of arrival.
  std::stable_sort(
      again_.begin(), again_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [index, item] : again_) ending.again.push_back(std::move(item));
  again_.clear();
  claims_.insert(reply.claims.begin(), reply.claims.end());
  ending.claims.assign(claims_.begin(), claims_.end());
  ending.publish.notes.insert(ending.publish.notes.end(),
                              std::make_move_iterator(notes_.begin()),
                              std::make_move_iterator(notes_.end()));
  ending.publish.counts = counts_;
  ending.publish.counts.batches = group_of_.empty() ? 0 : 1;
  return ending;
}

std::vector<Item> Batch::abandon() {
  std::vector<Item> items;
  for (const auto& [root, component] : components()) forget(component, false);
  for (Task& task : tasks_) {
    if (task.to_lane) task.item.handed_over = false;
    if (task.stage == Stage::left) task.item.let_earlier_go = false;
    items.push_back(std::move(task.item));
  }
  return items;
}

void Batch::conclude_committed(const Component& component, Ending& ending) {
  for (const std::size_t index : component.tasks) commit_task(tasks_[index], ending);
  for (Work* work : component.works) commit_work(*work, ending);
}

void Batch::conclude_lost(const Component& component, Ending& ending) {
  ++counts_.stale_groups;
  forget(component, true);
  for (const std::size_t index : component.tasks) go_again(tasks_[index], true, ending);
}

// Only the item that came twice is done; those that shared its group go again. A verdict names one:
// which others came twice is looked at before they are stepped, so that a group of them costs two
// rounds however many there are.
void Batch::conclude_duplicate(const Component& component,
                               const ports::MarkRow& first,
                               Ending& ending) {
  forget(component, false);
  for (const std::size_t index : component.tasks) {
    Task& task = tasks_[index];
    if (task.stage == Stage::left || task.item.mark != first.mark) {
      task.item.look_first = true;
      go_again(task, false, ending);
      continue;
    }
    answer_duplicate(task, first, ending);
    if (!task.item.outbox) continue;
    Item rest;
    rest.order = DoneOrder{};
    rest.outbox = std::move(task.item.outbox);
    ending.next.push_back(std::move(rest));
  }
}

void Batch::answer_duplicate(Task& task, const ports::MarkRow& first, Ending& ending) {
  ++counts_.duplicates;
  const auto* find = std::get_if<FindOrder>(&task.item.order);
  const auto* deliver = std::get_if<DeliverOrder>(&task.item.order);
  std::string id;
  if (find != nullptr) id = find->event.id;
  if (deliver != nullptr) id = deliver->event.id;
  if (!task.item.done) return;
  const std::string other = fingerprint_of(first);
  if (!other.empty() && !task.item.fingerprint.empty() && other != task.item.fingerprint) {
    ending.publish.answers.emplace_back(
        std::move(task.item.done),
        fail(ErrorClass::invalid,
             "idempotency_key_reused",
             "this idempotency key was used for another request: take a new one for each request"));
    return;
  }
  ending.publish.answers.emplace_back(std::move(task.item.done), first_answer(first, id));
}

void Batch::conclude_taken(const Component& component,
                           const ports::BindingKey& key,
                           Ending& ending) {
  forget(component, false);
  for (const std::size_t index : component.tasks) {
    tasks_[index].item.taken = {key};
    go_again(tasks_[index], true, ending);
  }
}

void Batch::conclude_blocked(const Component& component, Ending& ending) {
  forget(component, false);
  for (const std::size_t index : component.tasks) {
    Task& task = tasks_[index];
    if (task.later) {
      ending.publish.later.push_back(std::move(task.item));
    } else {
      go_again(task, false, ending);
    }
  }
}

void Batch::forget(const Component& component, bool distrust) {
  for (Work* work : component.works) {
    for (const ports::CallWrite& call : work->calls) {
      if (call.row.state == ports::CallState::leased) context_.gate->release(call.row.adapter);
    }
    if (VOZEX_PLANTED(cache_kept_after_lost_race)) {
      context_.cache->put(work->stored, now_);
    } else if (distrust && work->stored.etag != 0) {
      context_.cache->distrust(work->stored.key.id, now_);
    }
  }
}

void Batch::go_again(Task& task, bool lost, Ending& ending) {
  const auto index = static_cast<std::size_t>(&task - tasks_.data());
  if (task.to_lane) {
    ending.publish.handed.emplace_back(*task.to_lane, std::move(task.item));
    return;
  }
  Item& item = task.item;
  const bool begun = task.stage == Stage::begun;
  if (lost && begun) ++item.failures;
  if (begun && item.parked_on && lost) {
    // Perhaps somebody else delivered it: see what still waits there.
    item.order = ClaimOrder{*item.parked_on};
    item.parked_on.reset();
    item.mark.reset();
  }
  const bool of_call = std::holds_alternative<CallOrder>(item.order) ||
                       std::holds_alternative<CallWriteOrder>(item.order);
  const bool by_hand = std::holds_alternative<RetryOrder>(item.order);
  if (of_call && lost && item.failures % k_alone_after == 0 && !item.done) {
    ending.publish.doubtful.push_back(std::move(item));
  } else if (item.failures >= k_give_up_after ||
             ((of_call || by_hand) && item.done && item.failures >= k_alone_after)) {
    task.error = Error{ErrorClass::conflict,
                       "too_many_conflicts",
                       "others kept changing what this would change: try again",
                       {}};
    task.deliveries.clear();
    task.more = 0;
    if (item.done) {
      answer(task, ending);
    } else {
      item.failures = k_alone_after;
      ending.publish.later.push_back(std::move(item));
    }
  } else {
    again_.emplace_back(index, std::move(item));
  }
}

EventAnswer Batch::answer_of(const Task& task) const {
  EventAnswer answer;
  if (const auto* find = std::get_if<FindOrder>(&task.item.order)) answer.id = find->event.id;
  if (const auto* deliver = std::get_if<DeliverOrder>(&task.item.order)) {
    answer.id = deliver->event.id;
  }
  answer.deliveries = task.deliveries;
  answer.more = task.more;
  answer.disposition = task.whole.value_or(overall(task.deliveries));
  if (task.error && task.deliveries.empty()) answer.disposition = machine::Disposition::rejected;
  return answer;
}

Result<EventAnswer> Batch::result_of(const Task& task) const {
  const auto* deliver = std::get_if<DeliverOrder>(&task.item.order);
  const bool strict = deliver != nullptr && deliver->strict;
  if (task.error && (task.deliveries.empty() || strict)) return Failure(*task.error);
  return answer_of(task);
}

void Batch::answer(Task& task, Ending& ending) const {
  ending.publish.answers.emplace_back(std::move(task.item.done), result_of(task));
}

Batch::Foreseen Batch::foresee() const {
  Foreseen foreseen{result_of(tasks_.front()), {}, {}};
  for (const auto& [id, work] : works_) {
    for (const ports::HistoryRow& row : work.history) {
      foreseen.steps.push_back({id, work.stored.snapshot.workflow, row.entry});
    }
    for (const auto& [row, order] : work.outbox) foreseen.messages.push_back(row);
  }
  return foreseen;
}

void Batch::commit_task(Task& task, Ending& ending) {
  if (task.stage != Stage::begun) {
    go_again(task, false, ending);
    return;
  }
  if (task.park) ++counts_.parked;
  for (auto& [row, order] : task.fan_out) {
    auto item = item_of(row);
    if (item) ending.next.push_back(std::move(*item));
  }
  auto& calls = ending.publish.calls;
  calls.insert(calls.end(),
               std::make_move_iterator(task.outgoing.begin()),
               std::make_move_iterator(task.outgoing.end()));
  if (const auto* timer = std::get_if<TimerOrder>(&task.item.order)) {
    if (find(timer->instance.id) == nullptr) {
      ending.publish.timers.emplace_back(timer->instance, std::nullopt);
    }
  }
  if (const auto* write = std::get_if<CallWriteOrder>(&task.item.order)) {
    if (write->write.op == ports::CallOp::lease) {
      Item check;
      check.order = CallCheckOrder{write->write.row, write->maybe_sent};
      ending.next.push_back(std::move(check));
    } else {
      ending.publish.calls_wait = true;
    }
  }
  if (const auto* again = std::get_if<RetryOrder>(&task.item.order)) {
    const bool maybe_sent = parse_error(again->row.error).code == "outcome_unknown";
    for (const ports::CallWrite& write : task.calls) {
      if (write.op != ports::CallOp::lease) continue;
      Item check;
      check.order = CallCheckOrder{write.row, maybe_sent, true};
      ending.next.push_back(std::move(check));
    }
  }
  if (task.error && !task.item.done) {
    notes_.push_back(
        {LogNote::Level::error, task.error->code + ": " + task.error->message, {}, "", ""});
  }
  if (task.first) {
    answer_duplicate(task, *task.first, ending);
  } else if (task.item.done) {
    answer(task, ending);
  }
}

void Batch::commit_work(Work& work, Ending& ending) {
  if (work.unreadable) {
    if (work.raw && work.changed) {
      ending.publish.timers.emplace_back(work.stored.key, std::nullopt);
    }
    return;
  }
  const machine::Snapshot& snapshot = work.stored.snapshot;
  const auto due = machine::next_due(snapshot);
  Publish& publish = ending.publish;
  if (due != work.due_before || fired_.contains(work.stored.key.id)) {
    publish.timers.emplace_back(work.stored.key, due);
  }
  if (!work.changed) {
    context_.cache->put(std::move(work.stored), now_);
    return;
  }
  for (ports::CallWrite& call : work.calls) {
    if (call.row.state == ports::CallState::leased) {
      OutgoingCall& outgoing = publish.calls.emplace_back();
      if (auto spec = work.specs.extract(call.row.id)) outgoing.spec = std::move(spec.mapped());
      outgoing.row = std::move(call.row);
      outgoing.reserved = true;
    } else {
      publish.calls_wait = true;
    }
  }
  publish.withdrawn.insert(publish.withdrawn.end(), work.withdrawn.begin(), work.withdrawn.end());
  for (auto& [row, order] : work.outbox) {
    Item item;
    item.mark = outbox_mark(snapshot.tenant, row);
    item.outbox = std::move(row);
    item.order = std::move(order);
    ending.next.push_back(std::move(item));
  }
  work.stored.etag = etag_;
  publish.changes.push_back(change_of(*work.stored.machine, snapshot));
  Engine::Change& change = publish.changes.back();
  if (context_.wanted != nullptr && *context_.wanted && (*context_.wanted)(change)) {
    change.view = std::make_shared<InstanceView>(
        view_of(work.stored.machine, snapshot, work.stored.key.shard, etag_));
  }
  // Hardly anything comes for one that has just ended, and it would keep a place of one that lives.
  if (machine::is_ended(snapshot.life)) return context_.cache->drop(work.stored.key.id);
  context_.cache->put(std::move(work.stored), now_);
}

}  // namespace vozex::runtime
