// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/retention.h"

#include <map>
#include <utility>

#include "adapters/postgres/records.h"

namespace vozex::postgres {
namespace {

using ports::EndedInstance;

// Of read_instance(); then comes finished_at.
constexpr int k_instance_columns = 21;

// No order: the partitions are walked from the oldest, and what is found first goes first.
constexpr const char* k_ended =
    "SELECT " VOZEX_PG_FINISHED_COLUMNS
    ", i.finished_at FROM finished i WHERE i.finished_at < $1 "
    "AND NOT EXISTS (SELECT FROM instances l WHERE l.shard = i.shard AND l.id = i.root) "
    "AND NOT EXISTS (SELECT FROM instances l WHERE l.shard = i.shard AND l.root = i.root "
    "AND l.root <> l.id) "
    "AND NOT EXISTS (SELECT FROM calls c WHERE c.shard = i.shard AND c.instance = i.id) "
    "AND NOT EXISTS (SELECT FROM outbox o WHERE o.shard = i.shard AND o.from_instance = i.id) "
    "LIMIT $2";

constexpr const char* k_history =
    "SELECT h.id, h.shard, h.seq, h.disposition, h.step_at, h.entry "
    "FROM unnest($1, $2) u(shard, id) JOIN history h ON h.shard = u.shard AND h.id = u.id "
    "ORDER BY h.id, h.seq";

constexpr const char* k_remove =
    "WITH d AS (DELETE FROM finished f USING unnest($1, $2, $3, $4) u(id, etag, ended, shard) "
    "WHERE f.shard = u.shard AND f.id = u.id AND f.etag = u.etag AND f.finished_at = u.ended "
    "RETURNING f.shard, f.id), "
    "h AS (DELETE FROM history h USING d WHERE h.shard = d.shard AND h.id = d.id) "
    "SELECT count(*) FROM d";

// Of one bucket, $4.
constexpr const char* k_remove_of =
    "WITH d AS (DELETE FROM finished f WHERE f.shard = $4 AND (f.id, f.etag, f.finished_at) IN "
    "(SELECT * FROM unnest($1, $2, $3)) RETURNING f.id), "
    "h AS (DELETE FROM history h USING d WHERE h.shard = $4 AND h.id = d.id) "
    "SELECT count(*) FROM d";

// The items first: a batch goes with its last one, or in the next portion.
constexpr const char* k_forget_batches =
    "WITH ended AS (SELECT id FROM batches WHERE state >= 10 AND changed_at < $1), "
    "portion AS (SELECT i.batch, i.instance FROM batch_items i JOIN ended o ON o.id = i.batch "
    "LIMIT $2), "
    "items AS (DELETE FROM batch_items i USING portion p WHERE i.batch = p.batch "
    "AND i.instance = p.instance RETURNING 1), "
    "jobs AS (DELETE FROM batches b USING ended o WHERE b.id = o.id "
    "AND NOT EXISTS (SELECT FROM batch_items i WHERE i.batch = b.id) RETURNING 1) "
    "SELECT (SELECT count(*) FROM items) + (SELECT count(*) FROM jobs)";

// The same where items stand elsewhere than their batches: $1 a batch, $2 how many.
constexpr const char* k_ended_batches =
    "SELECT id FROM batches WHERE state >= 10 AND changed_at < $1 ORDER BY id LIMIT $2";
constexpr const char* k_forget_items =
    "DELETE FROM batch_items WHERE batch = $1 AND instance IN (SELECT instance FROM batch_items "
    "WHERE batch = $1 LIMIT $2)";
constexpr const char* k_forget_batch = "DELETE FROM batches WHERE id = $1 AND state >= 10";

constexpr const char* k_turn = "SELECT pg_try_advisory_lock(86900004)";

Result<void> read_history(Connection& connection, std::vector<EndedInstance>& ended) {
  Column shard(k_int2), id(k_uuid);
  std::map<InstanceId, EndedInstance*> by_id;
  for (EndedInstance& one : ended) {
    shard.add_int2(one.row.shard);
    id.add_id(one.row.id);
    by_id[one.row.id] = &one;
  }
  Params params;
  params.array(shard).array(id);
  auto rows = connection.run(k_history, params);
  if (!rows) return Failure(rows.error());
  for (int i = 0; i < rows->size(); ++i) {
    const auto instance = rows->id<InstanceId>(i, 0);
    by_id.at(instance)->history.push_back({rows->number<Shard>(i, 1),
                                           instance,
                                           rows->number<std::uint32_t>(i, 2),
                                           rows->number<machine::Disposition>(i, 3),
                                           rows->time(i, 4),
                                           rows->text(i, 5)});
  }
  return {};
}

Result<std::size_t> number_of(const Result<Rows>& rows) {
  if (!rows) return Failure(rows.error());
  return rows->number<std::size_t>(0, 0);
}

}  // namespace

Result<std::vector<EndedInstance>> ended_before(Connection& connection,
                                                Timestamp before,
                                                std::size_t limit) {
  Params params;
  params.time(before).int8(static_cast<std::int64_t>(limit));
  auto rows = connection.run(k_ended, params);
  if (!rows) return Failure(rows.error());
  std::vector<EndedInstance> ended = rows->all([](const Rows& from, int row) {
    return EndedInstance{read_instance(from, row), from.time(row, k_instance_columns), {}};
  });
  if (ended.empty()) return ended;
  if (auto read = read_history(connection, ended); !read) return Failure(read.error());
  return ended;
}

namespace {

// $1 to $3: ids, etags, ends.
Params params_of(const std::vector<const EndedInstance*>& instances) {
  Column id(k_uuid), etag(k_int8), ended(k_time);
  for (const EndedInstance* one : instances) {
    id.add_id(one->row.id);
    etag.add_int8(static_cast<std::int64_t>(one->row.etag));
    ended.add_time(one->ended_at);
  }
  Params params;
  params.array(id).array(etag).array(ended);
  return params;
}

Result<std::size_t> remove_together(Connection& connection,
                                    const std::vector<EndedInstance>& instances) {
  std::vector<const EndedInstance*> all;
  Column shard(k_int2);
  for (const EndedInstance& one : instances) {
    all.push_back(&one);
    shard.add_int2(one.row.shard);
  }
  Params params = params_of(all);
  params.array(shard);
  return number_of(connection.run(k_remove, params));
}

Result<std::size_t> remove_spread(Connection& connection,
                                  const std::vector<EndedInstance>& instances) {
  std::map<Shard, std::vector<const EndedInstance*>> buckets;
  for (const EndedInstance& one : instances) buckets[one.row.shard].push_back(&one);
  std::size_t count = 0;
  for (const auto& [shard, some] : buckets) {
    Params params = params_of(some);
    params.int2(shard);
    auto removed = number_of(connection.run(k_remove_of, params));
    if (!removed) return removed;
    count += *removed;
  }
  return count;
}

}  // namespace

Result<std::size_t> remove(Connection& connection,
                           Layout layout,
                           const std::vector<EndedInstance>& instances) {
  return layout == Layout::together ? remove_together(connection, instances)
                                    : remove_spread(connection, instances);
}

std::vector<HotStatement> removal_statements() {
  return {{"history_of_ended", k_history, "int2[], uuid[]"},
          {"remove_ended", k_remove_of, "uuid[], int8[], timestamptz[], int2"}};
}

Result<std::size_t> forget_marks(Connection& connection, Timestamp before) {
  Params params;
  params.time(before);
  return number_of(connection.run("SELECT forget_marks_v1($1)", params));
}

namespace {

Result<std::size_t> forget_batches_spread(Connection& connection,
                                          Timestamp before,
                                          std::size_t limit) {
  Params ended;
  ended.time(before).int8(static_cast<std::int64_t>(limit));
  auto batches = connection.run(k_ended_batches, ended);
  if (!batches) return Failure(batches.error());
  std::size_t count = 0;
  for (int i = 0; i < batches->size() && count < limit; ++i) {
    Params items;
    items.bytes(batches->bytes(i, 0)).int8(static_cast<std::int64_t>(limit - count));
    auto forgotten = connection.run(k_forget_items, items);
    if (!forgotten) return Failure(forgotten.error());
    count += forgotten->changed();
    if (count == limit) break;
    auto done = connection.run(k_forget_batch, Params().bytes(batches->bytes(i, 0)));
    if (!done) return Failure(done.error());
    count += done->changed();
  }
  return count;
}

}  // namespace

Result<std::size_t> forget_batches(Connection& connection,
                                   Layout layout,
                                   Timestamp before,
                                   std::size_t limit) {
  if (layout == Layout::by_bucket) return forget_batches_spread(connection, before, limit);
  Params params;
  params.time(before).int8(static_cast<std::int64_t>(limit));
  return number_of(connection.run(k_forget_batches, params));
}

Result<std::size_t> release_months(Connection& connection) {
  return number_of(connection.run("SELECT release_months_v1()"));
}

Result<bool> alone(const std::string& url, const std::function<Result<void>()>& work) {
  auto connection = Connection::open(url, Profile::query);
  if (!connection) return Failure(connection.error());
  auto turn = (*connection)->run(k_turn);
  if (!turn) return Failure(turn.error());
  if (!turn->boolean(0, 0)) return false;
  auto done = work();
  // Or the turn would end when the server notices that we are gone.
  static_cast<void>((*connection)->run("SELECT pg_advisory_unlock(86900004)"));
  if (!done) return Failure(done.error());
  return true;
}

}  // namespace vozex::postgres
