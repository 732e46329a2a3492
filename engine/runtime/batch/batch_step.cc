// SPDX-License-Identifier: Apache-2.0
//
// One message at one instance: the step, its history, what the sender is told.
#include <algorithm>
#include <utility>

#include "engine/base/planted.h"
#include "engine/machine/codec.h"
#include "engine/runtime/batch/batch.h"
#include "engine/runtime/batch/mending.h"
#include "engine/runtime/batch/migration.h"
#include "engine/runtime/batch/refusal.h"

namespace vozex::runtime {
namespace {

using machine::Disposition;

std::string timer_id(const machine::TimerDue& due) {
  return due.state + "#" + std::to_string(due.index) + "@" + std::to_string(due.entry);
}

machine::Event timer_event(const machine::Snapshot& snapshot, const machine::TimerDue& due) {
  machine::Event event;
  event.id = timer_id(due);
  event.source = "timer";
  event.name = "timer";
  event.time = due.due;
  event.tenant = snapshot.tenant;
  event.cause = due;
  return event;
}

bool is_external(const machine::Event& event) {
  return std::holds_alternative<machine::External>(event.cause);
}

// What an ended instance still records: the ends of what it started.
bool concerns_ended(const machine::Event& event) {
  return std::holds_alternative<machine::CallEnded>(event.cause) ||
         std::holds_alternative<machine::ChildEnded>(event.cause);
}

}  // namespace

void Batch::process(Message message) {
  if (const auto* order = std::get_if<NewOrder>(&message.what)) {
    start_new(message, *order);
    return;
  }
  Work* work = find(message.to.id);
  if (work == nullptr) {
    process_absent(message);
    return;
  }
  const auto* event = std::get_if<machine::Event>(&message.what);
  const bool can_be_mended = work->raw && !work->unknown_version;
  if (work->unreadable && !(event != nullptr && is_mending(*event) && can_be_mended)) {
    // Not one group: what came goes later, but that the row can't be read is said now.
    process_unreadable(*work, message);
    return;
  }
  unite(message.task, work->node);
  if (work->unreadable) {
    mend_row(*work, message, *event);
  } else if (event != nullptr) {
    step_event(*work, message, *event);
  } else if (const auto* timers = std::get_if<FireTimers>(&message.what)) {
    fire_timers(*work, message, timers->until);
  } else if (const auto* end = std::get_if<EndCall>(&message.what)) {
    end_call(*work, message, *end);
  } else if (const auto* order = std::get_if<PoisonOrder>(&message.what)) {
    poison(*work, *order);
  } else if (const auto* again = std::get_if<RetryOrder>(&message.what)) {
    retry(*work, message, *again);
  }
}

void Batch::process_absent(const Message& message) {
  Task& task = tasks_[message.task];
  if (const auto* end = std::get_if<EndCall>(&message.what)) {
    ports::CallWrite write{ports::CallOp::end, end->row, end->row.owner, end->row.attempt};
    task.calls.push_back(std::move(write));
    return;
  }
  const auto* event = std::get_if<machine::Event>(&message.what);
  if (event == nullptr && !std::holds_alternative<RetryOrder>(message.what)) return;
  if (message.primary) {
    task.error = Error{ErrorClass::not_found,
                       "instance_not_found",
                       "there is no instance " + message.to.id.text(),
                       {}};
    return;
  }
  // It may be a child whose start is still in the outbox: go the same way, behind it.
  Work* sender = message.from ? find(*message.from) : nullptr;
  if (sender != nullptr) {
    post_out(*sender, DeliverOrder{message.to.id, message.to.shard, *event}, std::nullopt);
  }
}

// Nothing is decided for it, and nothing of what came for it is lost.
void Batch::process_unreadable(Work& work, const Message& message) {
  Task& task = tasks_[message.task];
  quarantine(work);
  Work* sender = message.from ? find(*message.from) : nullptr;
  const auto* event = std::get_if<machine::Event>(&message.what);
  if (sender != nullptr && event != nullptr && !message.primary) {
    post_out(*sender, DeliverOrder{message.to.id, message.to.shard, *event}, std::nullopt);
  } else if (task.item.done) {
    task.error = work.fault;
  } else if (!std::holds_alternative<FireTimers>(message.what)) {
    task.later = true;
  }
}

StepReport Batch::step_once(Work& work,
                            std::size_t task,
                            const machine::Event& event,
                            Timestamp due) {
  Stored& stored = work.stored;
  const Timestamp at = std::max({now_, due, stored.snapshot.at});
  const types::Value& config = context_.definitions->config_of(*stored.machine);
  const machine::Earlier before = machine::earlier(*stored.machine, stored.snapshot);
  const std::vector<machine::Event> held_back = stored.snapshot.queued;  // empty unless it is held
  StepReport report;
  if (is_migration(event)) {
    report = migrate_step(*context_.definitions, event, at, stored.machine, stored.snapshot);
  } else {
    step_in_place(report, *stored.machine, stored.snapshot, event, at, config);
  }
  if (report.disposition == Disposition::rejected) return report;
  add_history(work, before, event, report);
  release_calls(task, held_back, stored.snapshot);
  work.changed = true;
  ++counts_.transitions;
  apply(work, task, machine::is_ended(before.life), report.effects);
  return report;
}

void Batch::step_event(Work& work, const Message& message, const machine::Event& event) {
  Task& task = tasks_[message.task];
  if (is_mending(event)) {
    if (!came_before(message)) task.error = not_damaged(work.stored.key.id);
    return;
  }
  const std::string from = machine::state_text(*work.stored.machine, work.stored.snapshot);
  if (machine::is_ended(work.stored.snapshot.life) && !concerns_ended(event)) {
    if (is_external(event)) {
      deliver(message, work, from, Disposition::ended, "the instance has ended");
    } else if (message.primary && !came_before(message)) {
      task.error = Error{ErrorClass::refused, "instance_ended", "the instance has ended", {}};
    }
    return;
  }
  const StepReport outcome = step_once(work, message.task, event, now_);
  const bool rejected = outcome.disposition == Disposition::rejected;
  if (rejected && (doubts(work, message) || came_before(message))) return;
  std::string note = outcome.explanation.note;
  if (rejected) {
    note = outcome.rejection.code + ": " + outcome.rejection.message;
    const auto* order = std::get_if<DeliverOrder>(&task.item.order);
    if (message.primary && order != nullptr && order->strict) task.error = outcome.rejection;
  }
  deliver(message, work, from, outcome.disposition, std::move(note));
  if (rejected && message.primary) {
    Delivery& delivery = task.deliveries.back();
    delivery.seen = guard_values(outcome.explanation.considered, work.stored.snapshot, event);
    delivery.considered = outcome.explanation.considered;
  }
}

void Batch::deliver(const Message& message,
                    const Work& work,
                    const std::string& from,
                    Disposition disposition,
                    std::string note) {
  if (!message.primary) return;
  Task& task = tasks_[message.task];
  const machine::Snapshot& snapshot = work.stored.snapshot;
  Delivery delivery;
  delivery.instance = snapshot.id;
  delivery.workflow = snapshot.workflow;
  delivery.key = snapshot.key;
  delivery.disposition = disposition;
  delivery.from = from;
  delivery.to = machine::state_text(*work.stored.machine, snapshot);
  delivery.seq = snapshot.seq;
  delivery.note = std::move(note);
  task.effective = task.effective || disposition != Disposition::rejected;
  task.deliveries.push_back(std::move(delivery));
}

void Batch::fire_timers(Work& work, const Message& message, Timestamp until) {
  fired_.insert(work.stored.key.id);
  for (int i = 0; i < k_max_timers_at_once; ++i) {
    const auto due = machine::next_timer(*work.stored.machine, work.stored.snapshot);
    if (!due || due->due > until) {
      if (i == 0) doubts(work, message);
      return;
    }
    const machine::Event event = timer_event(work.stored.snapshot, *due);
    const StepReport outcome = step_once(work, message.task, event, due->due);
    if (outcome.disposition == Disposition::rejected) return;
    if (VOZEX_PLANTED(timer_fired_twice) && i == 0 && outcome.explanation.exited.empty()) {
      work.stored.snapshot.timers.push_back(
          {work.stored.machine->find_state(due->state), due->index, due->entry, due->due});
    }
    ++counts_.timers_fired;
  }
}

void Batch::end_call(Work& work, const Message& message, const EndCall& end) {
  Task& task = tasks_[message.task];
  machine::Event event;
  event.id = end.row.id.text() + "#" + std::to_string(end.row.attempt);
  event.source = "call";
  event.name = "call";
  event.time = now_;
  event.tenant = work.stored.snapshot.tenant;
  event.cause = machine::CallEnded{end.row.id, end.ok, end.result, end.error};
  const StepReport outcome = step_once(work, message.task, event, now_);
  // A failure that nobody took became an incident that names the call: the row stays as a dead
  // letter. So does that of a failure that a held instance has not looked at yet.
  const auto& incidents = work.stored.snapshot.incidents;
  const bool named = std::any_of(incidents.begin(), incidents.end(), [&](const auto& incident) {
    return incident.call == end.row.id;
  });
  const bool dead = !end.ok && (named || outcome.disposition == Disposition::queued);
  ports::CallWrite write{
      dead ? ports::CallOp::dead : ports::CallOp::end, end.row, end.row.owner, end.row.attempt};
  if (dead) {
    write.row.error = error_text(end.error);
    ++counts_.calls_dead;
  }
  ++rows_;
  task.calls.push_back(std::move(write));
}

void Batch::add_history(Work& work,
                        const machine::Earlier& before,
                        const machine::Event& event,
                        const StepReport& report) {
  const machine::Snapshot& after = work.stored.snapshot;
  ports::HistoryRow row;
  row.shard = work.stored.key.shard;
  row.id = work.stored.key.id;
  row.seq = after.seq;
  row.disposition = report.disposition;
  row.at = after.at;
  row.entry = machine::encode_history(*work.stored.machine,
                                      before,
                                      after,
                                      event,
                                      report.disposition,
                                      report.explanation,
                                      report.effects);
  rows_ += work.history.empty() ? 2u : 1u;
  bytes_ += row.entry.size() + (work.history.empty() ? 2 * work.stored.data.size() + 512 : 0);
  work.history.push_back(std::move(row));
}

}  // namespace vozex::runtime
