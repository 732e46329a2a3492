// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/retention.h"

#include "adapters/sqlite/queries.h"
#include "adapters/sqlite/rows.h"

namespace vozex::sqlite {
namespace {

using ports::EndedInstance;

// Of read_instance(); then comes finished_at.
constexpr int k_instance_columns = 21;
constexpr std::size_t k_whole_history = INT32_MAX;

// Rows were added in the order in which instances ended, so the oldest come first without an index.
constexpr const char* k_ended =
    "SELECT " VOZEX_SQLITE_FINISHED_COLUMNS
    ", finished_at FROM finished WHERE finished_at < ?1 "
    "AND NOT EXISTS (SELECT 1 FROM instances l WHERE l.id = finished.root) "
    "AND NOT EXISTS (SELECT 1 FROM instances l WHERE l.root = finished.root AND l.root <> l.id) "
    "AND NOT EXISTS (SELECT 1 FROM calls c WHERE c.instance = finished.id) "
    "AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.from_instance = finished.id) "
    "ORDER BY rowid LIMIT ?2";

// Only the oldest are looked at, so a portion costs the same at any size.
constexpr const char* k_forget =
    "DELETE FROM marks WHERE rowid IN (SELECT rowid FROM marks ORDER BY rowid LIMIT ?2) "
    "AND stored_at < ?1";

#define VOZEX_SQLITE_OVER "state >= 10 AND changed_at < ?1"
constexpr const char* k_forget_items =
    "DELETE FROM batch_items WHERE (batch, instance) IN (SELECT batch, instance FROM batch_items "
    "WHERE batch IN (SELECT id FROM batches WHERE " VOZEX_SQLITE_OVER ") LIMIT ?2)";
constexpr const char* k_forget_batches =
    "DELETE FROM batches WHERE " VOZEX_SQLITE_OVER
    " AND NOT EXISTS (SELECT 1 FROM batch_items i WHERE i.batch = batches.id)";
#undef VOZEX_SQLITE_OVER

}  // namespace

Result<std::vector<EndedInstance>> ended_before(Connection& connection,
                                                Timestamp before,
                                                std::size_t limit) {
  std::vector<EndedInstance> ended;
  auto read = connection.use(k_ended)
                  .time(1, before)
                  .number(2, static_cast<std::int64_t>(limit))
                  .each([&](const Statement& row) {
                    ended.push_back({read_instance(row), row.time_at(k_instance_columns), {}});
                  });
  if (!read) return Failure(read.error());
  for (EndedInstance& one : ended) {
    auto history = list_history(connection, one.row.id, 0, k_whole_history);
    if (!history) return Failure(history.error());
    one.history = std::move(*history);
  }
  return ended;
}

Result<std::size_t> remove(Connection& connection, const std::vector<EndedInstance>& instances) {
  std::size_t removed = 0;
  for (const EndedInstance& one : instances) {
    auto gone = connection.use("DELETE FROM finished WHERE id = ?1 AND etag = ?2")
                    .id(1, one.row.id)
                    .etag(2, one.row.etag)
                    .run();
    if (!gone) return Failure(gone.error());
    if (*gone == 0) continue;
    auto history = connection.use("DELETE FROM history WHERE id = ?1").id(1, one.row.id).run();
    if (!history) return Failure(history.error());
    ++removed;
  }
  return removed;
}

Result<std::size_t> forget_marks(Connection& connection, Timestamp before, std::size_t limit) {
  auto gone =
      connection.use(k_forget).time(1, before).number(2, static_cast<std::int64_t>(limit)).run();
  if (!gone) return Failure(gone.error());
  return static_cast<std::size_t>(*gone);
}

Result<std::size_t> forget_batches(Connection& connection, Timestamp before, std::size_t limit) {
  auto items = connection.use(k_forget_items)
                   .time(1, before)
                   .number(2, static_cast<std::int64_t>(limit))
                   .run();
  if (!items) return Failure(items.error());
  auto batches = connection.use(k_forget_batches).time(1, before).run();
  if (!batches) return Failure(batches.error());
  return static_cast<std::size_t>(*items + *batches);
}

}  // namespace vozex::sqlite
