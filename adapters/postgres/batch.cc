// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/batch.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "adapters/postgres/columns.h"
#include "adapters/postgres/waves.h"
#include "engine/base/assert.h"

namespace vozex::postgres {
namespace {

// Attributes of batch_v1 and of tasks_v1.
constexpr int k_attributes = 82;
constexpr int k_task_attributes = 20;

#define VOZEX_PG_COMMIT_ANSWER                                                                 \
  "SELECT bad, dup_group, dup_mark, dup_disposition, dup_answer, taken_group, taken_binding, " \
  "claim_tenant, claim_slot, claim_key FROM "
constexpr const char* k_commit_sql =
    VOZEX_PG_COMMIT_ANSWER "commit_v1($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr const char* k_commit_tasks_sql =
    VOZEX_PG_COMMIT_ANSWER "commit_tasks_v1($1, $2, $3, $4, $5, $6, $7, $8, $9)";
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

}  // namespace

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

std::vector<Batch::Call> Batch::calls(const LaneIdentity& lane, bool careful) const {
  std::vector<Call> all;
  for (const Wave& wave : waves_) all.push_back(call_of(wave, lane, careful, all.empty()));
  return all;
}

Batch::Call Batch::call_of(const Wave& wave,
                           const LaneIdentity& lane,
                           bool careful,
                           bool is_first) const {
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
  Composite batch;
  columns.instances.put(batch);
  columns.history.put(batch);
  columns.marks.put(batch);
  columns.bindings.put(batch);
  columns.parks.put(batch);
  columns.calls.put(batch);
  columns.outbox.put(batch);
  VOZEX_ASSERT(batch.size() == k_attributes);
  Params params;
  params.bytes(lane.lane).int4(lane.epoch).int8(static_cast<std::int64_t>(request_.etag));
  // Only a request of one group may wait for its rows: it holds nothing that another could wait
  // for.
  params.boolean(is_first).boolean(careful).boolean(request_.groups.size() == 1);
  params.array(counts).composite(batch);
  const bool by_bucket = layout_ == Layout::by_bucket;
  if (columns.tasks.empty() && !by_bucket) return {k_commit_sql, std::move(params)};
  if (columns.tasks.empty()) {
    params.null(k_inferred);
  } else {
    Composite tasks;
    columns.tasks.put(tasks);
    VOZEX_ASSERT(tasks.size() == k_task_attributes);
    params.composite(tasks);
  }
  if (!by_bucket) return {k_commit_tasks_sql, std::move(params)};
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
