// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/batch_store.h"

namespace vozex::postgres {
namespace {

using ports::BatchId;
using ports::BatchItem;
using ports::BatchItemState;
using ports::BatchRow;
using ports::BatchState;

#define BATCH_COLUMNS                                                                      \
  "id, tenant, state, job, rate, listed, cursor, total, applied, refused, failed, owner, " \
  "created_at, changed_at"

BatchRow read_batch(const Rows& rows, int at) {
  BatchRow batch;
  batch.id = rows.id<BatchId>(at, 0);
  batch.tenant = rows.text(at, 1);
  batch.state = rows.number<BatchState>(at, 2);
  batch.order = rows.text(at, 3);
  batch.rate = rows.number<std::uint32_t>(at, 4);
  batch.listed = rows.boolean(at, 5);
  batch.cursor = rows.id<InstanceId>(at, 6);
  batch.total = rows.number<std::uint64_t>(at, 7);
  batch.applied = rows.number<std::uint64_t>(at, 8);
  batch.refused = rows.number<std::uint64_t>(at, 9);
  batch.failed = rows.number<std::uint64_t>(at, 10);
  batch.owner = rows.id<SessionId>(at, 11);
  batch.created_at = rows.time(at, 12);
  batch.changed_at = rows.time(at, 13);
  return batch;
}

std::vector<BatchRow> read_batches(const Rows& rows) { return rows.all(read_batch); }

Result<std::optional<BatchRow>> first(const Result<Rows>& rows) {
  if (!rows) return Failure(rows.error());
  if (rows->empty()) return std::nullopt;
  return read_batch(*rows, 0);
}

constexpr const char* k_find = "SELECT " BATCH_COLUMNS " FROM batches WHERE id = $1";

Result<void> add(Connection& connection, const ports::BatchRound& round, BatchRow& row) {
  if (round.add.empty()) return {};
  Column instances(k_uuid);
  Column bases(k_text);
  for (const BatchItem& item : round.add) {
    instances.add_id(item.instance);
    bases.add_text(item.basis);
  }
  Params params;
  params.id(round.batch).array(instances).array(bases).time(round.now);
  const auto added = connection.run(
      "INSERT INTO batch_items(batch, instance, state, basis, code, note, at) "
      "SELECT $1, u.instance, 1, u.basis, '', '', $4 FROM unnest($2, $3) u(instance, basis) "
      "ON CONFLICT DO NOTHING RETURNING 1",
      params);
  if (!added) return Failure(added.error());
  row.total += static_cast<std::uint64_t>(added->size());  // Citus counts conflicts as changes
  return {};
}

Result<void> record(Connection& connection, const ports::BatchRound& round, BatchRow& row) {
  if (round.results.empty()) return {};
  Column instances(k_uuid), states(k_int2), codes(k_text), notes(k_text), times(k_time);
  for (const BatchItem& item : round.results) {
    instances.add_id(item.instance);
    states.add_int2(static_cast<std::int16_t>(item.state));
    codes.add_text(item.code);
    notes.add_text(item.note);
    times.add_time(item.at);
  }
  Params params;
  params.id(round.batch).array(instances).array(states).array(codes).array(notes).array(times);
  const auto changed = connection.run(
      "UPDATE batch_items i SET state = u.state, code = u.code, note = u.note, at = u.at "
      "FROM unnest($2, $3, $4, $5, $6) u(instance, state, code, note, at) "
      "WHERE i.batch = $1 AND i.instance = u.instance AND i.state = 1 RETURNING i.state",
      params);
  if (!changed) return Failure(changed.error());
  for (int at = 0; at < changed->size(); ++at) {
    const auto state = changed->number<BatchItemState>(at, 0);
    if (state == BatchItemState::applied) ++row.applied;
    if (state == BatchItemState::refused) ++row.refused;
    if (state == BatchItemState::failed) ++row.failed;
  }
  return {};
}

Result<void> update(Connection& connection, const BatchRow& row) {
  Params params;
  params.id(row.id)
      .int2(static_cast<std::int16_t>(row.state))
      .boolean(row.listed)
      .id(row.cursor)
      .int8(static_cast<std::int64_t>(row.total))
      .int8(static_cast<std::int64_t>(row.applied))
      .int8(static_cast<std::int64_t>(row.refused))
      .int8(static_cast<std::int64_t>(row.failed))
      .time(row.changed_at);
  const auto updated = connection.run(
      "UPDATE batches SET state = $2, listed = $3, cursor = $4, total = $5, applied = $6, "
      "refused = $7, failed = $8, changed_at = $9 WHERE id = $1",
      params);
  if (!updated) return Failure(updated.error());
  return {};
}

Result<std::optional<BatchRow>> save_round(Connection& connection, const ports::BatchRound& round) {
  Params params;
  params.id(round.batch).id(round.owner);
  auto row = first(connection.run("SELECT " BATCH_COLUMNS
                                  " FROM batches WHERE id = $1 AND owner = $2 FOR NO KEY UPDATE",
                                  params));
  if (!row || !*row) return row;
  auto good = add(connection, round, **row);
  if (good) good = record(connection, round, **row);
  if (!good) return Failure(good.error());
  if (!round.cursor.is_nil()) (*row)->cursor = round.cursor;
  (*row)->listed = (*row)->listed || round.listed;
  if (round.done && (*row)->state == BatchState::running) (*row)->state = BatchState::done;
  (*row)->changed_at = round.now;
  good = update(connection, **row);
  if (!good) return Failure(good.error());
  return row;
}

}  // namespace

Result<BatchRow> PostgresBatchStore::create(const BatchRow& row) {
  Params params;
  params.id(row.id)
      .text(row.tenant)
      .int2(static_cast<std::int16_t>(row.state))
      .text(row.order)
      .int8(row.rate)
      .id(row.cursor)
      .time(row.created_at)
      .time(row.changed_at);
  // The update that changes nothing makes the first row come back.
  auto stored = pool_.repeatable([&](Connection& connection) {
    return first(connection.run(
        "INSERT INTO batches AS b(" BATCH_COLUMNS
        ", lease_until) VALUES($1, $2, $3, $4, $5, false, $6, 0, 0, 0, 0, NULL, $7, $8, "
        "'epoch') ON CONFLICT(id) DO UPDATE SET tenant = b.tenant RETURNING " BATCH_COLUMNS,
        params));
  });
  if (!stored) return Failure(stored.error());
  return **stored;
}

Result<std::optional<BatchRow>> PostgresBatchStore::batch(const BatchId& id) {
  return pool_.repeatable(
      [&](Connection& connection) { return first(connection.run(k_find, Params().id(id))); });
}

Result<std::vector<BatchRow>> PostgresBatchStore::batches(const BatchId& after, std::size_t limit) {
  Params params;
  params.int8(static_cast<std::int64_t>(limit)).id(after);
  const auto rows = pool_.repeatable([&](Connection& connection) {
    return connection.run(
        "SELECT " BATCH_COLUMNS
        " FROM batches WHERE $2 = '00000000-0000-0000-0000-000000000000' OR (created_at, id) < "
        "(SELECT a.created_at, a.id FROM batches a WHERE a.id = $2) ORDER BY created_at DESC, id "
        "DESC LIMIT $1",
        params);
  });
  if (!rows) return Failure(rows.error());
  return read_batches(*rows);
}

Result<std::vector<BatchItem>> PostgresBatchStore::items(const BatchId& id,
                                                         std::optional<BatchItemState> state,
                                                         const InstanceId& after,
                                                         std::size_t limit) {
  std::string sql =
      "SELECT instance, state, basis, code, note, at FROM batch_items WHERE batch = $1 AND "
      "instance > $2";
  // Spelled out, so that the partial index serves.
  if (state) sql += " AND state = " + std::to_string(static_cast<int>(*state));
  sql += " ORDER BY instance LIMIT $3";
  const Params params = Params().id(id).id(after).int8(static_cast<std::int64_t>(limit));
  const auto rows =
      pool_.repeatable([&](Connection& connection) { return connection.run(sql.c_str(), params); });
  if (!rows) return Failure(rows.error());
  return rows->all([](const Rows& from, int row) {
    return BatchItem{from.id<InstanceId>(row, 0),
                     from.number<BatchItemState>(row, 1),
                     from.text(row, 2),
                     from.text(row, 3),
                     from.text(row, 4),
                     from.time(row, 5)};
  });
}

Result<BatchRow> PostgresBatchStore::change(const BatchId& id, BatchState to, Timestamp now) {
  const Params params = Params().id(id).int2(static_cast<std::int16_t>(to)).time(now);
  auto changed = pool_.repeatable([&](Connection& connection) {
    return first(
        connection.run("UPDATE batches SET state = $2, changed_at = $3 WHERE id = $1 AND state < "
                       "10 RETURNING " BATCH_COLUMNS,
                       params));
  });
  if (!changed) return Failure(changed.error());
  if (*changed) return **changed;
  const auto found = batch(id);
  if (!found) return Failure(found.error());
  // A repetition after a lost connection finds its own work done.
  if (*found && (*found)->state == to) return **found;
  if (*found) return ports::ended_batch(id);
  return ports::no_batch(id);
}

// Repeated after a lost connection it claims the same again: they are this owner's by then.
Result<std::vector<BatchRow>> PostgresBatchStore::claim(const SessionId& owner,
                                                        Duration lease,
                                                        std::size_t limit) {
  Params params;
  params.id(owner).int8(lease.count()).int8(static_cast<std::int64_t>(limit));
  const auto rows = pool_.repeatable([&](Connection& connection) {
    return connection.run(
        "WITH l AS (SELECT id AS batch FROM batches WHERE state = 1 AND (owner IS NULL OR owner = "
        "$1 OR lease_until < now()) ORDER BY created_at, id LIMIT $3 FOR NO KEY UPDATE SKIP "
        "LOCKED), t AS (UPDATE batches b SET owner = $1, lease_until = now() + $2 * interval '1 "
        "microsecond' FROM l WHERE b.id = l.batch RETURNING b.*) SELECT " BATCH_COLUMNS
        " FROM t ORDER BY created_at, id",
        params);
  });
  if (!rows) return Failure(rows.error());
  return read_batches(*rows);
}

// Repeated it changes nothing: items that are there stay, results are counted once.
Result<std::optional<BatchRow>> PostgresBatchStore::save(const ports::BatchRound& round) {
  return pool_.repeatable([&](Connection& connection) {
    return connection.transaction([&] { return save_round(connection, round); });
  });
}

Result<void> PostgresBatchStore::release(const SessionId& owner) {
  return pool_.repeatable([&](Connection& connection) -> Result<void> {
    const auto released =
        connection.run("UPDATE batches SET owner = NULL WHERE owner = $1", Params().id(owner));
    if (!released) return Failure(released.error());
    return {};
  });
}

}  // namespace vozex::postgres
