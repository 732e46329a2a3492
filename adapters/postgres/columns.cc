// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/columns.h"

#include "engine/base/assert.h"

namespace vozex::postgres {
namespace {

// Positions in p_n.
enum Count : std::size_t {
  instance_ops = 0,  // the first five
  history_rows = 5,
  mark_ops = 6,  // the next three
  takes_and_waits = 9,
  alias_adds = 10,
  key_ends = 11,
  alias_ends = 12,
  parked_rows = 13,
  call_inserts = 14,
  call_ends = 15,
  call_changes = 16,
  call_withdrawals = 17,
  outbox_inserts = 18,
  outbox_done = 19,
  releases = 20,
};

Count count_of(ports::CallOp op) {
  switch (op) {
    case ports::CallOp::insert: return call_inserts;
    case ports::CallOp::end: return call_ends;
    case ports::CallOp::withdraw: return call_withdrawals;
    case ports::CallOp::retry:
    case ports::CallOp::dead:
    case ports::CallOp::lease: return call_changes;
  }
  return call_inserts;
}

Count count_of(FoldedOp op) {
  switch (op) {
    case FoldedOp::take:
    case FoldedOp::take_reusable:
    case FoldedOp::look:
    case FoldedOp::wait: return takes_and_waits;
    case FoldedOp::add_alias: return alias_adds;
    case FoldedOp::end_key:
    case FoldedOp::release_key: return key_ends;
    case FoldedOp::end_alias:
    case FoldedOp::release_alias: return alias_ends;
  }
  return takes_and_waits;
}

}  // namespace

InstanceOp op_of(const ports::InstanceWrite& write) {
  const bool ends = machine::is_ended(write.row.life);
  VOZEX_ASSERT(!write.was_ended || ends);
  if (write.old == 0) return ends ? InstanceOp::insert_ended : InstanceOp::insert;
  if (write.was_ended) return InstanceOp::update_ended;
  return ends ? InstanceOp::end : InstanceOp::update;
}

std::int16_t number_of(ports::CallOp op) {
  switch (op) {
    case ports::CallOp::insert: return 1;
    case ports::CallOp::end: return 2;
    case ports::CallOp::retry: return 3;
    case ports::CallOp::dead: return 4;
    case ports::CallOp::lease: return 5;
    case ports::CallOp::withdraw: return 6;
  }
  return 0;
}

bool takes_lease(const ports::CallWrite& write) {
  return write.op == ports::CallOp::lease ||
         (write.op == ports::CallOp::insert && write.row.state == ports::CallState::leased);
}

std::string joined_roles(const ports::TaskRow& row) {
  std::string joined;
  for (const std::string& role : row.roles) joined += (joined.empty() ? "" : "\x1f") + role;
  return joined;
}

void InstanceColumns::add(std::int32_t group,
                          const ports::InstanceWrite& write,
                          RowCounts& counts) {
  const ports::InstanceRow& row = write.row;
  const auto number = static_cast<std::int16_t>(op_of(write));
  ++counts[instance_ops + static_cast<std::size_t>(number) - 1];
  g.add_int4(group);
  op.add_int2(number);
  shard.add_int2(row.shard);
  id.add_id(row.id);
  old.add_int8(static_cast<std::int64_t>(write.old));
  version.add_int4(signed_bits(row.version));
  seq.add_int4(signed_bits(row.seq));
  life.add_int2(static_cast<std::int16_t>(row.life));
  state.add_text(row.state);
  status.add_text(row.status);
  incident.add_bool(row.incident);
  row.timer_at ? timer.add_time(*row.timer_at) : timer.add_null();
  at.add_time(row.at);
  const bool inserts = write.old == 0;
  inserts || write.data_changed ? data.add_text(row.data) : data.add_null();
  rt.add_text(row.rt);
  output.add_text(row.output);
  inserts ? root.add_id(row.root) : root.add_null();
  inserts ? parent.add_id_or_null(row.parent) : parent.add_null();
  inserts ? tenant.add_text(row.tenant) : tenant.add_null();
  inserts ? workflow.add_text(row.workflow) : workflow.add_null();
  inserts ? key.add_text(row.key) : key.add_null();
  inserts ? started.add_time(row.started_at) : started.add_null();
  inserts ? input.add_text(row.input) : input.add_null();
}

std::vector<const Column*> InstanceColumns::all() const {
  return {&g,     &op,     &shard,    &id,       &old, &version, &seq,  &life,
          &state, &status, &incident, &timer,    &at,  &data,    &rt,   &output,
          &root,  &parent, &tenant,   &workflow, &key, &started, &input};
}

void HistoryColumns::add(std::int32_t group, const ports::HistoryRow& row, RowCounts& counts) {
  ++counts[history_rows];
  g.add_int4(group);
  shard.add_int2(row.shard);
  id.add_id(row.id);
  seq.add_int4(signed_bits(row.seq));
  disposition.add_int2(static_cast<std::int16_t>(row.disposition));
  at.add_time(row.at);
  entry.add_text(row.entry);
}

std::vector<const Column*> HistoryColumns::all() const {
  return {&g, &shard, &id, &seq, &disposition, &at, &entry};
}

void MarkColumns::add(std::int32_t group, const ports::MarkWrite& write, RowCounts& counts) {
  const std::int16_t number = write.resolve ? 2 : 1;
  ++counts[mark_ops + static_cast<std::size_t>(number) - 1];
  g.add_int4(group);
  op.add_int2(number);
  shard.add_int2(shard_of_mark(write.mark));
  mark.add_id(write.mark);
  instance.add_id_or_null(write.instance);
  seq.add_int4(signed_bits(write.seq));
  disposition.add_int2(static_cast<std::int16_t>(write.disposition));
  answer.add_text(write.answer);
}

void MarkColumns::unpark(std::int32_t group, const MarkId& parked, RowCounts& counts) {
  ++counts[mark_ops + 2];
  g.add_int4(group);
  op.add_int2(3);
  shard.add_int2(shard_of_mark(parked));
  mark.add_id(parked);
  instance.add_null();
  seq.add_null();
  disposition.add_null();
  answer.add_null();
}

std::vector<const Column*> MarkColumns::all() const {
  return {&g, &op, &shard, &mark, &instance, &seq, &disposition, &answer};
}

void BindingColumns::add(std::int32_t position,
                         std::int32_t group,
                         const FoldedBinding& binding,
                         RowCounts& counts) {
  const bool waits = binding.op == FoldedOp::wait;
  const bool has_holder = !waits && binding.op != FoldedOp::look;
  ++counts[count_of(binding.op)];
  if (binding.op == FoldedOp::release_key || binding.op == FoldedOp::release_alias) {
    ++counts[releases];
  }
  n.add_int4(position);
  g.add_int4(group);
  op.add_int2(static_cast<std::int16_t>(binding.op));
  const Bytes16 key_id = id_of(binding.binding);
  shard.add_int2(shard_of_binding(key_id));
  id.add_bytes(key_id);
  tenant.add_text(binding.binding.tenant);
  slot.add_text(binding.binding.slot);
  key.add_text(binding.binding.key);
  live.add_int4(has_holder && binding.live ? 1 : 0);
  has_holder ? instance_shard.add_int2(binding.holder.shard) : instance_shard.add_null();
  has_holder ? instance.add_id(binding.holder.id) : instance.add_null();
  gives.add_id_or_null(binding.gives);
  waits ? mark_shard.add_int2(shard_of_mark(binding.mark)) : mark_shard.add_null();
  waits ? mark.add_id(binding.mark) : mark.add_null();
}

std::vector<const Column*> BindingColumns::all() const {
  return {&n,
          &g,
          &op,
          &shard,
          &id,
          &tenant,
          &slot,
          &key,
          &live,
          &instance_shard,
          &instance,
          &gives,
          &mark_shard,
          &mark};
}

void ParkColumns::add(std::int32_t group, const ports::ParkWrite& park, RowCounts& counts) {
  ++counts[parked_rows];
  g.add_int4(group);
  shard.add_int2(shard_of_mark(park.mark));
  mark.add_id(park.mark);
  expires.add_time(park.expires_at);
  event.add_text(park.event);
}

std::vector<const Column*> ParkColumns::all() const {
  return {&g, &shard, &mark, &expires, &event};
}

void CallColumns::add(std::int32_t group, const ports::CallWrite& write, RowCounts& counts) {
  const ports::CallRow& row = write.row;
  ++counts[count_of(write.op)];
  g.add_int4(group);
  op.add_int2(number_of(write.op));
  shard.add_int2(row.shard);
  instance.add_id(row.id.instance);
  seq.add_int4(signed_bits(row.id.seq));
  idx.add_int4(row.id.index);
  tenant.add_text(row.tenant);
  adapter.add_text(row.adapter);
  state.add_int2(static_cast<std::int16_t>(row.state));
  takes_lease(write) ? owner.add_id(row.owner) : owner.add_null();
  attempt.add_int4(row.attempt);
  next.add_time(row.next_at);
  decided.add_time(row.decided_at);
  request.add_text(row.request);
  error.add_text(row.error);
  expect_owner.add_id(write.expect_owner);
  expect_attempt.add_int4(write.expect_attempt);
}

std::vector<const Column*> CallColumns::all() const {
  return {&g,
          &op,
          &shard,
          &instance,
          &seq,
          &idx,
          &tenant,
          &adapter,
          &state,
          &owner,
          &attempt,
          &next,
          &decided,
          &request,
          &error,
          &expect_owner,
          &expect_attempt};
}

void OutboxColumns::add(std::int32_t group,
                        const ports::OutboxRow& row,
                        bool done,
                        RowCounts& counts) {
  ++counts[done ? outbox_done : outbox_inserts];
  g.add_int4(group);
  op.add_int2(done ? 2 : 1);
  shard.add_int2(row.shard);
  from.add_id(row.from);
  seq.add_int4(signed_bits(row.seq));
  idx.add_int4(row.index);
  owner.add_id(row.owner);
  event.add_text(row.event);
}

std::vector<const Column*> OutboxColumns::all() const {
  return {&g, &op, &shard, &from, &seq, &idx, &owner, &event};
}

void TaskColumns::add(std::int32_t group, const ports::InstanceWrite& write) {
  if (!write.tasks_changed) return;
  d_g.add_int4(group);
  d_shard.add_int2(write.row.shard);
  d_instance.add_id(write.row.id);
  if (machine::is_ended(write.row.life)) return;
  for (const ports::TaskRow& row : write.tasks) add(group, row);
}

void TaskColumns::add(std::int32_t group, const ports::TaskRow& row) {
  g.add_int4(group);
  shard.add_int2(row.shard);
  instance.add_id(row.id.instance);
  seq.add_int4(signed_bits(row.id.seq));
  idx.add_int4(row.id.index);
  tenant.add_text(row.tenant);
  workflow.add_text(row.workflow);
  key.add_text(row.key);
  state.add_text(row.state);
  title.add_text(row.title);
  queue.add_text(row.queue);
  roles.add_text(joined_roles(row));
  assignee.add_text(row.assignee);
  opened.add_time(row.opened_at);
  row.claimed_at ? claimed.add_time(*row.claimed_at) : claimed.add_null();
  due.add_time(ports::due_of(row));
  level.add_int4(row.level);
}

std::vector<const Column*> TaskColumns::owners() const { return {&d_g, &d_shard, &d_instance}; }

std::vector<const Column*> TaskColumns::all() const {
  return {&g,
          &shard,
          &instance,
          &seq,
          &idx,
          &tenant,
          &workflow,
          &key,
          &state,
          &title,
          &queue,
          &roles,
          &assignee,
          &opened,
          &claimed,
          &due,
          &level};
}

void Columns::add(std::int32_t position, const ports::Group& group) {
  for (const auto& write : group.instances) {
    instances.add(position, write, counts);
    tasks.add(position, write);
  }
  for (const auto& row : group.history) history.add(position, row, counts);
  for (const auto& write : group.marks) marks.add(position, write, counts);
  for (const auto& mark : group.unparks) marks.unpark(position, mark, counts);
  for (const auto& park : group.parks) parks.add(position, park, counts);
  for (const auto& write : group.calls) calls.add(position, write, counts);
  for (const auto& row : group.outbox) outbox.add(position, row, false, counts);
  for (const auto& row : group.outbox_done) outbox.add(position, row, true, counts);
}

}  // namespace vozex::postgres
