// SPDX-License-Identifier: Apache-2.0
//
// list_instances() of queries.h: which statements a filter becomes, with the tables together and
// spread.
#include <algorithm>
#include <set>

#include "adapters/postgres/fold.h"
#include "adapters/postgres/load.h"
#include "adapters/postgres/queries.h"
#include "adapters/postgres/records.h"

namespace vozex::postgres {
namespace {

std::vector<ports::InstanceRow> read_all(const Rows& rows) { return rows.all(read_instance); }

// What one statement for both tables is made of; parameters are numbered as they are added.
struct ListQuery {
  Params params;
  std::string conditions;

  std::string next() const { return "$" + std::to_string(params.size()); }
  void text(const std::string& condition, const std::string& value) {
    params.text(value);
    conditions += " AND " + condition + next();
  }
};

ListQuery conditions_of(const ports::InstanceFilter& filter) {
  ListQuery query;
  query.params.text(filter.tenant).id(filter.after);
  query.conditions = "i.tenant = $1 AND i.id > $2";
  if (!filter.key.empty()) query.text("i.key <> '' AND i.key = ", filter.key);
  if (filter.incident_only) query.conditions += " AND i.incident";
  if (filter.life) {
    query.params.int2(static_cast<std::int16_t>(*filter.life));
    query.conditions += " AND i.life = " + query.next();
  }
  if (!filter.state.empty()) {
    // Paths joined by ',': the wanted one is among them, or one lies below it.
    query.params.text(filter.state);
    const std::string state = query.next();
    query.conditions += " AND (strpos(',' || i.state || ',', ',' || " + state +
                        " || ',') > 0 OR strpos(',' || i.state, ',' || " + state + " || '.') > 0)";
  }
  if (!filter.root.is_nil()) {
    query.params.int2(shard_of(filter.root)).id(filter.root);
    const std::string root = query.next();
    query.conditions += " AND i.shard = $" + std::to_string(query.params.size() - 1) +
                        " AND (i.id = " + root + " OR (i.root = " + root + " AND i.root <> i.id))";
  }
  return query;
}

bool is_narrow(const ports::InstanceFilter& filter) {
  return !filter.key.empty() || !filter.root.is_nil() || filter.incident_only;
}

// Ids are in order within a workflow (index instances_list), so a list of a whole tenant is merged
// from those of its workflows, each cut to the limit; a sort of all its instances would take
// seconds.
std::string list_sql(const char* columns,
                     const std::string& table,
                     const ports::InstanceFilter& filter,
                     const ListQuery& query,
                     const std::string& workflow,
                     const std::string& limit) {
  const std::string order = " ORDER BY i.id LIMIT " + limit;
  const std::string select = std::string("SELECT ") + columns;
  if (!filter.workflow.empty()) {
    return select + "FROM " + table + " i WHERE " + query.conditions +
           " AND i.workflow = " + workflow + order;
  }
  if (is_narrow(filter)) return select + "FROM " + table + " i WHERE " + query.conditions + order;
  return "WITH RECURSIVE w(workflow) AS ((SELECT workflow FROM " + table +
         " WHERE tenant = $1 ORDER BY workflow LIMIT 1) UNION ALL SELECT (SELECT t.workflow FROM " +
         table +
         " t WHERE t.tenant = $1 AND t.workflow > w.workflow ORDER BY t.workflow LIMIT 1) FROM w "
         "WHERE w.workflow IS NOT NULL) " +
         select + "FROM w CROSS JOIN LATERAL (SELECT * FROM " + table + " i WHERE " +
         query.conditions + " AND i.workflow = w.workflow" + order + ") i" + order;
}

// Walked from one to the next, because Citus has no recursion over nodes.
Result<std::vector<std::string>> workflows_in(Connection& connection,
                                              const char* sql,
                                              const std::string& tenant) {
  std::vector<std::string> workflows;
  for (std::string last;; last = workflows.back()) {
    Params params;
    params.text(tenant).text(last);
    auto row = connection.run(sql, params);
    if (!row) return Failure(row.error());
    if (row->empty()) return workflows;
    workflows.push_back(row->text(0, 0));
  }
}

constexpr const char* k_next_live =
    "SELECT workflow FROM instances WHERE tenant = $1 AND workflow > $2 ORDER BY workflow LIMIT 1";
constexpr const char* k_next_ended =
    "SELECT workflow FROM finished WHERE tenant = $1 AND workflow > $2 ORDER BY workflow LIMIT 1";

// Live instances have no index on their business key: whoever holds it stands in `bindings`, under
// the shard that follows from tenant, workflow and key. So the workflows are needed; `workflow` ""
// means all of the tenant.
Result<std::vector<std::string>> workflows_of(Connection& connection,
                                              Layout layout,
                                              const ports::InstanceFilter& filter) {
  if (!filter.workflow.empty()) return std::vector<std::string>{filter.workflow};
  if (layout == Layout::by_bucket) return workflows_in(connection, k_next_live, filter.tenant);
  Params params;
  params.text(filter.tenant);
  auto rows = connection.run(
      "WITH RECURSIVE w(workflow) AS ((SELECT workflow FROM instances WHERE tenant = $1 ORDER BY "
      "workflow LIMIT 1) UNION ALL SELECT (SELECT i.workflow FROM instances i WHERE i.tenant = $1 "
      "AND i.workflow > w.workflow ORDER BY i.workflow LIMIT 1) FROM w WHERE w.workflow IS NOT "
      "NULL) SELECT workflow FROM w WHERE workflow IS NOT NULL",
      params);
  if (!rows) return Failure(rows.error());
  return rows->all([](const Rows& from, int row) { return from.text(row, 0); });
}

// The same where the tables are spread: keys and their holders stand on different nodes, so the
// former are read first.
Result<std::string> spread_key_sql(Connection& connection,
                                   const ports::InstanceFilter& filter,
                                   const std::vector<std::string>& workflows,
                                   ListQuery& query,
                                   const std::string& limit) {
  ports::LoadRequest keys;
  for (const std::string& workflow : workflows) {
    keys.bindings.push_back({filter.tenant, workflow, filter.key});
  }
  auto held = load(connection, keys, Layout::by_bucket);
  if (!held) return Failure(held.error());
  Column shard(k_int2), id(k_uuid);
  for (const ports::BoundRow& row : held->bindings) {
    shard.add_int2(row.instance.shard);
    id.add_id(row.instance.id);
  }
  query.params.array(shard);
  const std::string shards_at = query.next();
  query.params.array(id);
  return "SELECT " VOZEX_PG_LIVE_COLUMNS "FROM instances i WHERE i.shard = ANY (" + shards_at +
         ") AND i.id = ANY (" + query.next() + ") AND " + query.conditions +
         " ORDER BY i.id LIMIT " + limit;
}

// Adds the places where the key may be held to the parameters, and answers the statement that looks
// there.
Result<std::string> key_sql(const ports::InstanceFilter& filter,
                            const std::vector<std::string>& workflows,
                            ListQuery& query,
                            const std::string& limit) {
  Column shard(k_int2), id(k_uuid);
  for (const std::string& workflow : workflows) {
    const Bytes16 key_id = id_of({filter.tenant, workflow, filter.key});
    shard.add_int2(shard_of_binding(key_id));
    id.add_bytes(key_id);
  }
  query.params.array(shard);
  const std::string shards_at = query.next();
  query.params.array(id);
  return "SELECT " VOZEX_PG_LIVE_COLUMNS "FROM unnest(" + shards_at + ", " + query.next() +
         ") u(shard, id) JOIN bindings b ON b.shard = u.shard AND b.id = u.id"
         " JOIN instances i ON i.shard = b.instance_shard AND i.id = b.instance WHERE " +
         query.conditions + " ORDER BY i.id LIMIT " + limit;
}

void cut(std::vector<ports::InstanceRow>& rows, std::size_t limit) {
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  if (rows.size() > limit) rows.resize(limit);
}

// One workflow after the other; see list_sql().
Result<std::vector<ports::InstanceRow>> list_each(Connection& connection,
                                                  const ports::InstanceFilter& filter,
                                                  std::size_t limit) {
  auto live = workflows_in(connection, k_next_live, filter.tenant);
  if (!live) return Failure(live.error());
  std::set<std::string> workflows(live->begin(), live->end());
  if (!filter.live_only) {
    auto ended = workflows_in(connection, k_next_ended, filter.tenant);
    if (!ended) return Failure(ended.error());
    workflows.insert(ended->begin(), ended->end());
  }
  std::vector<ports::InstanceRow> rows;
  for (const std::string& workflow : workflows) {
    ports::InstanceFilter of = filter;
    of.workflow = workflow;
    auto some = list_instances(connection, Layout::by_bucket, of, limit);
    if (!some) return some;
    std::move(some->begin(), some->end(), std::back_inserter(rows));
  }
  cut(rows, limit);
  return rows;
}

}  // namespace

Result<std::vector<ports::InstanceRow>> list_instances(Connection& connection,
                                                       Layout layout,
                                                       const ports::InstanceFilter& filter,
                                                       std::size_t limit) {
  const bool spread = layout == Layout::by_bucket;
  if (spread && filter.workflow.empty() && !is_narrow(filter)) {
    return list_each(connection, filter, limit);
  }
  ListQuery query = conditions_of(filter);
  std::string workflow;
  if (!filter.workflow.empty()) {
    query.params.text(filter.workflow);
    workflow = query.next();
  }
  query.params.int8(static_cast<std::int64_t>(limit));
  const std::string limit_at = query.next();
  const std::string ended =
      list_sql(VOZEX_PG_FINISHED_COLUMNS, "finished", filter, query, workflow, limit_at);
  std::string live =
      list_sql(VOZEX_PG_LIVE_COLUMNS, "instances", filter, query, workflow, limit_at);
  if (!filter.key.empty()) {
    auto workflows = workflows_of(connection, layout, filter);
    if (!workflows) return Failure(workflows.error());
    auto by_key = spread ? spread_key_sql(connection, filter, *workflows, query, limit_at)
                         : key_sql(filter, *workflows, query, limit_at);
    if (!by_key) return Failure(by_key.error());
    live = *std::move(by_key);
  }
  std::vector<Query> queries = {{live.c_str(), &query.params}};
  if (!filter.live_only) queries.push_back({ended.c_str(), &query.params});
  auto results = connection.run_all(queries);
  if (!results) return Failure(results.error());
  std::vector<ports::InstanceRow> rows;
  for (const Rows& result : *results) {
    auto some = read_all(result);
    std::move(some.begin(), some.end(), std::back_inserter(rows));
  }
  cut(rows, limit);
  return rows;
}

}  // namespace vozex::postgres
