// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/load.h"

#include <functional>
#include <set>
#include <utility>

#include "adapters/postgres/columns.h"
#include "adapters/postgres/records.h"

namespace vozex::postgres {
namespace {

// `finished` and `marks` have a partition for each month: only who isn't live is looked up in the
// former, and those of months to come are left out.
constexpr const char* k_instances =
    "WITH l AS MATERIALIZED (SELECT u.shard AS s, u.id AS u, i.* "
    "FROM unnest($1, $2) u(shard, id) LEFT JOIN instances i ON i.shard = u.shard AND i.id = u.id) "
    "SELECT " VOZEX_PG_LIVE_COLUMNS
    "FROM l i WHERE i.etag IS NOT NULL UNION ALL "
    "SELECT " VOZEX_PG_FINISHED_COLUMNS
    "FROM l JOIN finished i ON i.shard = l.s AND i.id = l.u WHERE l.etag IS NULL "
    "AND i.finished_at <= now() + interval '1 day'";
constexpr const char* k_bindings =
    "SELECT b.tenant, b.slot, b.key, b.instance_shard, b.instance, b.live = 0, b.parked > 0 "
    "FROM unnest($1, $2) u(shard, id) JOIN bindings b ON b.shard = u.shard AND b.id = u.id "
    "WHERE b.instance IS NOT NULL UNION ALL "
    "SELECT b.tenant, b.slot, b.key, h.instance_shard, h.instance, h.ended, b.parked > 0 "
    "FROM unnest($1, $2) u(shard, id) JOIN bindings b ON b.shard = u.shard AND b.id = u.id "
    "JOIN holders h ON h.shard = b.shard AND h.id = b.id WHERE b.instance IS NULL";
constexpr const char* k_marks =
    "SELECT m.mark, m.disposition, m.answer FROM unnest($1, $2) u(shard, mark) "
    "JOIN marks m ON m.shard = u.shard AND m.mark = u.mark "
    "AND m.month <= (now() AT TIME ZONE 'UTC')::date + 1";
constexpr const char* k_parked =
    "SELECT DISTINCT p.arrival, p.mark, p.event, p.expires_at "
    "FROM unnest($1, $2) u(shard, id) JOIN waits w ON w.shard = u.shard AND w.id = u.id "
    "JOIN parked p ON p.shard = w.mark_shard AND p.mark = w.mark ORDER BY p.arrival";

template <class Item>
std::set<Item> once_each(const std::vector<Item>& items) {
  return {items.begin(), items.end()};
}

Params params_of(const std::vector<ports::BindingKey>& keys) {
  Column shard(k_int2), id(k_uuid);
  for (const ports::BindingKey& key : once_each(keys)) {
    const Bytes16 key_id = id_of(key);
    shard.add_int2(shard_of_binding(key_id));
    id.add_bytes(key_id);
  }
  Params params;
  params.array(shard).array(id);
  return params;
}

Params params_of(const std::vector<ports::InstanceKey>& keys) {
  Column shard(k_int2), id(k_uuid);
  for (const ports::InstanceKey& key : once_each(keys)) {
    shard.add_int2(key.shard);
    id.add_id(key.id);
  }
  Params params;
  params.array(shard).array(id);
  return params;
}

Params params_of(const std::vector<MarkId>& marks) {
  Column shard(k_int2), id(k_uuid);
  for (const MarkId& mark : once_each(marks)) {
    shard.add_int2(shard_of_mark(mark));
    id.add_id(mark);
  }
  Params params;
  params.array(shard).array(id);
  return params;
}

void read_instances(const Rows& rows, ports::LoadReply& reply) {
  for (int i = 0; i < rows.size(); ++i) reply.instances.push_back(read_instance(rows, i));
}

void read_bindings(const Rows& rows, ports::LoadReply& reply) {
  for (int i = 0; i < rows.size(); ++i) {
    reply.bindings.push_back({{rows.text(i, 0), rows.text(i, 1), rows.text(i, 2)},
                              {rows.number<Shard>(i, 3), rows.id<InstanceId>(i, 4)},
                              rows.boolean(i, 5),
                              rows.boolean(i, 6)});
  }
}

void read_marks(const Rows& rows, ports::LoadReply& reply) {
  for (int i = 0; i < rows.size(); ++i) {
    reply.marks.push_back(
        {rows.id<MarkId>(i, 0), rows.number<machine::Disposition>(i, 1), rows.text(i, 2)});
  }
}

void read_parked(const Rows& rows, ports::LoadReply& reply) {
  for (int i = 0; i < rows.size(); ++i) {
    reply.parked.push_back({rows.id<MarkId>(i, 1),
                            rows.number<std::uint64_t>(i, 0),
                            rows.text(i, 2),
                            rows.time(i, 3)});
  }
}

}  // namespace

std::vector<HotStatement> load_statements() {
  return {{"instances", k_instances},
          {"bindings", k_bindings},
          {"marks", k_marks},
          {"parked", k_parked}};
}

Result<ports::LoadReply> load(Connection& connection, const ports::LoadRequest& request) {
  using Read = void (*)(const Rows&, ports::LoadReply&);
  std::vector<std::pair<const char*, Params>> statements;
  std::vector<Read> readers;
  const auto ask = [&](const char* sql, const auto& keys, Read read) {
    if (keys.empty()) return;
    statements.emplace_back(sql, params_of(keys));
    readers.push_back(read);
  };
  ask(k_instances, request.instances, read_instances);
  ask(k_bindings, request.bindings, read_bindings);
  ask(k_marks, request.marks, read_marks);
  ask(k_parked, request.parked, read_parked);

  ports::LoadReply reply;
  if (statements.empty()) return reply;
  std::vector<Query> queries;
  for (const auto& [sql, params] : statements) queries.push_back({sql, &params});
  auto results = connection.run_all(queries);
  if (!results) return Failure(results.error());
  for (std::size_t i = 0; i < readers.size(); ++i) readers[i]((*results)[i], reply);
  return reply;
}

}  // namespace vozex::postgres
