// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong beside the machines, as incidents: rows that can't be read, decisions that can't
// be stored, messages that can't be delivered. And dead calls that people send again.
#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/base/planted.h"
#include "engine/runtime/batch/batch.h"
#include "engine/runtime/batch/mending.h"
#include "engine/runtime/calls/call_policy.h"
#include "engine/runtime/items/messages.h"
#include "engine/types/json.h"

namespace vozex::runtime {
namespace {

using machine::Disposition;

machine::Event engine_event(const machine::Snapshot& snapshot, const char* name, Timestamp now) {
  machine::Event event;
  event.source = "engine";
  event.name = name;
  event.time = now;
  event.tenant = snapshot.tenant;
  return event;
}

// The end of a call as an event says which lease it had: "<call>#<attempt>".
std::uint16_t attempt_in(const std::string& event_id) {
  std::uint16_t attempt = 0;
  const std::size_t hash = event_id.rfind('#');
  if (hash == std::string::npos) return attempt;
  std::from_chars(event_id.data() + hash + 1, event_id.data() + event_id.size(), attempt);
  return attempt;
}

const machine::CallEnded* failed_call(const machine::Event& event) {
  const auto* ended = std::get_if<machine::CallEnded>(&event.cause);
  return ended != nullptr && !ended->ok ? ended : nullptr;
}

bool waits_in_queue(const machine::Snapshot& snapshot, const CallId& call) {
  return std::any_of(snapshot.queued.begin(), snapshot.queued.end(), [&](const auto& event) {
    const machine::CallEnded* ended = failed_call(event);
    return ended != nullptr && ended->call == call;
  });
}

bool has_incident(const machine::Snapshot& snapshot, const CallId& call) {
  return std::any_of(snapshot.incidents.begin(),
                     snapshot.incidents.end(),
                     [&](const auto& incident) { return incident.call == call; });
}

// A failure that nobody took is open again: who leaves its state now withdraws it like any other
// call, and what becomes of it counts.
void set_under_way(machine::Snapshot& snapshot, const CallId& call) {
  for (machine::Invocation& invocation : snapshot.invocations) {
    if (invocation.settled) continue;
    for (machine::InvokedItem& item : invocation.items) {
      if (item.call == call && item.status == machine::ItemStatus::failed) {
        item.status = machine::ItemStatus::running;
      }
    }
  }
}

// The history of a row that can't be read: what is known of it are its columns.
std::string quarantine_entry(const ports::InstanceRow& row, const Error& fault) {
  using types::Value;
  return types::to_json(Value::object(
      {{"disposition", Value::string("incident")},
       {"event",
        Value::object({{"name", Value::string("incident")}, {"source", Value::string("engine")}})},
       {"from", Value::string(row.state)},
       {"life", Value::string("held")},
       {"note", Value::string(fault.code + ": " + fault.message)}}));
}

}  // namespace

// An instance whose row can't be read is held, with an incident in its columns and no timer: it is
// left alone until somebody has mended it, deployed what reads it, and resumes it. Where only its
// definition is missing, the incident stands in the snapshot as any other.
void Batch::quarantine(Work& work) {
  if (VOZEX_PLANTED(rot_unnoticed)) return;
  if (!work.raw || work.changed) return;
  ports::InstanceRow& row = *work.raw;
  if (row.incident && !row.timer_at && row.life != machine::Life::running) return;
  row.seq += 1;
  row.at = std::max(now_, row.at);
  row.incident = true;
  if (work.unknown_version) {
    machine::Incident incident;
    incident.seq = row.seq;
    incident.at = row.at;
    incident.holds = true;
    incident.code = work.fault.code;
    incident.message = work.fault.message;
    incident.state = row.state;
    if (auto rt = machine::add_incident(row.rt, incident)) row.rt = *std::move(rt);
  }
  row.timer_at.reset();
  if (!machine::is_ended(row.life)) row.life = machine::Life::held;
  work.changed = true;
  work.history.push_back({row.shard,
                          row.id,
                          row.seq,
                          Disposition::incident,
                          row.at,
                          quarantine_entry(row, work.fault)});
  ++rows_;
  note(LogNote::Level::error, work, work.fault.code + ": " + work.fault.message);
}

// The row as it was read is compared by the commit: what was damaged is what is mended.
void Batch::mend_row(Work& work, const Message& message, const machine::Event& event) {
  auto snapshot = mend(*work.stored.machine, *work.raw, event, now_);
  if (!snapshot) {
    tasks_[message.task].error = snapshot.error();
    return;
  }
  machine::Earlier before;
  before.life = work.raw->life;
  before.state = work.raw->state;
  work.stored.snapshot = *std::move(snapshot);
  work.raw.reset();
  work.unreadable = false;
  work.inbox_unknown = true;
  work.changed = true;
  StepReport outcome;
  outcome.disposition = Disposition::transitioned;
  outcome.explanation.note = "mended by " + std::string(event.data.text_at("actor")) + ": " +
                             std::string(event.data.text_at("reason"));
  add_history(work, before, event, outcome);
  deliver(message, work, before.state, outcome.disposition, outcome.explanation.note);
}

void Batch::poison(Work& work, const PoisonOrder& order) {
  machine::Snapshot& snapshot = work.stored.snapshot;
  if (machine::is_ended(snapshot.life) && order.holds) return;
  const machine::Earlier before = machine::earlier(*work.stored.machine, snapshot);
  snapshot.seq += 1;
  snapshot.at = std::max(now_, snapshot.at);
  if (order.holds) snapshot.life = machine::Life::held;
  machine::Incident incident;
  incident.seq = snapshot.seq;
  incident.code = order.code;
  incident.message = order.message;
  incident.at = snapshot.at;
  incident.holds = order.holds;
  snapshot.incidents.push_back(incident);
  work.changed = true;
  StepReport outcome;
  outcome.disposition = Disposition::incident;
  outcome.effects.push_back(machine::RaiseIncident{incident});
  outcome.explanation.note = order.message;
  add_history(work, before, engine_event(snapshot, "incident", now_), outcome);
  note(LogNote::Level::error, work, order.code + ": " + order.message);
}

// By an earlier order of this batch.
bool Batch::is_being_leased(const CallId& id) const {
  return std::any_of(tasks_.begin(), tasks_.end(), [&](const Task& task) {
    return std::any_of(task.calls.begin(), task.calls.end(), [&](const ports::CallWrite& write) {
      return write.op == ports::CallOp::lease && write.row.id == id;
    });
  });
}

// The lease changes in the same group as the instance, so that it can't race with the instance's
// own decision about the call (release_calls).
void Batch::retry(Work& work, const Message& message, const RetryOrder& order) {
  Task& task = tasks_[message.task];
  machine::Snapshot& snapshot = work.stored.snapshot;
  const CallId& id = order.row.id;
  if (waits_in_queue(snapshot, id)) {
    task.error =
        Error{ErrorClass::refused,
              "instance_held",
              "the instance is " + std::string(machine::to_string(snapshot.life)) +
                  ", and has not looked at the failure of " + id.text() + " yet: resume it first",
              {}};
    return;
  }
  if (is_being_leased(id)) {
    task.error =
        Error{ErrorClass::conflict, "call_not_dead", "the call " + id.text() + " is under way", {}};
    return;
  }
  const auto spec = parse_request(order.row.request);
  // With an incident that names it, its outcome is wanted, even if nobody waits for its result.
  const bool wanted = !spec || is_wanted(snapshot, id, *spec) || has_incident(snapshot, id);
  const machine::Earlier before = machine::earlier(*work.stored.machine, snapshot);
  snapshot.seq += 1;
  snapshot.at = std::max(now_, snapshot.at);
  work.changed = true;
  machine::Event event = engine_event(snapshot, "retry", now_);
  event.source = "ops:" + order.actor.id;
  event.id = id.text();
  StepReport outcome;
  ports::CallWrite write;
  write.row = order.row;
  write.expect_owner = order.row.owner;
  write.expect_attempt = order.row.attempt;
  if (wanted) {
    outcome.disposition = Disposition::transitioned;
    outcome.explanation.note = "call " + id.text() + " sent again by " + order.actor.id;
    write.op = ports::CallOp::lease;
    write.row.state = ports::CallState::leased;
    write.row.owner = context_.session;
    write.row.attempt = static_cast<std::uint16_t>(order.row.attempt + 1);
    set_under_way(snapshot, id);
  } else {
    outcome.disposition = Disposition::stale;
    outcome.explanation.note = "nobody waits for call " + id.text() + " any more: it was dropped";
    write.op = ports::CallOp::end;
  }
  if (!order.reason.empty()) outcome.explanation.note += ": " + order.reason;
  task.calls.push_back(std::move(write));
  ++rows_;
  add_history(work, before, event, outcome);
  const std::string state = machine::state_text(*work.stored.machine, snapshot);
  deliver(message, work, state, outcome.disposition, outcome.explanation.note);
}

// Failures that waited in the queue of a held instance, and that it has looked at now: without an
// incident that names them, their rows have no more use.
void Batch::release_calls(std::size_t task,
                          const std::vector<machine::Event>& queued_before,
                          const machine::Snapshot& after) {
  for (const machine::Event& event : queued_before) {
    const machine::CallEnded* ended = failed_call(event);
    if (ended == nullptr || waits_in_queue(after, ended->call)) continue;
    if (has_incident(after, ended->call)) continue;
    ports::CallWrite write;
    write.op = ports::CallOp::end;
    write.row.id = ended->call;
    write.row.shard = shard_of(after.root);
    write.row.state = ports::CallState::dead;
    write.expect_attempt = attempt_in(event.id);
    if (write.expect_attempt == 0) continue;  // it never had a row
    tasks_[task].calls.push_back(std::move(write));
    ++rows_;
  }
}

}  // namespace vozex::runtime
