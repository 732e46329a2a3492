// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/queries.h"

#include "adapters/postgres/records.h"

namespace vozex::postgres {
namespace {

constexpr const char* k_find = "SELECT " VOZEX_PG_LIVE_COLUMNS
                               "FROM instances i WHERE i.shard = ANY ($1) AND i.id = $2 UNION ALL "
                               "SELECT " VOZEX_PG_FINISHED_COLUMNS
                               "FROM finished i WHERE i.shard = ANY ($1) AND i.id = $2 LIMIT 1";

Column shards(std::int16_t from, std::int16_t to) {
  Column column(k_int2);
  for (std::int16_t shard = from; shard <= to; ++shard) column.add_int2(shard);
  return column;
}

// The root's own shard, then all; `run(shards)` gives rows.
template <class Run>
Result<Rows> first_found(const InstanceId& id, Run&& run) {
  const std::int16_t own = shard_of(id);
  auto rows = run(shards(own, own));
  if (!rows || !rows->empty()) return rows;
  return run(shards(0, 255));
}

}  // namespace

Result<std::optional<ports::InstanceRow>> find_instance(Connection& connection,
                                                        const InstanceId& id) {
  auto rows = first_found(id, [&](const Column& in) {
    Params params;
    params.array(in).id(id);
    return connection.run(k_find, params);
  });
  if (!rows) return Failure(rows.error());
  if (rows->empty()) return std::nullopt;
  return read_instance(*rows, 0);
}

Result<std::vector<ports::HistoryRow>> list_history(Connection& connection,
                                                    const InstanceId& id,
                                                    std::uint32_t after_seq,
                                                    std::size_t limit) {
  auto rows = first_found(id, [&](const Column& in) {
    Params params;
    params.array(in).id(id).int4(static_cast<std::int32_t>(after_seq));
    params.int8(static_cast<std::int64_t>(limit));
    return connection.run(
        "SELECT shard, seq, disposition, step_at, entry FROM history "
        "WHERE shard = ANY ($1) AND id = $2 AND seq > $3 ORDER BY seq LIMIT $4",
        params);
  });
  if (!rows) return Failure(rows.error());
  return rows->all([&](const Rows& from, int row) {
    return ports::HistoryRow{from.number<Shard>(row, 0),
                             id,
                             from.number<std::uint32_t>(row, 1),
                             from.number<machine::Disposition>(row, 2),
                             from.time(row, 3),
                             from.text(row, 4)};
  });
}

Result<std::vector<ports::CallRow>> list_calls(Connection& connection,
                                               const ports::CallFilter& filter,
                                               std::size_t limit) {
  std::string sql = "SELECT " VOZEX_PG_CALL_COLUMNS "FROM calls c WHERE true";
  Params params;
  params.int8(static_cast<std::int64_t>(limit));
  // Spelled out, so that the partial indices serve.
  if (filter.state) sql += " AND c.state = " + std::to_string(static_cast<int>(*filter.state));
  int at = 1;
  const auto place = [&at] { return "$" + std::to_string(++at); };
  if (!filter.of.is_nil()) {
    params.id(filter.of);
    sql += " AND c.instance = " + place();
  }
  if (!filter.adapter.empty()) {
    params.text(filter.adapter);
    sql += " AND c.adapter = " + place();
  }
  if (!filter.after.instance.is_nil()) {
    params.id(filter.after.instance).int4(static_cast<std::int32_t>(filter.after.seq));
    params.int4(filter.after.index);
    sql += " AND (c.instance, c.seq, c.idx) > (" + place();
    sql += ", " + place();
    sql += ", " + place() + ")";
  }
  sql += " ORDER BY c.instance, c.seq, c.idx LIMIT $1";
  auto rows = connection.run(sql.c_str(), params);
  if (!rows) return Failure(rows.error());
  return rows->all(read_call);
}

Result<std::vector<ports::StateCount>> count_states(Connection& connection,
                                                    const std::string& tenant) {
  Params params;
  params.text(tenant);
  auto rows = connection.run(
      "SELECT workflow, version, state, count(*), count(*) FILTER (WHERE incident) "
      "FROM instances WHERE tenant = $1 GROUP BY workflow, version, state "
      "ORDER BY workflow, version, state",
      params);
  if (!rows) return Failure(rows.error());
  return rows->all([](const Rows& from, int row) {
    return ports::StateCount{from.text(row, 0),
                             from.number<std::uint32_t>(row, 1),
                             from.text(row, 2),
                             from.number<std::uint64_t>(row, 3),
                             from.number<std::uint64_t>(row, 4)};
  });
}

Result<std::uint64_t> count_parked(Connection& connection) {
  auto rows = connection.run("SELECT count(*) FROM parked");
  if (!rows) return Failure(rows.error());
  return rows->number<std::uint64_t>(0, 0);
}

}  // namespace vozex::postgres
