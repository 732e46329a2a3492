// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/batch.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "adapters/postgres/columns.h"
#include "adapters/postgres/waves.h"
#include "engine/base/assert.h"

namespace vozex::postgres {
namespace {

#define VOZEX_PG_COMMIT_ANSWER                                                                 \
  "SELECT bad, dup_group, dup_mark, dup_disposition, dup_answer, taken_group, taken_binding, " \
  "claim_tenant, claim_slot, claim_key FROM "
constexpr const char* k_commit_sql = VOZEX_PG_COMMIT_ANSWER
    "commit_v3($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, "
    "$19, $20, $21, $22, $23, $24, $25, $26)";
constexpr const char* k_commit_home_sql =
    VOZEX_PG_COMMIT_ANSWER "commit_home_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

void set_duplicate(std::int64_t group, const ports::MarkRow& first, ports::CommitReply& reply) {
  auto& verdict = reply.verdicts.at(static_cast<std::size_t>(group));
  verdict.verdict = ports::Verdict::duplicate;
  verdict.taken.reset();
  verdict.first = first;
}

void read_duplicates(const Rows& row, int column, ports::CommitReply& reply) {
  const auto groups = row.numbers(0, column);
  const auto marks = row.all_bytes(0, column + 1);
  const auto dispositions = row.numbers(0, column + 2);
  const auto answers = row.texts(0, column + 3);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    set_duplicate(
        groups[i],
        {MarkId{marks[i]}, static_cast<machine::Disposition>(dispositions[i]), answers[i]},
        reply);
  }
}

void read_claims(const Rows& row, int column, std::set<ports::BindingKey>& claims) {
  const auto tenants = row.texts(0, column);
  const auto slots = row.texts(0, column + 1);
  const auto keys = row.texts(0, column + 2);
  for (std::size_t i = 0; i < keys.size(); ++i) claims.insert({tenants[i], slots[i], keys[i]});
}

std::array<std::vector<const Column*>, 7> tables_of(const Columns& columns) {
  return {columns.instances.all(),
          columns.history.all(),
          columns.marks.all(),
          columns.bindings.all(),
          columns.parks.all(),
          columns.calls.all(),
          columns.outbox.all()};
}

}  // namespace

const char* const k_row_types_sql =
    "SELECT t.oid::int8, t.typarray::int8 FROM unnest('{instance_v2, step_v3, history_v2, mark_v3, "
    "mark_v2, binding_v2, parked_v2, call_v2, outbox_v2, tasks_of_v2, task_v2}'::text[]) "
    "WITH ORDINALITY n(name, o) JOIN pg_type t ON t.oid = to_regtype(n.name) ORDER BY n.o";

Result<RowTypes> read_row_types(const Rows& rows) {
  RowTypes types;
  const auto all = {&types.instance,
                    &types.step,
                    &types.history,
                    &types.mark,
                    &types.answer,
                    &types.binding,
                    &types.parked,
                    &types.call,
                    &types.outbox,
                    &types.tasks_of,
                    &types.task};
  if (rows.size() != static_cast<int>(all.size())) {
    return fail(ErrorClass::unavailable,
                "store_schema",
                "the database lacks types of commit_v3: run `vozex migrate`");
  }
  int row = 0;
  for (TypeIds* type : all) {
    type->element = static_cast<std::uint32_t>(rows.number<std::int64_t>(row, 0));
    type->array = static_cast<std::uint32_t>(rows.number<std::int64_t>(row, 1));
    ++row;
  }
  return types;
}

// Duplicates are named by their marks: the answers are read again.
const char* const k_receipt_sql =
    "UPDATE lanes SET epoch = epoch + 1 WHERE lane = $1 RETURNING etag, epoch, bad, dup_group, "
    "dup_mark, taken_group, taken_binding, claim_tenant, claim_slot, claim_key";

Shard home_of(const ports::Group& group) {
  if (!group.instances.empty()) return group.instances[0].row.shard;
  if (!group.history.empty()) return group.history[0].shard;
  if (!group.calls.empty()) return group.calls[0].row.shard;
  if (!group.outbox.empty()) return group.outbox[0].shard;
  if (!group.marks.empty()) return static_cast<Shard>(shard_of_mark(group.marks[0].mark));
  if (!group.unparks.empty()) return static_cast<Shard>(shard_of_mark(group.unparks[0]));
  if (!group.bindings.empty()) return group.bindings[0].instance.shard;
  return group.outbox_done.empty() ? Shard{0} : group.outbox_done[0].shard;
}

Batch::Batch(const ports::CommitRequest& request, Layout layout)
    : request_(request), layout_(layout) {
  VOZEX_ASSERT(request.etag != 0);
  for (const auto& groups : waves_of(request.groups)) {
    std::map<Shard, std::vector<std::size_t>> homes;
    for (const std::size_t position : groups) {
      const bool split = layout == Layout::by_bucket;
      homes[split ? home_of(request.groups[position]) : Shard{0}].push_back(position);
    }
    for (const auto& [home, some] : homes) add_wave(home, some);
  }
}

void Batch::add_wave(Shard home, const std::vector<std::size_t>& groups) {
  Wave wave;
  wave.home = home;
  wave.first_binding = bindings_.size();
  for (const std::size_t position : groups) {
    FoldedGroup folded = fold(request_.groups[position]);
    if (folded.taken) {
      taken_twice_.emplace_back(position, *folded.taken);
      continue;
    }
    wave.groups.push_back(position);
    for (FoldedBinding& binding : folded.bindings) {
      bindings_.push_back(std::move(binding));
      binding_groups_.push_back(position);
    }
  }
  wave.end_binding = bindings_.size();
  if (!wave.groups.empty()) waves_.push_back(std::move(wave));
}

std::vector<Batch::Call> Batch::calls(const LaneIdentity& lane,
                                      const RowTypes& types,
                                      bool careful) const {
  std::vector<Call> all;
  for (const Wave& wave : waves_) all.push_back(call_of(wave, lane, types, careful, all.empty()));
  return all;
}

Batch::Call Batch::call_of(const Wave& wave,
                           const LaneIdentity& lane,
                           const RowTypes& types,
                           bool careful,
                           bool is_first) const {
  Params params;
  params.bytes(lane.lane).int4(lane.epoch).int8(static_cast<std::int64_t>(request_.etag));
  // Only a request of one group may wait for its rows: it holds nothing that another could wait
  // for.
  params.boolean(is_first).boolean(careful).boolean(request_.groups.size() == 1);
  if (layout_ == Layout::by_bucket) return home_call(wave, std::move(params));
  Operations operations;
  for (const std::size_t position : wave.groups) {
    operations.add(static_cast<std::int32_t>(position), request_.groups[position]);
  }
  for (std::size_t i = wave.first_binding; i < wave.end_binding; ++i) {
    operations.add(
        static_cast<std::int32_t>(i), static_cast<std::int32_t>(binding_groups_[i]), bindings_[i]);
  }
  operations.add_to(params, types);
  return {k_commit_sql, std::move(params)};
}

// commit_home_v1 takes the columns as arrays.
Batch::Call Batch::home_call(const Wave& wave, Params params) const {
  Columns columns;
  for (const std::size_t position : wave.groups) {
    columns.add(static_cast<std::int32_t>(position), request_.groups[position]);
  }
  for (std::size_t i = wave.first_binding; i < wave.end_binding; ++i) {
    columns.bindings.add(static_cast<std::int32_t>(i),
                         static_cast<std::int32_t>(binding_groups_[i]),
                         bindings_[i],
                         columns.counts);
  }
  Column counts(k_int4);
  for (const std::int32_t count : columns.counts) counts.add_int4(count);
  params.array(counts);
  Composite batch;
  for (const auto& table : tables_of(columns)) batch.add_all(table);
  params.composite(batch);
  if (columns.tasks.empty()) {
    params.null(k_inferred);
  } else {
    Composite tasks;
    tasks.add_all(columns.tasks.owners());
    tasks.add_all(columns.tasks.all());
    params.composite(tasks);
  }
  params.int2(wave.home);
  return {k_commit_home_sql, std::move(params)};
}

ports::CommitReply Batch::settled() const {
  ports::CommitReply reply;
  reply.verdicts.resize(request_.groups.size());
  for (const auto& [position, key] : taken_twice_) {
    reply.verdicts[position].verdict = ports::Verdict::key_taken;
    reply.verdicts[position].taken = key;
  }
  return reply;
}

// `bad` holds all that were left out, so it says "stale" first; a taken key is one only where
// nothing else was wrong: then the group is in `bad` once.
void Batch::read_stale(const Rows& row,
                       int bad_column,
                       int taken_column,
                       ports::CommitReply& reply) const {
  std::vector<int> times(reply.verdicts.size(), 0);
  for (const std::int64_t group : row.numbers(0, bad_column)) {
    ++times.at(static_cast<std::size_t>(group));
    reply.verdicts.at(static_cast<std::size_t>(group)).verdict = ports::Verdict::stale;
  }
  const auto groups = row.numbers(0, taken_column);
  const auto bindings = row.numbers(0, taken_column + 1);
  std::vector<int> taken(reply.verdicts.size(), 0);
  for (const std::int64_t group : groups) ++taken.at(static_cast<std::size_t>(group));
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto group = static_cast<std::size_t>(groups[i]);
    auto& verdict = reply.verdicts.at(group);
    if (times[group] != taken[group] || verdict.taken) continue;
    verdict.verdict = ports::Verdict::key_taken;
    verdict.taken = bindings_.at(static_cast<std::size_t>(bindings[i])).binding;
  }
}

ports::CommitReply Batch::reply(const std::vector<Rows>& calls) const {
  ports::CommitReply reply = settled();
  std::set<ports::BindingKey> claims;
  for (const Rows& row : calls) {
    read_stale(row, 0, 5, reply);
    read_duplicates(row, 1, reply);
    read_claims(row, 7, claims);
  }
  reply.claims.assign(claims.begin(), claims.end());
  return reply;
}

ports::CommitReply Batch::reply_of_receipt(const Rows& receipt,
                                           const std::vector<ports::MarkRow>& marks) const {
  ports::CommitReply reply = settled();
  std::set<ports::BindingKey> claims;
  read_stale(receipt, 2, 5, reply);
  const auto groups = receipt.numbers(0, 3);
  const auto named = receipt.all_bytes(0, 4);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const ports::MarkRow& mark : marks) {
      if (mark.mark.bytes == named[i]) set_duplicate(groups[i], mark, reply);
    }
  }
  read_claims(receipt, 7, claims);
  reply.claims.assign(claims.begin(), claims.end());
  return reply;
}

}  // namespace vozex::postgres
