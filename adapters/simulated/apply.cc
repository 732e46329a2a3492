// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "adapters/simulated/tables.h"

namespace vozex::simulated {
namespace {

using ports::BindingOp;
using ports::CallOp;
using ports::CallState;

void set_timer(Tables& tables,
               const ports::InstanceKey& key,
               std::optional<Timestamp> before,
               std::optional<Timestamp> after) {
  if (before) tables.timers.erase({*before, key});
  if (after) tables.timers.insert({*after, key});
}

// Identity, input and start stay as they were inserted; the rest is as written.
ports::InstanceRow merged(const ports::InstanceRow& before, const ports::InstanceWrite& write) {
  ports::InstanceRow row = before;
  row.version = write.row.version;
  row.seq = write.row.seq;
  row.life = write.row.life;
  row.state = write.row.state;
  row.status = write.row.status;
  row.incident = write.row.incident;
  row.timer_at = write.row.timer_at;
  row.at = write.row.at;
  if (write.data_changed) row.data = write.row.data;
  row.rt = write.row.rt;
  row.output = write.row.output;
  return row;
}

void write_tasks(Tables& tables, const ports::InstanceWrite& write) {
  const auto first = tables.tasks.lower_bound({write.row.id, 0, 0});
  auto last = first;
  while (last != tables.tasks.end() && last->first.instance == write.row.id) ++last;
  tables.tasks.erase(first, last);
  if (machine::is_ended(write.row.life)) return;
  for (const ports::TaskRow& task : write.tasks) tables.tasks.emplace(task.id, task);
}

void apply(Tables& tables, const ports::InstanceWrite& write, Etag etag) {
  if (write.tasks_changed) write_tasks(tables, write);
  const ports::InstanceKey key{write.row.shard, write.row.id};
  auto& source = write.was_ended ? tables.finished : tables.live;
  const auto found = source.find(key);
  ports::InstanceRow row = found == source.end() ? write.row : merged(found->second, write);
  row.etag = etag;
  if (machine::is_ended(row.life)) row.timer_at.reset();
  if (found != source.end()) {
    if (!write.was_ended) set_timer(tables, key, found->second.timer_at, std::nullopt);
    source.erase(found);
  }
  if (machine::is_ended(row.life)) {
    tables.finished.emplace(key, std::move(row));
  } else {
    set_timer(tables, key, std::nullopt, row.timer_at);
    tables.live.emplace(key, std::move(row));
  }
}

void apply(Tables& tables, const ports::BindingWrite& write, std::set<ports::BindingKey>& claims) {
  Arbiter& arbiter = tables.bindings[write.binding];
  switch (write.op) {
    case BindingOp::take_key: arbiter.holders = {{write.instance, false}}; break;
    case BindingOp::add_alias: arbiter.holders[write.instance] = false; break;
    case BindingOp::end: {
      const auto found = arbiter.holders.find(write.instance);
      if (found != arbiter.holders.end()) found->second = true;
      break;
    }
    case BindingOp::release: arbiter.holders.erase(write.instance); break;
  }
  const bool takes = write.op == BindingOp::take_key || write.op == BindingOp::add_alias;
  if (takes && !arbiter.waiting.empty()) claims.insert(write.binding);
  if (arbiter.holders.empty() && arbiter.waiting.empty()) tables.bindings.erase(write.binding);
}

void apply(Tables& tables, const ports::ParkWrite& park) {
  Parked parked;
  parked.row = {park.mark, ++tables.last_order, park.event, park.expires_at};
  parked.keys = park.keys;
  for (const ports::BindingKey& key : park.keys) tables.bindings[key].waiting.insert(park.mark);
  tables.parked.emplace(park.mark, std::move(parked));
}

void withdraw(Tables& tables, const CallId& id) {
  const auto found = tables.calls.find(id);
  if (found != tables.calls.end() && found->second.state == CallState::waiting) {
    tables.calls.erase(found);
  }
}

void apply(Tables& tables, const ports::CallWrite& write) {
  switch (write.op) {
    case CallOp::insert: {
      ports::CallRow row = write.row;
      if (row.state != CallState::leased) row.owner = {};
      tables.calls.emplace(row.id, std::move(row));
      return;
    }
    case CallOp::end: tables.calls.erase(write.row.id); return;
    case CallOp::withdraw: withdraw(tables, write.row.id); return;
    case CallOp::retry:
    case CallOp::dead:
    case CallOp::lease: break;
  }
  ports::CallRow& row = tables.calls.at(write.row.id);
  row.owner = write.op == CallOp::lease ? write.row.owner : SessionId{};
  if (write.op == CallOp::dead) {
    row.state = CallState::dead;
    row.error = write.row.error;
    return;
  }
  row.attempt = write.row.attempt;
  if (write.op == CallOp::lease) {
    row.state = CallState::leased;
    return;
  }
  row.state = CallState::waiting;
  row.next_at = write.row.next_at;
  row.error = write.row.error;
}

}  // namespace

void apply(Tables& tables,
           const ports::Group& group,
           Etag etag,
           std::set<ports::BindingKey>& claims) {
  for (const auto& mark : group.unparks) unpark(tables, mark);
  for (const auto& write : group.instances) apply(tables, write, etag);
  for (const auto& write : group.bindings) apply(tables, write, claims);
  for (const auto& park : group.parks) apply(tables, park);
  for (const auto& row : group.history) tables.history.insert_or_assign({row.id, row.seq}, row);
  for (const auto& write : group.marks) {
    tables.marks.insert_or_assign(write.mark,
                                  ports::MarkRow{write.mark, write.disposition, write.answer});
  }
  for (const auto& write : group.calls) apply(tables, write);
  for (const auto& row : group.outbox) tables.outbox.insert_or_assign(key_of(row), row);
  for (const auto& row : group.outbox_done) tables.outbox.erase(key_of(row));
}

}  // namespace vozex::simulated
