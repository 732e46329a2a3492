// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/inbox.h"

namespace vozex::postgres {
namespace {

#define VOZEX_PG_TASK_COLUMNS                                                          \
  "t.instance, t.seq, t.idx, t.shard, t.tenant, t.workflow, t.key, t.state, t.title, " \
  "t.queue, t.roles, t.assignee, t.opened_at, t.claimed_at, t.due, t.level "

ports::TaskRow read_task(const Rows& rows, int row) {
  ports::TaskRow task;
  task.id.instance = rows.id<InstanceId>(row, 0);
  task.id.seq = rows.number<std::uint32_t>(row, 1);
  task.id.index = rows.number<std::uint16_t>(row, 2);
  task.shard = rows.number<Shard>(row, 3);
  task.tenant = rows.text(row, 4);
  task.workflow = rows.text(row, 5);
  task.key = rows.text(row, 6);
  task.state = rows.text(row, 7);
  task.title = rows.text(row, 8);
  task.queue = rows.text(row, 9);
  task.roles = rows.texts(row, 10);
  std::erase(task.roles, "");
  task.assignee = rows.text(row, 11);
  task.opened_at = rows.time(row, 12);
  task.claimed_at = rows.optional_time(row, 13);
  if (rows.time(row, 14) < ports::k_never_due) task.due = rows.time(row, 14);
  task.level = rows.number<std::uint16_t>(row, 15);
  return task;
}

std::vector<ports::TaskRow> read_all(const Rows& rows) { return rows.all(read_task); }

// Parameters are numbered as they are added.
struct TaskQuery {
  Params params;
  std::string conditions;

  std::string next() const { return "$" + std::to_string(params.size()); }
  void text(const char* condition, const std::string& value) {
    if (value.empty()) return;
    params.text(value);
    conditions += " AND " + std::string(condition) + next();
  }
};

TaskQuery query_of(const ports::TaskFilter& filter) {
  TaskQuery query;
  query.params.text(filter.tenant);
  query.conditions = "t.tenant = $1";
  query.text("t.queue = ", filter.queue);
  query.text("t.workflow = ", filter.workflow);
  query.text("t.assignee <> '' AND t.assignee = ", filter.assignee);
  if (filter.unassigned) query.conditions += " AND t.assignee = ''";
  if (filter.due_before) {
    query.params.time(*filter.due_before);
    query.conditions += " AND t.due < " + query.next();
  }
  if (!filter.of.is_nil()) {
    query.params.id(filter.of);
    query.conditions += " AND t.instance = " + query.next();
  }
  if (!filter.roles.empty()) {
    Column roles(k_text);
    for (const std::string& role : filter.roles) roles.add_text(role);
    roles.add_text("");  // anybody
    query.params.array(roles);
    query.conditions += " AND t.roles && " + query.next();
  }
  if (filter.after) {
    const TaskId& id = filter.after->id;
    query.params.time(filter.after->due);
    query.conditions += " AND (t.due, t.instance, t.seq, t.idx) > (" + query.next();
    query.params.id(id.instance);
    query.conditions += ", " + query.next();
    query.params.int4(static_cast<std::int32_t>(id.seq));
    query.conditions += ", " + query.next();
    query.params.int4(id.index);
    query.conditions += ", " + query.next() + ")";
  }
  return query;
}

}  // namespace

Result<std::vector<ports::TaskRow>> list_tasks(Connection& connection,
                                               const ports::TaskFilter& filter,
                                               std::size_t limit) {
  TaskQuery query = query_of(filter);
  query.params.int8(static_cast<std::int64_t>(limit));
  const std::string sql = "SELECT " VOZEX_PG_TASK_COLUMNS "FROM tasks t WHERE " + query.conditions +
                          " ORDER BY t.due, t.instance, t.seq, t.idx LIMIT " + query.next();
  auto rows = connection.run(sql.c_str(), query.params);
  if (!rows) return Failure(rows.error());
  return read_all(*rows);
}

Result<std::vector<ports::TaskRow>> tasks_of(Connection& connection,
                                             const std::vector<ports::InstanceKey>& instances) {
  Column shards(k_int2), ids(k_uuid);
  for (const ports::InstanceKey& key : instances) {
    shards.add_int2(key.shard);
    ids.add_id(key.id);
  }
  Params params;
  params.array(shards).array(ids);
  auto rows = connection.run(
      "SELECT " VOZEX_PG_TASK_COLUMNS
      "FROM tasks t JOIN unnest($1, $2) u(shard, id) ON t.shard = u.shard AND t.instance = u.id",
      params);
  if (!rows) return Failure(rows.error());
  return read_all(*rows);
}

Result<std::vector<ports::TaskCount>> count_tasks(Connection& connection,
                                                  const std::string& tenant,
                                                  Timestamp now) {
  Params params;
  params.text(tenant).time(now);
  auto rows = connection.run(
      "SELECT queue, count(*), count(*) FILTER (WHERE assignee = ''), "
      "count(*) FILTER (WHERE due < $2) FROM tasks WHERE tenant = $1 GROUP BY queue ORDER BY queue",
      params);
  if (!rows) return Failure(rows.error());
  return rows->all([](const Rows& from, int row) {
    return ports::TaskCount{from.text(row, 0),
                            from.number<std::uint64_t>(row, 1),
                            from.number<std::uint64_t>(row, 2),
                            from.number<std::uint64_t>(row, 3)};
  });
}

}  // namespace vozex::postgres
