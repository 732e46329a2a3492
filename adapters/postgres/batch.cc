// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/batch.h"

#include <algorithm>
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

void read_duplicates(const Rows& row, int column, ports::CommitReply& reply) {
  const auto groups = row.numbers(0, column);
  const auto marks = row.all_bytes(0, column + 1);
  const auto dispositions = row.numbers(0, column + 2);
  const auto answers = row.texts(0, column + 3);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    auto& verdict = reply.verdicts.at(static_cast<std::size_t>(groups[i]));
    verdict.verdict = ports::Verdict::duplicate;
    verdict.taken.reset();
    verdict.first = ports::MarkRow{
        MarkId{marks[i]}, static_cast<machine::Disposition>(dispositions[i]), answers[i]};
  }
}

void read_claims(const Rows& row, int column, std::set<ports::BindingKey>& claims) {
  const auto tenants = row.texts(0, column);
  const auto slots = row.texts(0, column + 1);
  const auto keys = row.texts(0, column + 2);
  for (std::size_t i = 0; i < keys.size(); ++i) claims.insert({tenants[i], slots[i], keys[i]});
}

}  // namespace

// Duplicates are named by their marks; the answers are read again.
const char* const k_receipt_sql =
    "WITH l AS (UPDATE lanes SET epoch = epoch + 1 WHERE lane = $1 RETURNING *), "
    "d AS (SELECT u.o, u.g, u.mark, m.disposition, m.answer FROM l, "
    "unnest(l.dup_group, l.dup_mark) WITH ORDINALITY u(g, mark, o) "
    "JOIN marks m ON m.mark = u.mark AND m.shard = get_byte(uuid_send(u.mark), 15)::int2) "
    "SELECT etag, epoch, bad, "
    "(SELECT array_agg(g ORDER BY o) FROM d), (SELECT array_agg(mark ORDER BY o) FROM d), "
    "(SELECT array_agg(disposition ORDER BY o) FROM d), "
    "(SELECT array_agg(answer ORDER BY o) FROM d), "
    "taken_group, taken_binding, claim_tenant, claim_slot, claim_key FROM l";

Batch::Batch(const ports::CommitRequest& request) : request_(request) {
  VOZEX_ASSERT(request.etag != 0);
  for (auto& groups : waves_of(request.groups)) {
    Wave wave;
    wave.first_binding = bindings_.size();
    for (const std::size_t position : groups) {
      FoldedGroup folded = fold(request.groups[position]);
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
  if (columns.tasks.empty()) return {k_commit_sql, std::move(params)};
  Composite tasks;
  columns.tasks.put(tasks);
  VOZEX_ASSERT(tasks.size() == k_task_attributes);
  params.composite(tasks);
  return {k_commit_tasks_sql, std::move(params)};
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
void Batch::read_verdicts(const Rows& row, int first_column, ports::CommitReply& reply) const {
  std::vector<int> times(reply.verdicts.size(), 0);
  for (const std::int64_t group : row.numbers(0, first_column)) {
    ++times.at(static_cast<std::size_t>(group));
    reply.verdicts.at(static_cast<std::size_t>(group)).verdict = ports::Verdict::stale;
  }
  const auto groups = row.numbers(0, first_column + 5);
  const auto bindings = row.numbers(0, first_column + 6);
  std::vector<int> taken(reply.verdicts.size(), 0);
  for (const std::int64_t group : groups) ++taken.at(static_cast<std::size_t>(group));
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto group = static_cast<std::size_t>(groups[i]);
    auto& verdict = reply.verdicts.at(group);
    if (times[group] != taken[group] || verdict.taken) continue;
    verdict.verdict = ports::Verdict::key_taken;
    verdict.taken = bindings_.at(static_cast<std::size_t>(bindings[i])).binding;
  }
  read_duplicates(row, first_column + 1, reply);
}

ports::CommitReply Batch::reply(const std::vector<Rows>& calls) const {
  ports::CommitReply reply = settled();
  std::set<ports::BindingKey> claims;
  for (const Rows& row : calls) {
    read_verdicts(row, 0, reply);
    read_claims(row, 7, claims);
  }
  reply.claims.assign(claims.begin(), claims.end());
  return reply;
}

ports::CommitReply Batch::reply_of_receipt(const Rows& receipt) const {
  ports::CommitReply reply = settled();
  std::set<ports::BindingKey> claims;
  read_verdicts(receipt, 2, reply);
  read_claims(receipt, 9, claims);
  reply.claims.assign(claims.begin(), claims.end());
  return reply;
}

}  // namespace vozex::postgres
