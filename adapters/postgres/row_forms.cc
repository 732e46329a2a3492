// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/row_forms.h"

#include "adapters/postgres/numbers.h"
#include "engine/ports/query_store.h"

namespace vozex::postgres {
namespace {

RowArray& put_change(RowArray& rows, const ports::InstanceWrite& write) {
  const ports::InstanceRow& row = write.row;
  rows.int4(signed_bits(row.version)).int4(signed_bits(row.seq));
  rows.int2(static_cast<std::int16_t>(row.life)).text(row.state).text(row.status);
  rows.boolean(row.incident);
  row.timer_at ? rows.time(*row.timer_at) : rows.null(k_time);
  rows.time(row.at);
  write.old == 0 || write.data_changed ? rows.text(row.data) : rows.null(k_text);
  return rows.text(row.rt).text(row.output);
}

// From the shard to the error.
void put_attributes(RowArray& rows, const ports::CallWrite& write) {
  const ports::CallRow& row = write.row;
  rows.int2(row.shard).id(row.id.instance).int4(signed_bits(row.id.seq)).int4(row.id.index);
  rows.text(row.tenant).text(row.adapter).int2(static_cast<std::int16_t>(row.state));
  takes_lease(write) ? rows.id(row.owner) : rows.null(k_uuid);
  rows.int4(row.attempt).time(row.next_at).time(row.decided_at).text(row.request).text(row.error);
}

}  // namespace

void put_insert(RowArray& rows, std::int32_t group, const ports::InstanceWrite& write) {
  const ports::InstanceRow& row = write.row;
  rows.row(23).int4(group).int2(static_cast<std::int16_t>(op_of(write)));
  rows.int2(row.shard).id(row.id).null(k_int8);
  put_change(rows, write).id(row.root).id_or_null(row.parent).text(row.tenant).text(row.workflow);
  rows.text(row.key).time(row.started_at).text(row.input);
}

void put_start(RowArray& rows, std::int32_t group, const ports::InstanceWrite& write) {
  const ports::InstanceRow& row = write.row;
  rows.row(21).int4(group).int2(row.shard).id(row.id).id(row.root).id_or_null(row.parent);
  rows.text(row.tenant).text(row.workflow).int4(signed_bits(row.version)).text(row.key);
  rows.int4(signed_bits(row.seq)).int2(static_cast<std::int16_t>(row.life)).text(row.state);
  rows.text(row.status).boolean(row.incident);
  row.timer_at ? rows.time(*row.timer_at) : rows.null(k_time);
  rows.time(row.at).time(row.started_at).text(row.input).text(row.data).text(row.rt);
  rows.text(row.output);
}

void put_step(RowArray& rows, std::int32_t group, const ports::InstanceWrite& write) {
  rows.row(15).int4(group).int2(write.row.shard).id(write.row.id);
  rows.int8(static_cast<std::int64_t>(write.old));
  put_change(rows, write);
}

void put_answer(RowArray& rows, std::int32_t group, const ports::MarkWrite& write) {
  rows.row(8).int4(group).int2(2).int2(shard_of_mark(write.mark)).id(write.mark);
  rows.id_or_null(write.instance).int4(signed_bits(write.seq));
  rows.int2(static_cast<std::int16_t>(write.disposition)).text(write.answer);
}

void put_delivered(RowArray& rows, std::int32_t group, const MarkId& mark) {
  rows.row(8).int4(group).int2(3).int2(shard_of_mark(mark)).id(mark);
  rows.null(k_uuid).null(k_int4).null(k_int2).null(k_text);
}

void put_binding(RowArray& rows,
                 std::int32_t place,
                 std::int32_t group,
                 const FoldedBinding& binding,
                 const Bytes16& id) {
  const bool waits = binding.op == FoldedOp::wait;
  const bool held = !waits && binding.op != FoldedOp::look;
  rows.row(14).int4(place).int4(group).int2(static_cast<std::int16_t>(binding.op));
  rows.int2(shard_of_binding(id)).bytes(id).text(binding.binding.tenant);
  rows.text(binding.binding.slot).text(binding.binding.key).int4(held && binding.live ? 1 : 0);
  held ? rows.int2(binding.holder.shard) : rows.null(k_int2);
  held ? rows.id(binding.holder.id) : rows.null(k_uuid);
  rows.id_or_null(binding.gives);
  waits ? rows.int2(shard_of_mark(binding.mark)) : rows.null(k_int2);
  waits ? rows.id(binding.mark) : rows.null(k_uuid);
}

void put_insert_call(RowArray& rows, std::int32_t group, const ports::CallWrite& write) {
  put_attributes(rows.row(14).int4(group), write);
}

void put_end_call(RowArray& rows, std::int32_t group, const ports::CallWrite& write) {
  const CallId& id = write.row.id;
  rows.row(7).int4(group).int2(write.row.shard).id(id.instance).int4(signed_bits(id.seq));
  rows.int4(id.index).id(write.expect_owner).int4(write.expect_attempt);
}

void put_call(RowArray& rows, std::int32_t group, const ports::CallWrite& write) {
  put_attributes(rows.row(17).int4(group).int2(number_of(write.op)), write);
  rows.id(write.expect_owner).int4(write.expect_attempt);
}

void put_message(RowArray& rows, std::int32_t group, std::int16_t op, const ports::OutboxRow& row) {
  rows.row(8).int4(group).int2(op).int2(row.shard).id(row.from).int4(signed_bits(row.seq));
  rows.int4(row.index).id(row.owner).text(row.event);
}

void put_task(RowArray& rows, std::int32_t group, const ports::TaskRow& row) {
  rows.row(17).int4(group).int2(row.shard).id(row.id.instance).int4(signed_bits(row.id.seq));
  rows.int4(row.id.index).text(row.tenant).text(row.workflow).text(row.key).text(row.state);
  rows.text(row.title).text(row.queue).text(joined_roles(row)).text(row.assignee);
  rows.time(row.opened_at);
  row.claimed_at ? rows.time(*row.claimed_at) : rows.null(k_time);
  rows.time(ports::due_of(row)).int4(row.level);
}

}  // namespace vozex::postgres
