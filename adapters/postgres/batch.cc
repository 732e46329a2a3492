// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/batch.h"

#include <string>
#include <utility>

#include "adapters/postgres/waves.h"
#include "engine/base/assert.h"

namespace vozex::postgres {
namespace {

// One value: null, or a row of the answer's columns.
constexpr const char* k_commit_sql =
    "SELECT commit_v4($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, "
    "$18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)";

void set_duplicate(std::int64_t group, const ports::MarkRow& first, ports::CommitReply& reply) {
  auto& verdict = reply.verdicts.at(static_cast<std::size_t>(group));
  verdict.verdict = ports::Verdict::duplicate;
  verdict.taken.reset();
  verdict.first = first;
}

template <class Item>
void append(std::vector<Item>& all, const std::vector<Item>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

const char* const k_row_types_sql =
    "SELECT t.oid::int8, t.typarray::int8 FROM unnest('{instance_v2, step_v3, history_v2, mark_v3, "
    "mark_v2, binding_v2, parked_v2, call_v2, outbox_v2, tasks_of_v2, task_v2, start_v4, over_v4, "
    "call_v4, called_v4}'::text[]) WITH ORDINALITY n(name, o) JOIN pg_type t ON t.oid = "
    "to_regtype(n.name) ORDER BY n.o";

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
                    &types.task,
                    &types.start,
                    &types.over,
                    &types.insert_call,
                    &types.end_call};
  if (rows.size() != static_cast<int>(all.size())) {
    return fail(ErrorClass::unavailable,
                "store_schema",
                "the database lacks types of commit_v4: run `vozex migrate`");
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

Batch::Batch(const ports::CommitRequest& request) : request_(request) {
  VOZEX_ASSERT(request.etag != 0);
  for (const auto& groups : waves_of(request.groups)) add_wave(groups);
}

void Batch::add_wave(const std::vector<std::size_t>& groups) {
  Wave wave;
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
  for (std::size_t wave = 0; wave < waves_.size(); ++wave) {
    Params params;
    params.bytes(lane.lane).int4(lane.epoch).int8(static_cast<std::int64_t>(request_.etag));
    params.boolean(wave == 0).boolean(careful).boolean(may_wait());
    Operations operations;
    spread(wave, {}, [&](Shard) -> Operations& { return operations; });
    operations.add_to(params, types);
    all.push_back({k_commit_sql, std::move(params)});
  }
  return all;
}

void Batch::Found::add(const Rows& row) {
  append(bad, row.numbers(0, 0));
  append(dup_group, row.numbers(0, 1));
  append(dup_mark, row.all_bytes(0, 2));
  append(dup_disposition, row.numbers(0, 3));
  append(dup_answer, row.texts(0, 4));
  append(taken_group, row.numbers(0, 5));
  append(taken_binding, row.numbers(0, 6));
}

void Batch::Found::add_claims(const Rows& row, int column) {
  const auto tenants = row.texts(0, column);
  const auto slots = row.texts(0, column + 1);
  const auto keys = row.texts(0, column + 2);
  for (std::size_t i = 0; i < keys.size(); ++i) claims.insert({tenants[i], slots[i], keys[i]});
}

// `bad` holds all that were left out, so it says "stale" first; a taken key is one only where
// nothing else was wrong: then the group is in `bad` as often as keys of it were taken.
void Batch::read_stale(const Found& found, ports::CommitReply& reply) const {
  std::vector<int> times(reply.verdicts.size(), 0);
  for (const std::int64_t group : found.bad) {
    ++times.at(static_cast<std::size_t>(group));
    reply.verdicts.at(static_cast<std::size_t>(group)).verdict = ports::Verdict::stale;
  }
  std::vector<int> taken(reply.verdicts.size(), 0);
  for (const std::int64_t group : found.taken_group) ++taken.at(static_cast<std::size_t>(group));
  for (std::size_t i = 0; i < found.taken_group.size(); ++i) {
    const auto group = static_cast<std::size_t>(found.taken_group[i]);
    auto& verdict = reply.verdicts.at(group);
    if (times[group] != taken[group] || verdict.taken) continue;
    verdict.verdict = ports::Verdict::key_taken;
    verdict.taken = bindings_.at(static_cast<std::size_t>(found.taken_binding[i])).binding;
  }
}

ports::CommitReply Batch::reply(const Found& found) const {
  ports::CommitReply reply;
  reply.verdicts.resize(request_.groups.size());
  for (const auto& [position, key] : taken_twice_) {
    reply.verdicts[position].verdict = ports::Verdict::key_taken;
    reply.verdicts[position].taken = key;
  }
  read_stale(found, reply);
  for (std::size_t i = 0; i < found.dup_group.size(); ++i) {
    set_duplicate(found.dup_group[i],
                  {MarkId{found.dup_mark[i]},
                   static_cast<machine::Disposition>(found.dup_disposition[i]),
                   found.dup_answer[i]},
                  reply);
  }
  reply.claims.assign(found.claims.begin(), found.claims.end());
  return reply;
}

ports::CommitReply Batch::reply(const std::vector<Rows>& calls) const {
  Found found;
  for (const Rows& row : calls) {
    if (row.is_null(0, 0)) continue;
    const Rows said = row.composite(0, 0);
    found.add(said);
    found.add_claims(said, 7);
  }
  return reply(found);
}

ports::CommitReply Batch::reply_of_receipt(const Rows& receipt,
                                           const std::vector<ports::MarkRow>& marks,
                                           Found found) const {
  found.bad = receipt.numbers(0, 2);
  found.taken_group = receipt.numbers(0, 5);
  found.taken_binding = receipt.numbers(0, 6);
  found.add_claims(receipt, 7);
  ports::CommitReply reply = this->reply(found);
  const auto groups = receipt.numbers(0, 3);
  const auto named = receipt.all_bytes(0, 4);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    for (const ports::MarkRow& mark : marks) {
      if (mark.mark.bytes == named[i]) set_duplicate(groups[i], mark, reply);
    }
  }
  return reply;
}

}  // namespace vozex::postgres
