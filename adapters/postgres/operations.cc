// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/operations.h"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>

#include "adapters/postgres/numbers.h"
#include "adapters/postgres/row_array.h"
#include "adapters/postgres/row_forms.h"

namespace vozex::postgres {
namespace {

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

// A key that is taken where others of the same call wait for keys goes with them: they may be the
// same ones.
Operations::KeyPlace Operations::place_of(const Key& key) const {
  const FoldedOp op = key.write->op;
  if (op == FoldedOp::end_key) return KeyPlace::over;
  const bool takes = op == FoldedOp::take || op == FoldedOp::take_reusable;
  return takes && !waits_ ? KeyPlace::take : KeyPlace::other;
}

bool Operations::has_rest() const {
  const auto is_other = [&](const Key& key) { return place_of(key) == KeyPlace::other; };
  const auto has_tasks = [](const auto& writes) {
    return std::any_of(
        writes.begin(), writes.end(), [](const auto& of) { return of.write->tasks_changed; });
  };
  return !(born_.empty() && late_.empty() && answers_.empty() && unparks_.empty() &&
           parks_.empty() && recalls_.empty() && posts_.empty() && sent_.empty()) ||
         std::any_of(keys_.begin(), keys_.end(), is_other) || has_tasks(news_) ||
         has_tasks(steps_) || has_tasks(ends_);
}

std::size_t Operations::rows() const {
  const auto takes = std::count_if(
      keys_.begin(), keys_.end(), [&](const Key& key) { return place_of(key) == KeyPlace::take; });
  return steps_.size() + ends_.size() + called_.size() + static_cast<std::size_t>(takes);
}

void Operations::add_to(Params& params, const RowTypes& types) {
  params.boolean(has_rest()).int4(static_cast<std::int32_t>(rows()));
  add_all_to(params, types, Version::v4, EarlyEvents::here);
}

void Operations::add_v3_to(Params& params, const RowTypes& types, EarlyEvents early) {
  add_all_to(params, types, Version::v3, early);
}

void Operations::add_all_to(Params& params,
                            const RowTypes& types,
                            Version version,
                            EarlyEvents early) {
  add_instances_to(params, types, version);
  add_marks_to(params, types, early);
  add_keys_to(params, types, version, early);
  add_calls_to(params, types, version);
  add_messages_to(params, types);
  add_tasks_to(params, types);
}

void Operations::add_instances_to(Params& params, const RowTypes& types, Version version) {
  for (auto* writes : {&steps_, &ends_, &late_}) sort_by_key(*writes);
  for (const auto* writes : {&news_, &born_}) {
    version == Version::v3 ? params.rows(types.instance, rows_of(*writes, put_insert))
                           : params.rows(types.start, rows_of(*writes, put_start));
  }
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

void Operations::add_keys_to(Params& params,
                             const RowTypes& types,
                             Version version,
                             EarlyEvents early) {
  std::sort(keys_.begin(), keys_.end(), [](const Key& a, const Key& b) {
    return std::tuple(shard_of_binding(a.id), a.id) < std::tuple(shard_of_binding(b.id), b.id);
  });
  RowArray takes, over, others;
  std::int32_t ops = 0;
  for (const Key& key : keys_) {
    const KeyPlace place = place_of(key);
    if (place == KeyPlace::other) ops |= 1 << static_cast<int>(key.write->op);
    if (place == KeyPlace::over && version == Version::v4) {
      over.row(4).int4(key.group).int2(shard_of_binding(key.id)).bytes(key.id);
      over.id(key.write->holder.id);
      continue;
    }
    RowArray& rows = place == KeyPlace::take ? takes : place == KeyPlace::over ? over : others;
    put_binding(rows, key.place, key.group, *key.write, key.id);
  }
  params.int4(ops).rows(types.binding, takes);
  params.rows(version == Version::v3 ? types.binding : types.over, over);
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

void Operations::add_calls_to(Params& params, const RowTypes& types, Version version) const {
  if (version == Version::v3) {
    params.rows(types.call, rows_of(calls_, put_call)).rows(types.call, rows_of(called_, put_call));
  } else {
    params.rows(types.insert_call, rows_of(calls_, put_insert_call));
    params.rows(types.end_call, rows_of(called_, put_end_call));
  }
  params.rows(types.call, rows_of(recalls_, put_call));
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
