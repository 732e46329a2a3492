// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/batch_store.h"

#include "adapters/sqlite/rows.h"

namespace vozex::sqlite {
namespace {

using ports::BatchId;
using ports::BatchItem;
using ports::BatchItemState;
using ports::BatchRow;
using ports::BatchState;

#define BATCH_COLUMNS                                                                      \
  "id, tenant, state, job, rate, listed, cursor, total, applied, refused, failed, owner, " \
  "created_at, changed_at"

BatchRow read_batch(const Statement& row) {
  BatchRow batch;
  batch.id = row.id_at<BatchId>(0);
  batch.tenant = row.text_at(1);
  batch.state = row.number_at<BatchState>(2);
  batch.order = row.text_at(3);
  batch.rate = row.number_at<std::uint32_t>(4);
  batch.listed = row.number_at(5) != 0;
  batch.cursor = row.id_at<InstanceId>(6);
  batch.total = row.number_at<std::uint64_t>(7);
  batch.applied = row.number_at<std::uint64_t>(8);
  batch.refused = row.number_at<std::uint64_t>(9);
  batch.failed = row.number_at<std::uint64_t>(10);
  batch.owner = row.id_at<SessionId>(11);
  batch.created_at = row.time_at(12);
  batch.changed_at = row.time_at(13);
  return batch;
}

Result<std::optional<BatchRow>> find(Connection& connection, const BatchId& id) {
  Statement find = connection.use("SELECT " BATCH_COLUMNS " FROM batches WHERE id = ?1");
  const auto row = find.id(1, id).step();
  if (!row) return Failure(row.error());
  if (!*row) return std::nullopt;
  return read_batch(find);
}

Result<void> done(const Result<int>& changes) {
  if (!changes) return Failure(changes.error());
  return {};
}

Result<void> add(Connection& connection, const ports::BatchRound& round, BatchRow& row) {
  for (const BatchItem& item : round.add) {
    const auto added =
        connection
            .use(
                "INSERT INTO batch_items(batch, instance, state, basis, code, note, at) "
                "VALUES(?1, ?2, 1, ?3, '', '', ?4) ON CONFLICT DO NOTHING")
            .id(1, round.batch)
            .id(2, item.instance)
            .text(3, item.basis)
            .time(4, round.now)
            .run();
    if (!added) return Failure(added.error());
    row.total += static_cast<std::uint64_t>(*added);
  }
  return {};
}

Result<void> record(Connection& connection, const ports::BatchRound& round, BatchRow& row) {
  for (const BatchItem& item : round.results) {
    const auto changed = connection
                             .use(
                                 "UPDATE batch_items SET state = ?3, code = ?4, note = ?5, at = ?6 "
                                 "WHERE batch = ?1 AND instance = ?2 AND state = 1")
                             .id(1, round.batch)
                             .id(2, item.instance)
                             .number(3, static_cast<int>(item.state))
                             .text(4, item.code)
                             .text(5, item.note)
                             .time(6, item.at)
                             .run();
    if (!changed) return Failure(changed.error());
    const auto count = static_cast<std::uint64_t>(*changed);
    if (item.state == BatchItemState::applied) row.applied += count;
    if (item.state == BatchItemState::refused) row.refused += count;
    if (item.state == BatchItemState::failed) row.failed += count;
  }
  return {};
}

Result<void> update(Connection& connection, const BatchRow& row) {
  return done(connection
                  .use("UPDATE batches SET state = ?2, listed = ?3, cursor = ?4, total = ?5, "
                       "applied = ?6, refused = ?7, failed = ?8, changed_at = ?9 WHERE id = ?1")
                  .id(1, row.id)
                  .number(2, static_cast<int>(row.state))
                  .number(3, row.listed ? 1 : 0)
                  .id(4, row.cursor)
                  .number(5, static_cast<std::int64_t>(row.total))
                  .number(6, static_cast<std::int64_t>(row.applied))
                  .number(7, static_cast<std::int64_t>(row.refused))
                  .number(8, static_cast<std::int64_t>(row.failed))
                  .time(9, row.changed_at)
                  .run());
}

Result<void> save_round(Connection& connection,
                        const ports::BatchRound& round,
                        std::optional<BatchRow>& saved) {
  auto row = find(connection, round.batch);
  if (!row) return Failure(row.error());
  if (!*row || (*row)->owner != round.owner) return {};
  auto good = add(connection, round, **row);
  if (good) good = record(connection, round, **row);
  if (!good) return good;
  if (!round.cursor.is_nil()) (*row)->cursor = round.cursor;
  (*row)->listed = (*row)->listed || round.listed;
  if (round.done && (*row)->state == BatchState::running) (*row)->state = BatchState::done;
  (*row)->changed_at = round.now;
  saved = **row;
  return update(connection, **row);
}

}  // namespace

Result<BatchRow> SqliteBatchStore::create(const BatchRow& row) {
  std::optional<BatchRow> stored;
  const auto written = store_.write([&](Connection& connection) -> Result<void> {
    auto inserted = connection
                        .use("INSERT INTO batches(" BATCH_COLUMNS
                             ", lease_until) VALUES(?1, ?2, ?3, ?4, ?5, 0, ?6, 0, 0, 0, 0, NULL, "
                             "?7, ?8, 0) ON CONFLICT DO NOTHING")
                        .id(1, row.id)
                        .text(2, row.tenant)
                        .number(3, static_cast<int>(row.state))
                        .text(4, row.order)
                        .number(5, row.rate)
                        .id(6, row.cursor)
                        .time(7, row.created_at)
                        .time(8, row.changed_at)
                        .run();
    if (!inserted) return Failure(inserted.error());
    auto found = find(connection, row.id);
    if (!found) return Failure(found.error());
    stored = *found;
    return {};
  });
  if (!written) return Failure(written.error());
  return *stored;
}

Result<std::optional<BatchRow>> SqliteBatchStore::batch(const BatchId& id) {
  std::optional<BatchRow> row;
  auto read = store_.read([&](Connection& connection) -> Result<void> {
    auto found = find(connection, id);
    if (!found) return Failure(found.error());
    row = *std::move(found);
    return {};
  });
  if (!read) return Failure(read.error());
  return row;
}

Result<std::vector<BatchRow>> SqliteBatchStore::batches(const BatchId& after, std::size_t limit) {
  std::vector<BatchRow> rows;
  auto read = store_.read([&](Connection& connection) {
    return connection
        .use("SELECT " BATCH_COLUMNS
             " FROM batches WHERE ?2 = zeroblob(16) OR (created_at, id) < (SELECT a.created_at, "
             "a.id FROM batches a WHERE a.id = ?2) ORDER BY created_at DESC, id DESC LIMIT ?1")
        .number(1, static_cast<std::int64_t>(limit))
        .id(2, after)
        .each([&](const Statement& row) { rows.push_back(read_batch(row)); });
  });
  if (!read) return Failure(read.error());
  return rows;
}

Result<std::vector<BatchItem>> SqliteBatchStore::items(const BatchId& id,
                                                       std::optional<BatchItemState> state,
                                                       const InstanceId& after,
                                                       std::size_t limit) {
  std::string sql =
      "SELECT instance, state, basis, code, note, at FROM batch_items WHERE batch = ?1 AND "
      "instance > ?2";
  // Spelled out, so that the partial index serves.
  if (state) sql += " AND state = " + std::to_string(static_cast<int>(*state));
  sql += " ORDER BY instance LIMIT ?3";
  std::vector<BatchItem> items;
  auto read = store_.read([&](Connection& connection) {
    return connection.use(sql)
        .id(1, id)
        .id(2, after)
        .number(3, static_cast<std::int64_t>(limit))
        .each([&](const Statement& row) {
          items.push_back({row.id_at<InstanceId>(0),
                           row.number_at<BatchItemState>(1),
                           row.text_at(2),
                           row.text_at(3),
                           row.text_at(4),
                           row.time_at(5)});
        });
  });
  if (!read) return Failure(read.error());
  return items;
}

Result<BatchRow> SqliteBatchStore::change(const BatchId& id, BatchState to, Timestamp now) {
  std::optional<BatchRow> row;
  auto written = store_.write([&](Connection& connection) -> Result<void> {
    auto found = find(connection, id);
    if (!found) return Failure(found.error());
    if (!*found) return ports::no_batch(id);
    row = **found;
    if (ports::is_ended(row->state)) return ports::ended_batch(id);
    row->state = to;
    row->changed_at = now;
    return update(connection, *row);
  });
  if (!written) return Failure(written.error());
  return *row;
}

Result<std::vector<BatchRow>> SqliteBatchStore::claim(const SessionId& owner,
                                                      Duration lease,
                                                      std::size_t limit) {
  // An idle look must not cost an fsync.
  bool any = false;
  auto looked = store_.read([&](Connection& connection) -> Result<void> {
    auto row = connection.use("SELECT 1 FROM batches WHERE state = 1 LIMIT 1").step();
    if (!row) return Failure(row.error());
    any = *row;
    return {};
  });
  if (!looked) return Failure(looked.error());
  std::vector<BatchRow> rows;
  if (!any) return rows;
  auto written = store_.write([&](Connection& connection) -> Result<void> {
    auto read = connection
                    .use("SELECT " BATCH_COLUMNS
                         " FROM batches WHERE state = 1 AND (owner IS NULL OR owner = ?1 OR "
                         "lease_until < " VOZEX_SQLITE_NOW ") ORDER BY created_at, id LIMIT ?2")
                    .id(1, owner)
                    .number(2, static_cast<std::int64_t>(limit))
                    .each([&](const Statement& row) { rows.push_back(read_batch(row)); });
    if (!read) return read;
    for (BatchRow& row : rows) {
      row.owner = owner;
      auto taken = done(connection
                            .use("UPDATE batches SET owner = ?2, lease_until = " VOZEX_SQLITE_NOW
                                 " + ?3 WHERE id = ?1")
                            .id(1, row.id)
                            .id(2, owner)
                            .number(3, lease.count())
                            .run());
      if (!taken) return taken;
    }
    return {};
  });
  if (!written) return Failure(written.error());
  return rows;
}

Result<std::optional<BatchRow>> SqliteBatchStore::save(const ports::BatchRound& round) {
  std::optional<BatchRow> saved;
  auto written =
      store_.write([&](Connection& connection) { return save_round(connection, round, saved); });
  if (!written) return Failure(written.error());
  return saved;
}

Result<void> SqliteBatchStore::release(const SessionId& owner) {
  return store_.write([&](Connection& connection) {
    return done(
        connection.use("UPDATE batches SET owner = NULL WHERE owner = ?1").id(1, owner).run());
  });
}

}  // namespace vozex::sqlite
