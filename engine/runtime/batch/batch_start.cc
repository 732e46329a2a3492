// SPDX-License-Identifier: Apache-2.0
//
// New instances: roots by order or by rule, children of steps; and keys that somebody else holds.
#include <utility>

#include "engine/runtime/batch/batch.h"

namespace vozex::runtime {
namespace {

const machine::BindKey* business_key(const StepOutcome& outcome) {
  for (const machine::Effect& effect : outcome.effects) {
    const auto* bind = std::get_if<machine::BindKey>(&effect);
    if (bind != nullptr && bind->alias.empty()) return bind;
  }
  return nullptr;
}

machine::Event start_event(const NewOrder& order, Timestamp now) {
  machine::Event event;
  event.id = order.id.text();
  event.source = order.parent ? "instance:" + order.parent->instance.text() : "start";
  event.name = "start";
  event.time = now;
  event.tenant = order.tenant;
  event.causation = order.causation;
  return event;
}

Error key_taken(const std::string& workflow, const std::string& key, bool ended) {
  return Error{ErrorClass::conflict,
               "key_taken",
               "there is " + std::string(ended ? "an ended" : "a live") + " " + workflow +
                   " with the key " + key + (ended ? ", and its keys are never reused" : ""),
               {}};
}

}  // namespace

void Batch::start_new(const Message& message, const NewOrder& order) {
  const machine::MachineRef machine = context_.definitions->newest(order.workflow);
  if (machine == nullptr) {
    start_failed(message,
                 order,
                 Error{ErrorClass::not_found,
                       "unknown_workflow",
                       "no workflow " + order.workflow + " is deployed",
                       {}});
    return;
  }
  const StartRequest request{
      order.id, order.root, order.parent, order.tenant, order.input, order.causation};
  auto outcome = vozex::start(*machine, request, now_, context_.definitions->config_of(*machine));
  if (!outcome) {
    start_failed(message, order, outcome.error());
    return;
  }
  if (key_conflict(message, order, *machine, *outcome)) return;
  Stored stored;
  stored.key = message.to;
  stored.machine = machine;
  Work& work = add_work(std::move(stored));
  unite(message.task, work.node);
  const machine::Event event = start_event(order, now_);
  work.stored.snapshot = std::move(outcome->next);
  add_history(work, machine::Earlier{}, event, *outcome);
  work.changed = true;
  ++counts_.transitions;
  apply(work, message.task, false, outcome->effects);
  deliver(message, work, "", outcome->disposition, outcome->explanation.note);
}

// True when the instance can't be started because of its key, and everybody has been told.
bool Batch::key_conflict(const Message& message,
                         const NewOrder& order,
                         const machine::Machine& machine,
                         const StepOutcome& outcome) {
  const machine::BindKey* bind = business_key(outcome);
  if (bind == nullptr) return false;
  const ports::BindingKey key = binding_of(order.tenant, order.workflow, "", bind->value);
  // Whoever gave it back or took it in this batch must be committed together with this.
  for (const InstanceId& changer : keys_.changers(key)) {
    if (Work* work = find(changer)) unite(message.task, work->node);
  }
  for (const Holder& holder : keys_.holders(key)) {
    if (holder.ended && machine.key_reusable) continue;
    if (!message.by_rule) {
      // The holder may be what the same order started before.
      if (came_before(message)) return true;
      start_failed(message, order, key_taken(order.workflow, bind->value, holder.ended));
      return true;
    }
    // A start rule: the holder gets the event instead.
    Task& task = tasks_[message.task];
    const auto& event = std::get<FindOrder>(task.item.order).event;
    send({holder.instance, message.task, true, false, event, std::nullopt});
    return true;
  }
  return false;
}

// Whether an item came before; nothing when its mark has to be loaded first. What changes
// something is found out by the commit. This is for what would be refused now because it was done
// already.
std::optional<bool> Batch::came_before(Task& task) {
  // The mark of an event that waited is its own.
  if (!task.item.mark || task.item.parked_on) return false;
  const auto known = marks_.find(*task.item.mark);
  task.wants_mark = known == marks_.end();
  if (task.wants_mark) return std::nullopt;
  task.first = known->second;
  return task.first.has_value();
}

// True when the message is known to have come before, or waits until that is known.
bool Batch::came_before(const Message& message) {
  if (!message.primary) return false;
  const auto came = came_before(tasks_[message.task]);
  if (!came) {
    unmarked_.push_back(message);
    awaiting_mark_.insert(message.to.id);
  }
  return came.value_or(true);
}

void Batch::start_failed(const Message& message, const NewOrder& order, const Error& error) {
  Task& task = tasks_[message.task];
  if (!order.parent) {
    task.error = error;
    if (!task.item.outbox || task.item.done) return;
    // By a `start` action: nobody hears the answer, so whoever started it has an incident.
    PoisonOrder incident{{task.item.outbox->shard, task.item.outbox->from},
                         error.code,
                         "the " + order.workflow + " that it started: " + error.message,
                         false};
    send({incident.instance, message.task, false, false, std::move(incident), std::nullopt});
    return;
  }
  machine::Event event;
  event.id = order.id.text() + "/start";
  event.source = "instance:" + order.id.text();
  event.name = "child";
  event.time = now_;
  event.tenant = order.tenant;
  event.causation = order.causation;
  machine::ChildEnded ended;
  ended.of = order.parent->of;
  ended.child = order.id;
  ended.final = true;
  ended.error.code = error.code;
  ended.error.message = error.message;
  types::Value::List details;
  for (const ErrorDetail& detail : error.details) {
    details.push_back(types::Value::object({{"pointer", types::Value::string(detail.name)},
                                            {"message", types::Value::string(detail.text)}}));
  }
  if (!details.empty()) {
    ended.error.details =
        types::Value::object({{"faults", types::Value::list(std::move(details))}});
  }
  event.cause = std::move(ended);
  send({{message.to.shard, order.parent->instance},
        message.task,
        false,
        false,
        std::move(event),
        std::nullopt});
}

}  // namespace vozex::runtime
