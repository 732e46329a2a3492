// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/inbox.h"

#include "adapters/sqlite/rows.h"

namespace vozex::sqlite {
namespace {

constexpr char k_separator = '\x1f';

std::string joined(const std::vector<std::string>& roles) {
  std::string text;
  for (const std::string& role : roles) text += k_separator + role;
  return text.empty() ? text : text + k_separator;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> roles;
  std::size_t from = 1;
  while (from < text.size()) {
    const std::size_t end = text.find(k_separator, from);
    if (end == std::string::npos) break;
    roles.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return roles;
}

Result<void> insert(Connection& connection, const ports::TaskRow& row) {
  const std::string roles = joined(row.roles);
  Statement insert = connection.use(
      "INSERT INTO tasks(instance, seq, idx, shard, tenant, workflow, key, state, title, queue, "
      "roles, assignee, opened_at, claimed_at, due, level) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)");
  insert.id(1, row.id.instance).number(2, row.id.seq).number(3, row.id.index).number(4, row.shard);
  insert.text(5, row.tenant).text(6, row.workflow).text(7, row.key).text(8, row.state);
  insert.text(9, row.title).text(10, row.queue).text(11, roles).text(12, row.assignee);
  insert.time(13, row.opened_at).time(14, row.claimed_at).time(15, ports::due_of(row));
  auto done = insert.number(16, row.level).run();
  if (!done) return Failure(done.error());
  return {};
}

#define VOZEX_SQLITE_TASK_COLUMNS                                                            \
  "instance, seq, idx, shard, tenant, workflow, key, state, title, queue, roles, assignee, " \
  "opened_at, claimed_at, due, level "

ports::TaskRow read_task(const Statement& row) {
  ports::TaskRow task;
  task.id.instance = row.id_at<InstanceId>(0);
  task.id.seq = row.number_at<std::uint32_t>(1);
  task.id.index = row.number_at<std::uint16_t>(2);
  task.shard = row.number_at<Shard>(3);
  task.tenant = row.text_at(4);
  task.workflow = row.text_at(5);
  task.key = row.text_at(6);
  task.state = row.text_at(7);
  task.title = row.text_at(8);
  task.queue = row.text_at(9);
  task.roles = split(row.text_at(10));
  task.assignee = row.text_at(11);
  task.opened_at = row.time_at(12);
  task.claimed_at = row.optional_time_at(13);
  if (row.time_at(14) < ports::k_never_due) task.due = row.time_at(14);
  task.level = row.number_at<std::uint16_t>(15);
  return task;
}

// The parameters have fixed numbers, those of roles come last.
std::string conditions(const ports::TaskFilter& filter) {
  std::string text = " WHERE tenant = ?1";
  if (!filter.queue.empty()) text += " AND queue = ?3";
  if (!filter.workflow.empty()) text += " AND workflow = ?4";
  if (!filter.assignee.empty()) text += " AND assignee = ?5 AND assignee <> ''";
  if (filter.unassigned) text += " AND assignee = ''";
  if (filter.due_before) text += " AND due < ?6";
  if (!filter.of.is_nil()) text += " AND instance = ?7";
  if (filter.after) text += " AND (due, instance, seq, idx) > (?8, ?9, ?10, ?11)";
  if (!filter.roles.empty()) {
    text += " AND (roles = ''";
    for (std::size_t i = 0; i < filter.roles.size(); ++i) {
      text += " OR instr(roles, char(31) || ?" + std::to_string(12 + i) + " || char(31)) > 0";
    }
    text += ")";
  }
  return text + " ORDER BY due, instance, seq, idx LIMIT ?2";
}

void bind(Statement& find, const ports::TaskFilter& filter, std::size_t limit) {
  find.text(1, filter.tenant).number(2, static_cast<std::int64_t>(limit));
  if (!filter.queue.empty()) find.text(3, filter.queue);
  if (!filter.workflow.empty()) find.text(4, filter.workflow);
  if (!filter.assignee.empty()) find.text(5, filter.assignee);
  if (filter.due_before) find.time(6, *filter.due_before);
  if (!filter.of.is_nil()) find.id(7, filter.of);
  if (filter.after) {
    const TaskId& id = filter.after->id;
    find.time(8, filter.after->due).id(9, id.instance).number(10, id.seq).number(11, id.index);
  }
  for (std::size_t i = 0; i < filter.roles.size(); ++i) {
    find.text(static_cast<int>(12 + i), filter.roles[i]);
  }
}

}  // namespace

Result<void> write_tasks(Connection& connection, const ports::InstanceWrite& write) {
  auto gone = connection.use("DELETE FROM tasks WHERE instance = ?1").id(1, write.row.id).run();
  if (!gone) return Failure(gone.error());
  if (machine::is_ended(write.row.life)) return {};
  for (const ports::TaskRow& row : write.tasks) {
    if (auto inserted = insert(connection, row); !inserted) return inserted;
  }
  return {};
}

Result<std::vector<ports::TaskRow>> list_tasks(Connection& connection,
                                               const ports::TaskFilter& filter,
                                               std::size_t limit) {
  Statement find =
      connection.use("SELECT " VOZEX_SQLITE_TASK_COLUMNS "FROM tasks" + conditions(filter));
  bind(find, filter, limit);
  std::vector<ports::TaskRow> rows;
  auto read = find.each([&](const Statement& row) { rows.push_back(read_task(row)); });
  if (!read) return Failure(read.error());
  return rows;
}

Result<std::vector<ports::TaskRow>> tasks_of(Connection& connection, const InstanceId& instance) {
  std::vector<ports::TaskRow> rows;
  auto read = connection.use("SELECT " VOZEX_SQLITE_TASK_COLUMNS "FROM tasks WHERE instance = ?1")
                  .id(1, instance)
                  .each([&](const Statement& row) { rows.push_back(read_task(row)); });
  if (!read) return Failure(read.error());
  return rows;
}

Result<std::vector<ports::TaskCount>> count_tasks(Connection& connection,
                                                  const std::string& tenant,
                                                  Timestamp now) {
  std::vector<ports::TaskCount> counts;
  auto read = connection
                  .use(
                      "SELECT queue, count(*), sum(assignee = ''), sum(due < ?2) FROM tasks "
                      "WHERE tenant = ?1 GROUP BY queue ORDER BY queue")
                  .text(1, tenant)
                  .time(2, now)
                  .each([&](const Statement& row) {
                    counts.push_back({row.text_at(0),
                                      row.number_at<std::uint64_t>(1),
                                      row.number_at<std::uint64_t>(2),
                                      row.number_at<std::uint64_t>(3)});
                  });
  if (!read) return Failure(read.error());
  return counts;
}

}  // namespace vozex::sqlite
