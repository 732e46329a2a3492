// SPDX-License-Identifier: Apache-2.0
//
// What an item means: which instances it goes to, what it starts, whether it waits.
#include <algorithm>
#include <utility>

#include "engine/machine/codec.h"
#include "engine/runtime/batch/batch.h"
#include "engine/runtime/calls/call_policy.h"
#include "engine/runtime/items/messages.h"
#include "engine/types/json.h"

namespace vozex::runtime {
namespace {

// What may still come of an event is for all who get it together.
machine::Event share_of(const machine::Event& event, std::size_t hits) {
  machine::Event shared = event;
  if (hits > 1) shared.causation.left /= static_cast<std::uint32_t>(hits);
  return shared;
}

}  // namespace

void Batch::begin(std::size_t index) {
  Task& task = tasks_[index];
  task.stage = Stage::begun;
  if (task.item.look_first && came_before(task).value_or(false)) return;
  Item::Order& order = task.item.order;
  if (std::holds_alternative<FindOrder>(order)) {
    begin_event(index);
  } else if (std::holds_alternative<DeliverOrder>(order)) {
    begin_deliver(index);
  } else if (const auto* start = std::get_if<NewOrder>(&order)) {
    const Shard shard = shard_of(start->root);
    send({{shard, start->id}, index, true, false, *start});
  } else if (const auto* timer = std::get_if<TimerOrder>(&order)) {
    send({timer->instance, index, false, false, FireTimers{std::max(now_, timer->due)}});
  } else if (const auto* call = std::get_if<CallOrder>(&order)) {
    send({{call->row.shard, call->row.id.instance},
          index,
          false,
          false,
          EndCall{call->row, call->ok, call->result, call->error}});
  } else if (const auto* write = std::get_if<CallWriteOrder>(&order)) {
    task.calls.push_back(write->write);
    ++rows_;
  } else if (std::holds_alternative<CallCheckOrder>(order)) {
    begin_call_check(index);
  } else if (const auto* poisoned = std::get_if<PoisonOrder>(&order)) {
    send({poisoned->instance, index, false, false, *poisoned});
  } else if (const auto* again = std::get_if<RetryOrder>(&order)) {
    send({{again->row.shard, again->row.id.instance}, index, true, false, *again});
  }
}

void Batch::begin_event(std::size_t index) {
  Task& task = tasks_[index];
  const auto& event = std::get<FindOrder>(task.item.order).event;
  if (task.error) return;
  const Found found = resolve(task.plan, keys_);
  if (go_behind(task, found)) return;
  if (found.live.size() > k_max_inline_hits) {
    fan_out(index, found.live);
    return;
  }
  if (hand_over(task, found.live)) return;
  const machine::Event shared = share_of(event, found.live.size());
  for (const ports::InstanceKey& hit : found.live) {
    send({hit, index, true, false, shared});
  }
  const bool starts = start_by_rules(index, found);
  task.unmatched = found.live.empty() && !starts;
}

// Events that came early and have not been delivered yet, because whoever started their instance
// died or is about to, go first. Once: what can't be delivered holds nobody up.
bool Batch::go_behind(Task& task, const Found& found) {
  if (task.item.parked_on || task.item.went_behind || found.live.empty()) return false;
  for (const ports::BindingKey& key : task.plan.keys()) {
    if (!keys_.is_waited_on(key)) continue;
    claims_.insert(key);
    task.item.went_behind = true;
  }
  if (task.item.went_behind) task.stage = Stage::left;
  return task.item.went_behind;
}

// An event of one tree that is another lane's goes there, once.
bool Batch::hand_over(Task& task, const std::vector<ports::InstanceKey>& hits) {
  if (task.item.handed_over || hits.empty()) return false;
  const std::size_t lane = hits.front().shard % context_.lanes;
  if (lane == context_.lane) return false;
  for (const ports::InstanceKey& hit : hits) {
    if (hit.shard % context_.lanes != lane) return false;
  }
  task.stage = Stage::left;
  task.item.handed_over = true;
  task.to_lane = lane;
  return true;
}

// Too many instances for one group: the mark, and a message to each.
void Batch::fan_out(std::size_t index, const std::vector<ports::InstanceKey>& hits) {
  Task& task = tasks_[index];
  const auto& event = std::get<FindOrder>(task.item.order).event;
  if (hits.size() > k_max_hits) {
    task.error =
        Error{ErrorClass::refused,
              "too_many_matches",
              event.name + " finds " + std::to_string(hits.size()) + " instances: at most " +
                  std::to_string(k_max_hits) + " can get one event, send it by a narrower key",
              {}};
    return;
  }
  if (!task.item.mark) task.item.mark = MarkId{context_.random->new_instance_id(now_).bytes};
  const InstanceId from{task.item.mark->bytes};
  const machine::Event shared = share_of(event, hits.size());
  std::uint16_t position = 0;
  for (const ports::InstanceKey& hit : hits) {
    Item::Order order = DeliverOrder{hit.id, hit.shard, shared};
    ports::OutboxRow row{shard_of(from), from, 0, position++, context_.session, outbox_text(order)};
    ++rows_;
    bytes_ += row.event.size();
    if (task.deliveries.size() < k_max_listed_deliveries) {
      Delivery delivery;
      delivery.instance = hit.id;
      delivery.disposition = machine::Disposition::queued;
      task.deliveries.push_back(std::move(delivery));
    } else {
      ++task.more;
    }
    task.fan_out.emplace_back(std::move(row), std::move(order));
  }
  task.effective = true;
}

// Each workflow without a live match may start an instance of its own. True when one was tried.
bool Batch::start_by_rules(std::size_t index, const Found& found) {
  Task& task = tasks_[index];
  const auto& event = std::get<FindOrder>(task.item.order).event;
  bool tried = false;
  for (const Definitions::Start& start : task.plan.starts) {
    const std::string& workflow = start.machine->workflow;
    const auto& hit = found.workflows;
    if (std::find(hit.begin(), hit.end(), workflow) != hit.end()) continue;
    tried = true;
    auto input = start_input(*context_.definitions, start, event, now_);
    if (!input) {
      task.error = input.error();
      continue;
    }
    const auto keys = task.plan.keys();
    const InstanceId id = new_root(event.tenant, keys.empty() ? event.id : keys.front().key);
    NewOrder order{
        id, id, std::nullopt, event.tenant, workflow, std::move(*input), event.causation};
    send({{shard_of(id), id}, index, true, true, std::move(order)});
  }
  return tried;
}

InstanceId Batch::new_root(const std::string& tenant, const std::string& lane_key) {
  InstanceId id = context_.random->new_instance_id(now_);
  id.bytes[15] = lane_byte(tenant, lane_key);
  return id;
}

void Batch::begin_deliver(std::size_t index) {
  Task& task = tasks_[index];
  auto& order = std::get<DeliverOrder>(task.item.order);
  if (!order.shard) {
    // It may have been here before it was looked for. The shard stays with the item: it must be
    // true also when the item goes again.
    const Work* work = find(order.to);
    const auto place = places_.find(order.to);
    if (work != nullptr) {
      order.shard = work->stored.key.shard;
    } else if (place != places_.end() && place->second) {
      order.shard = place->second->shard;
      if (hand_over(task, {*place->second})) return;
    } else {
      order.shard = shard_of(order.to);
    }
  }
  send({{*order.shard, order.to}, index, true, false, order.event});
}

// A call of a dead session, or one that waited: does its instance still want it?
void Batch::begin_call_check(std::size_t index) {
  Task& task = tasks_[index];
  const auto& check = std::get<CallCheckOrder>(task.item.order);
  const CallId& id = check.row.id;
  Work* work = find(id.instance);
  const auto spec = parse_request(check.row.request);
  const bool readable = work != nullptr && !work->unreadable;
  if (work != nullptr && !readable) {
    quarantine(*work);
    task.later = true;
    return;
  }
  if (readable && is_doubtful(*work)) {
    // What is sent can't be taken back, so not because of a snapshot that may be old.
    doubted_.insert(id.instance);
    task.stage = Stage::fresh;
    return;
  }
  const bool wanted = readable && (!spec || is_wanted(work->stored.snapshot, id, *spec));
  const bool unsettled = check.maybe_sent && spec && !spec->read_only;
  if (wanted || (readable && unsettled)) {
    task.outgoing.push_back({check.row, check.maybe_sent, !wanted, false, check.by_hand});
    return;
  }
  send({{check.row.shard, id.instance},
        index,
        false,
        false,
        EndCall{check.row, false, {}, withdrawn_error()}});
}

// What found nobody may be meant for somebody who appeared later in this batch.
void Batch::settle_unmatched() {
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    Task& task = tasks_[i];
    if (!task.unmatched) continue;
    const Found found = resolve(task.plan, keys_);
    if (!found.unknown.empty()) return;
    task.unmatched = false;
    if (!found.live.empty()) {
      const auto& event = std::get<FindOrder>(task.item.order).event;
      const machine::Event shared = share_of(event, found.live.size());
      for (const ports::InstanceKey& hit : found.live) send({hit, i, true, false, shared});
      drain();
      continue;
    }
    const bool waits = task.item.parked_on && task.item.parked_on->slot != k_unknown_slot;
    if (waits && found.ended.empty()) continue;  // stays where it is
    if (!found.ended.empty() && found.unhandled == machine::Unhandled::reject) {
      // What ended it may come twice.
      const auto came = came_before(task);
      task.unmatched = !came;
      if (came.value_or(true)) continue;
    }
    for (const ports::InstanceKey& ended : found.ended) {
      Delivery delivery;
      delivery.instance = ended.id;
      delivery.disposition = machine::Disposition::ended;
      task.deliveries.push_back(std::move(delivery));
    }
    if (!found.ended.empty()) {
      task.whole = machine::Disposition::ended;
      task.effective = true;
      if (found.unhandled == machine::Unhandled::reject) {
        task.whole = machine::Disposition::rejected;
        task.effective = false;
      }
      continue;
    }
    park(task);
  }
}

// The keys on which an event that found nobody waits; none when it is dropped.
std::vector<ports::BindingKey> Batch::waiting_keys(const Task& task) const {
  const auto& event = std::get<FindOrder>(task.item.order).event;
  if (!task.plan.declared && task.item.keep_unknown) {
    return {binding_of_unknown(event.tenant, event.name)};
  }
  const auto& searches = task.plan.searches;
  const bool dropped = std::all_of(searches.begin(), searches.end(), [](const Search& search) {
    return search.early == machine::Early::drop;
  });
  return dropped ? std::vector<ports::BindingKey>{} : task.plan.keys();
}

bool Batch::may_park(Task& task, const std::string& counted_as) {
  const auto& event = std::get<FindOrder>(task.item.order).event;
  if (context_.parking == nullptr || context_.parking->admit(counted_as)) return true;
  if (task.item.keep_unknown && !task.plan.declared) {
    // Nobody has asked for it: its sender need not try again.
    task.whole = machine::Disposition::ignored;
    return false;
  }
  task.effective = false;
  // What came from an instance stays in its outbox meanwhile; from outside it can come again.
  task.later = !task.item.done;
  task.error = Error{ErrorClass::unavailable,
                     "too_many_waiting",
                     event.name +
                         " has no instance yet, and too many events wait for theirs: "
                         "send it again later",
                     {}};
  return false;
}

void Batch::park(Task& task) {
  const auto& event = std::get<FindOrder>(task.item.order).event;
  task.effective = true;
  task.resolved = task.item.parked_on.has_value();
  std::vector<ports::BindingKey> keys = waiting_keys(task);
  if (keys.empty()) {
    task.whole = machine::Disposition::ignored;
    return;
  }
  if (!may_park(task, keys.front().tenant)) return;
  task.whole = machine::Disposition::waiting;
  const MarkId fresh{context_.random->new_instance_id(now_).bytes};
  if (!task.item.mark) task.item.mark = fresh;
  // One that waited for its declaration waits on its own keys from now on, as another row.
  ports::ParkWrite write{task.item.parked_on ? fresh : *task.item.mark,
                         std::move(keys),
                         types::to_json(machine::encode_event(event)),
                         now_ + context_.park_for};
  rows_ += write.keys.size() + 1;
  bytes_ += write.event.size();
  task.park = std::move(write);
}

}  // namespace vozex::runtime
