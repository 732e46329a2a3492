// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/operations.h"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>

#include "adapters/postgres/numbers.h"
#include "adapters/postgres/row_array.h"
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

void put_insert(RowArray& rows, std::int32_t group, const ports::InstanceWrite& write) {
  const ports::InstanceRow& row = write.row;
  rows.row(23).int4(group).int2(static_cast<std::int16_t>(op_of(write)));
  rows.int2(row.shard).id(row.id).null(k_int8);
  put_change(rows, write).id(row.root).id_or_null(row.parent).text(row.tenant).text(row.workflow);
  rows.text(row.key).time(row.started_at).text(row.input);
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

void put_call(RowArray& rows, std::int32_t group, const ports::CallWrite& write) {
  const ports::CallRow& row = write.row;
  rows.row(17).int4(group).int2(number_of(write.op)).int2(row.shard).id(row.id.instance);
  rows.int4(signed_bits(row.id.seq)).int4(row.id.index).text(row.tenant).text(row.adapter);
  rows.int2(static_cast<std::int16_t>(row.state));
  takes_lease(write) ? rows.id(row.owner) : rows.null(k_uuid);
  rows.int4(row.attempt).time(row.next_at).time(row.decided_at).text(row.request).text(row.error);
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

// Rows that `put` makes of each.
template <class Writes, class Put>
RowArray rows_of(const Writes& writes, Put put) {
  RowArray rows;
  for (const auto& [group, write] : writes) put(rows, group, *write);
  return rows;
}

template <class Writes>
void sort_by_key(Writes& instances) {
  std::sort(instances.begin(), instances.end(), [](const auto& a, const auto& b) {
    return std::tie(a.write->row.shard, a.write->row.id) <
           std::tie(b.write->row.shard, b.write->row.id);
  });
}

}  // namespace

void Operations::add(std::int32_t position, const ports::InstanceWrite& write) {
  switch (op_of(write)) {
    case InstanceOp::insert: news_.push_back({position, &write}); break;
    case InstanceOp::update: steps_.push_back({position, &write}); break;
    case InstanceOp::end: ends_.push_back({position, &write}); break;
    case InstanceOp::update_ended: late_.push_back({position, &write}); break;
    case InstanceOp::insert_ended: born_.push_back({position, &write}); break;
  }
}

void Operations::add(std::int32_t position, const ports::HistoryRow& row) {
  history_.push_back({position, &row});
}

void Operations::add(std::int32_t position, std::int16_t place, const ports::MarkWrite& write) {
  if (write.resolve) {
    answers_.push_back({position, &write});
  } else {
    marks_.push_back({position, place, &write});
  }
}

void Operations::add(std::int32_t position, const MarkId& unpark) {
  unparks_.push_back({position, &unpark});
}

void Operations::add(std::int32_t position, const ports::ParkWrite& park) {
  parks_.push_back({position, &park});
}

void Operations::add(std::int32_t position, const ports::CallWrite& write) {
  auto& some = write.op == ports::CallOp::insert ? calls_
               : write.op == ports::CallOp::end  ? called_
                                                 : recalls_;
  some.push_back({position, &write});
}

void Operations::add(std::int32_t position, const ports::OutboxRow& row, bool done) {
  (done ? sent_ : posts_).push_back({position, &row});
}

void Operations::add(std::int32_t place, std::int32_t position, const FoldedBinding& binding) {
  waits_ = waits_ || binding.op == FoldedOp::wait;
  keys_.push_back({place, position, &binding, id_of(binding.binding)});
}

void Operations::add_to(Params& params, const RowTypes& types, EarlyEvents early) {
  add_instances_to(params, types);
  add_marks_to(params, types, early);
  add_keys_to(params, types, early);
  add_calls_to(params, types);
  add_messages_to(params, types);
  add_tasks_to(params, types);
}

void Operations::add_instances_to(Params& params, const RowTypes& types) {
  for (auto* writes : {&steps_, &ends_, &late_}) sort_by_key(*writes);
  params.rows(types.instance, rows_of(news_, put_insert));
  params.rows(types.instance, rows_of(born_, put_insert));
  for (const auto* writes : {&steps_, &ends_, &late_}) {
    params.rows(types.step, rows_of(*writes, put_step));
  }
  params.rows(types.history,
              rows_of(history_, [](RowArray& rows, auto group, const ports::HistoryRow& row) {
                rows.row(7).int4(group).int2(row.shard).id(row.id).int4(signed_bits(row.seq));
                rows.int2(static_cast<std::int16_t>(row.disposition)).time(row.at).text(row.entry);
              }));
}

void Operations::add_marks_to(Params& params, const RowTypes& types, EarlyEvents early) {
  std::sort(marks_.begin(), marks_.end(), [](const Mark& a, const Mark& b) {
    return std::tuple(shard_of_mark(a.write->mark), a.write->mark) <
           std::tuple(shard_of_mark(b.write->mark), b.write->mark);
  });
  RowArray marks;
  for (const Mark& mark : marks_) {
    const ports::MarkWrite& write = *mark.write;
    marks.row(8).int4(mark.group).int2(mark.place).int2(shard_of_mark(write.mark)).id(write.mark);
    marks.id_or_null(write.instance).int4(signed_bits(write.seq));
    marks.int2(static_cast<std::int16_t>(write.disposition)).text(write.answer);
  }
  RowArray answers = rows_of(answers_, put_answer);
  if (early == EarlyEvents::here) {
    for (const auto& [group, mark] : unparks_) put_delivered(answers, group, *mark);
  }
  params.rows(types.mark, marks).rows(types.answer, answers);
}

// A key that is taken where others of the same call wait for keys goes with them: they may be the
// same ones.
void Operations::add_keys_to(Params& params, const RowTypes& types, EarlyEvents early) {
  std::sort(keys_.begin(), keys_.end(), [](const Key& a, const Key& b) {
    return std::tuple(shard_of_binding(a.id), a.id) < std::tuple(shard_of_binding(b.id), b.id);
  });
  RowArray takes, over, others;
  std::int32_t ops = 0;
  for (const Key& key : keys_) {
    const FoldedBinding& binding = *key.write;
    const auto op = static_cast<std::int16_t>(binding.op);
    const bool takes_it = binding.op == FoldedOp::take || binding.op == FoldedOp::take_reusable;
    const bool apart = !takes_it && binding.op != FoldedOp::end_key;
    if (apart || (takes_it && waits_)) ops |= 1 << op;
    RowArray& rows = apart || (takes_it && waits_) ? others : takes_it ? takes : over;
    const bool waits = binding.op == FoldedOp::wait;
    const bool held = !waits && binding.op != FoldedOp::look;
    rows.row(14).int4(key.place).int4(key.group).int2(op).int2(shard_of_binding(key.id));
    rows.bytes(key.id).text(binding.binding.tenant).text(binding.binding.slot);
    rows.text(binding.binding.key).int4(held && binding.live ? 1 : 0);
    held ? rows.int2(binding.holder.shard) : rows.null(k_int2);
    held ? rows.id(binding.holder.id) : rows.null(k_uuid);
    rows.id_or_null(binding.gives);
    waits ? rows.int2(shard_of_mark(binding.mark)) : rows.null(k_int2);
    waits ? rows.id(binding.mark) : rows.null(k_uuid);
  }
  params.int4(ops).rows(types.binding, takes).rows(types.binding, over);
  params.rows(types.binding, others);
  if (early == EarlyEvents::elsewhere) {
    // An array without rows, where null says that nothing waits.
    waits_ ? params.no_rows(types.parked) : params.rows(types.parked, {});
    return;
  }
  params.rows(types.parked,
              rows_of(parks_, [](RowArray& rows, auto group, const ports::ParkWrite& park) {
                rows.row(5).int4(group).int2(shard_of_mark(park.mark)).id(park.mark);
                rows.time(park.expires_at).text(park.event);
              }));
}

void Operations::add_calls_to(Params& params, const RowTypes& types) const {
  for (const auto* writes : {&calls_, &called_, &recalls_}) {
    params.rows(types.call, rows_of(*writes, put_call));
  }
}

void Operations::add_messages_to(Params& params, const RowTypes& types) const {
  RowArray posts, sent;
  for (const auto& [group, row] : posts_) put_message(posts, group, 1, *row);
  for (const auto& [group, row] : sent_) put_message(sent, group, 2, *row);
  params.rows(types.outbox, posts).rows(types.outbox, sent);
}

void Operations::add_tasks_to(Params& params, const RowTypes& types) const {
  RowArray owners, tasks;
  for (const auto* writes : {&news_, &born_, &steps_, &ends_, &late_}) {
    for (const auto& [group, write] : *writes) {
      if (!write->tasks_changed) continue;
      owners.row(3).int4(group).int2(write->row.shard).id(write->row.id);
      if (machine::is_ended(write->row.life)) continue;
      for (const ports::TaskRow& row : write->tasks) put_task(tasks, group, row);
    }
  }
  params.rows(types.tasks_of, owners).rows(types.task, tasks);
}

}  // namespace vozex::postgres
