// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/queries.h"

#include <algorithm>

#include "adapters/sqlite/rows.h"

namespace vozex::sqlite {
namespace {

using Rows = std::vector<ports::InstanceRow>;

// Workflows of live instances, each found by one look at an index: there are few.
constexpr const char* k_live_workflows =
    "WITH RECURSIVE w(name) AS (SELECT min(workflow) FROM instances WHERE tenant = ?1 UNION ALL "
    "SELECT (SELECT min(workflow) FROM instances WHERE tenant = ?1 AND workflow > name) FROM w "
    "WHERE name IS NOT NULL) SELECT name FROM w";

// Where live ones are looked for: by the holders of the key, as no index of their own has it.
std::string live_source(const ports::InstanceFilter& filter) {
  if (filter.key.empty()) return "FROM instances";
  const std::string slots = filter.workflow.empty() ? k_live_workflows : "?3";
  return "FROM (SELECT DISTINCT instance AS holder FROM holders WHERE tenant = ?1 AND slot IN (" +
         slots + ") AND key = ?4) CROSS JOIN instances ON id = holder";
}

// The conditions of the filter that is there; the parameters have fixed numbers, so their order
// doesn't matter. `states` are paths joined by ',': the wanted one is among them, or one lies below
// it.
std::string conditions(const ports::InstanceFilter& filter) {
  std::string text = " WHERE tenant = ?1 AND id > ?2";
  if (!filter.workflow.empty()) text += " AND workflow = ?3";
  if (!filter.key.empty()) text += " AND key = ?4 AND key <> ''";
  if (!filter.state.empty()) {
    text +=
        " AND (instr(',' || state || ',', ',' || ?5 || ',') > 0"
        " OR instr(',' || state, ',' || ?5 || '.') > 0)";
  }
  if (filter.life) text += " AND life = ?6";
  if (filter.incident_only) text += " AND incident <> 0";
  if (!filter.root.is_nil()) text += " AND (id = ?7 OR (root = ?7 AND root <> id))";
  return text + " ORDER BY id LIMIT ?8";
}

void bind(Statement& find, const ports::InstanceFilter& filter, std::size_t limit) {
  find.text(1, filter.tenant).id(2, filter.after);
  if (!filter.workflow.empty()) find.text(3, filter.workflow);
  if (!filter.key.empty()) find.text(4, filter.key);
  if (!filter.state.empty()) find.text(5, filter.state);
  if (filter.life) find.number(6, static_cast<int>(*filter.life));
  if (!filter.root.is_nil()) find.id(7, filter.root);
  find.number(8, static_cast<std::int64_t>(limit));
}

Result<void> list(Connection& connection,
                  const std::string& select,
                  const ports::InstanceFilter& filter,
                  std::size_t limit,
                  Rows& rows) {
  Statement find = connection.use(select + conditions(filter));
  bind(find, filter, limit);
  return find.each([&](const Statement& row) { rows.push_back(read_instance(row)); });
}

}  // namespace

Result<std::optional<ports::InstanceRow>> find_instance(Connection& connection,
                                                        const InstanceId& id) {
  Statement find =
      connection.use("SELECT " VOZEX_SQLITE_LIVE_COLUMNS
                     "FROM instances WHERE id = ?1 UNION ALL "
                     "SELECT " VOZEX_SQLITE_FINISHED_COLUMNS "FROM finished WHERE id = ?1 LIMIT 1");
  auto row = find.id(1, id).step();
  if (!row) return Failure(row.error());
  if (!*row) return std::nullopt;
  return read_instance(find);
}

Result<Rows> list_instances(Connection& connection,
                            const ports::InstanceFilter& filter,
                            std::size_t limit) {
  Rows rows;
  auto good = list(
      connection, "SELECT " VOZEX_SQLITE_LIVE_COLUMNS + live_source(filter), filter, limit, rows);
  const auto live = static_cast<std::ptrdiff_t>(rows.size());
  if (good && !filter.live_only) {
    good = list(
        connection, "SELECT " VOZEX_SQLITE_FINISHED_COLUMNS "FROM finished", filter, limit, rows);
  }
  if (!good) return Failure(good.error());
  std::inplace_merge(
      rows.begin(), rows.begin() + live, rows.end(), [](const auto& a, const auto& b) {
        return a.id < b.id;
      });
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

Result<std::vector<ports::HistoryRow>> list_history(Connection& connection,
                                                    const InstanceId& id,
                                                    std::uint32_t after_seq,
                                                    std::size_t limit) {
  std::vector<ports::HistoryRow> rows;
  auto read = connection
                  .use(
                      "SELECT shard, seq, disposition, at, entry FROM history "
                      "WHERE id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3")
                  .id(1, id)
                  .number(2, after_seq)
                  .number(3, static_cast<std::int64_t>(limit))
                  .each([&](const Statement& row) {
                    rows.push_back({row.number_at<Shard>(0),
                                    id,
                                    row.number_at<std::uint32_t>(1),
                                    row.number_at<machine::Disposition>(2),
                                    row.time_at(3),
                                    row.text_at(4)});
                  });
  if (!read) return Failure(read.error());
  return rows;
}

Result<std::vector<ports::CallRow>> list_calls(Connection& connection,
                                               const ports::CallFilter& filter,
                                               std::size_t limit) {
  std::string sql = "SELECT " VOZEX_SQLITE_CALL_COLUMNS "FROM calls WHERE 1";
  // Spelled out, so that the partial indices serve.
  if (filter.state) sql += " AND state = " + std::to_string(static_cast<int>(*filter.state));
  if (!filter.of.is_nil()) sql += " AND instance = ?1";
  if (!filter.adapter.empty()) sql += " AND adapter = ?3";
  const bool goes_on = !filter.after.instance.is_nil();
  if (goes_on) sql += " AND (instance, seq, idx) > (?4, ?5, ?6)";
  Statement find = connection.use(sql + " ORDER BY instance, seq, idx LIMIT ?2");
  if (!filter.of.is_nil()) find.id(1, filter.of);
  if (!filter.adapter.empty()) find.text(3, filter.adapter);
  if (goes_on) {
    find.id(4, filter.after.instance).number(5, filter.after.seq).number(6, filter.after.index);
  }
  std::vector<ports::CallRow> rows;
  auto read = find.number(2, static_cast<std::int64_t>(limit)).each([&](const Statement& row) {
    rows.push_back(read_call(row));
  });
  if (!read) return Failure(read.error());
  return rows;
}

Result<std::vector<ports::StateCount>> count_states(Connection& connection,
                                                    const std::string& tenant) {
  std::vector<ports::StateCount> counts;
  auto read = connection
                  .use(
                      "SELECT workflow, version, state, count(*), sum(incident) FROM instances "
                      "WHERE tenant = ?1 GROUP BY workflow, version, state "
                      "ORDER BY workflow, version, state")
                  .text(1, tenant)
                  .each([&](const Statement& row) {
                    counts.push_back({row.text_at(0),
                                      row.number_at<std::uint32_t>(1),
                                      row.text_at(2),
                                      row.number_at<std::uint64_t>(3),
                                      row.number_at<std::uint64_t>(4)});
                  });
  if (!read) return Failure(read.error());
  return counts;
}

Result<std::uint64_t> count_parked(Connection& connection) {
  Statement find = connection.use("SELECT count(*) FROM parked");
  auto row = find.step();
  if (!row) return Failure(row.error());
  return find.number_at<std::uint64_t>(0);
}

}  // namespace vozex::sqlite
