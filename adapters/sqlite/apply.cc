// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "adapters/sqlite/commit.h"
#include "adapters/sqlite/inbox.h"
#include "engine/base/assert.h"

namespace vozex::sqlite {
namespace {

using ports::Group;

Result<void> done(const Result<int>& changes) {
  if (!changes) return Failure(changes.error());
  return {};
}

// What insert and move have in common; ?1 to ?20.
void bind_row(Statement& statement, const ports::InstanceRow& row, Etag etag) {
  statement.id(1, row.id).number(2, row.shard).id(3, row.root).id_or_null(4, row.parent);
  statement.text(5, row.tenant).text(6, row.workflow).number(7, row.version).text(8, row.key);
  statement.etag(9, etag).number(10, row.seq).number(11, static_cast<int>(row.life));
  statement.text(12, row.state).text(13, row.status).number(14, row.incident ? 1 : 0);
  statement.time(15, row.at).time(16, row.started_at);
  statement.text(17, row.input).text(18, row.data).text(19, row.rt).text(20, row.output);
}

Result<void> insert_live(Connection& connection, const ports::InstanceRow& row, Etag etag) {
  Statement insert = connection.use(
      "INSERT INTO instances(id, shard, root, parent, tenant, workflow, version, key, etag, seq, "
      "life, state, status, incident, at, started_at, input, data, rt, output, timer_at) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, "
      "?19, ?20, ?21)");
  bind_row(insert, row, etag);
  return done(insert.time(21, row.timer_at).run());
}

Result<void> insert_finished(Connection& connection,
                             const ports::InstanceRow& row,
                             Etag etag,
                             Timestamp now) {
  Statement insert = connection.use(
      "INSERT INTO finished(id, shard, root, parent, tenant, workflow, version, key, etag, seq, "
      "life, state, status, incident, at, started_at, input, data, rt, output, finished_at) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, "
      "?19, ?20, ?21)");
  bind_row(insert, row, etag);
  return done(insert.time(21, now).run());
}

void bind_change(Statement& statement, const ports::InstanceWrite& write, Etag etag) {
  const ports::InstanceRow& row = write.row;
  statement.id(1, row.id).number(2, row.version).etag(3, etag).number(4, row.seq);
  statement.number(5, static_cast<int>(row.life)).text(6, row.state).text(7, row.status);
  statement.number(8, row.incident ? 1 : 0).time(9, row.at).text(10, row.rt);
  statement.text(11, row.output);
  write.data_changed ? statement.text(12, row.data) : statement.null(12);
}

Result<void> update_live(Connection& connection, const ports::InstanceWrite& write, Etag etag) {
  Statement update = connection.use(
      "UPDATE instances SET version = ?2, etag = ?3, seq = ?4, life = ?5, state = ?6, status = ?7, "
      "incident = ?8, at = ?9, rt = ?10, output = ?11, data = coalesce(?12, data), timer_at = ?13 "
      "WHERE id = ?1");
  bind_change(update, write, etag);
  return done(update.time(13, write.row.timer_at).run());
}

Result<void> update_finished(Connection& connection, const ports::InstanceWrite& write, Etag etag) {
  Statement update = connection.use(
      "UPDATE finished SET version = ?2, etag = ?3, seq = ?4, life = ?5, state = ?6, status = ?7, "
      "incident = ?8, at = ?9, rt = ?10, output = ?11, data = coalesce(?12, data) WHERE id = ?1");
  bind_change(update, write, etag);
  return done(update.run());
}

Result<void> finish(Connection& connection,
                    const ports::InstanceWrite& write,
                    Etag etag,
                    Timestamp now) {
  Statement move = connection.use(
      "INSERT INTO finished(id, shard, root, parent, tenant, workflow, version, key, etag, seq, "
      "life, state, status, incident, at, started_at, input, data, rt, output, finished_at) "
      "SELECT id, shard, root, parent, tenant, workflow, ?2, key, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
      "started_at, input, coalesce(?12, data), ?10, ?11, ?13 FROM instances WHERE id = ?1");
  bind_change(move, write, etag);
  if (auto moved = move.time(13, now).run(); !moved) return Failure(moved.error());
  return done(connection.use("DELETE FROM instances WHERE id = ?1").id(1, write.row.id).run());
}

Result<void> apply(Connection& connection,
                   const ports::InstanceWrite& write,
                   Etag etag,
                   Timestamp now) {
  const bool ends = machine::is_ended(write.row.life);
  if (write.tasks_changed) {
    if (auto written = write_tasks(connection, write); !written) return written;
  }
  if (write.old == 0 && ends) return insert_finished(connection, write.row, etag, now);
  if (write.old == 0) return insert_live(connection, write.row, etag);
  if (write.was_ended) return update_finished(connection, write, etag);
  if (ends) return finish(connection, write, etag, now);
  return update_live(connection, write, etag);
}

Result<void> apply(Connection& connection, const ports::HistoryRow& row, Etag etag, Timestamp now) {
  return done(connection
                  .use("INSERT INTO history(id, seq, shard, disposition, at, stored_at, etag, "
                       "entry) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
                  .id(1, row.id)
                  .number(2, row.seq)
                  .number(3, row.shard)
                  .number(4, static_cast<int>(row.disposition))
                  .time(5, row.at)
                  .time(6, now)
                  .etag(7, etag)
                  .text(8, row.entry)
                  .run());
}

Result<void> apply(Connection& connection, const ports::MarkWrite& write, Timestamp now) {
  const char* sql = write.resolve
                        ? "INSERT INTO marks(mark, instance, seq, disposition, stored_at, answer) "
                          "VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(mark) DO UPDATE SET "
                          "instance = excluded.instance, seq = excluded.seq, "
                          "disposition = excluded.disposition, answer = excluded.answer"
                        : "INSERT INTO marks(mark, instance, seq, disposition, stored_at, answer) "
                          "VALUES(?1, ?2, ?3, ?4, ?5, ?6)";
  return done(connection.use(sql)
                  .id(1, write.mark)
                  .id_or_null(2, write.instance)
                  .number(3, write.seq)
                  .number(4, static_cast<int>(write.disposition))
                  .time(5, now)
                  .text(6, write.answer)
                  .run());
}

Result<void> apply(Connection& connection, const ports::OutboxRow& row) {
  return done(connection
                  .use("INSERT INTO outbox(from_instance, seq, idx, shard, owner, event) "
                       "VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
                  .id(1, row.from)
                  .number(2, row.seq)
                  .number(3, row.index)
                  .number(4, row.shard)
                  .id(5, row.owner)
                  .text(6, row.event)
                  .run());
}

Result<void> take_out(Connection& connection, const ports::OutboxRow& row) {
  return done(
      connection.use("DELETE FROM outbox WHERE from_instance = ?1 AND seq = ?2 AND idx = ?3")
          .id(1, row.from)
          .number(2, row.seq)
          .number(3, row.index)
          .run());
}

template <class Items, class Work>
Result<void> for_each(const Items& items, Work&& work) {
  for (const auto& item : items) {
    if (auto worked = work(item); !worked) return worked;
  }
  return {};
}

Result<void> find_claims(Connection& connection,
                         const Group& group,
                         std::set<ports::BindingKey>& claims) {
  for (const ports::BindingWrite& write : group.bindings) {
    if (write.op != ports::BindingOp::take_key && write.op != ports::BindingOp::add_alias) continue;
    auto waits = connection.use("SELECT 1 FROM waits WHERE tenant = ?1 AND slot = ?2 AND key = ?3")
                     .text(1, write.binding.tenant)
                     .text(2, write.binding.slot)
                     .text(3, write.binding.key)
                     .step();
    if (!waits) return Failure(waits.error());
    if (*waits) claims.insert(write.binding);
  }
  return {};
}

}  // namespace

Result<void> apply(Connection& connection, const Group& group, Etag etag, Timestamp now) {
  auto good = for_each(group.unparks, [&](const MarkId& mark) { return unpark(connection, mark); });
  if (good) {
    good = for_each(group.instances,
                    [&](const auto& write) { return apply(connection, write, etag, now); });
  }
  if (good) good = apply_bindings(connection, group);
  if (good) {
    good =
        for_each(group.history, [&](const auto& row) { return apply(connection, row, etag, now); });
  }
  if (good) {
    good = for_each(group.marks, [&](const auto& write) { return apply(connection, write, now); });
  }
  if (good) good = apply_calls(connection, group);
  if (good) good = for_each(group.outbox, [&](const auto& row) { return apply(connection, row); });
  if (good) {
    good = for_each(group.outbox_done, [&](const auto& row) { return take_out(connection, row); });
  }
  return good;
}

Result<ports::CommitReply> commit_into(Connection& connection,
                                       const ports::CommitRequest& request) {
  VOZEX_ASSERT(request.etag != 0);
  ports::CommitReply reply;
  std::set<ports::BindingKey> claims;
  for (const Group& group : request.groups) {
    auto verdict = judge(connection, group);
    if (!verdict) return Failure(verdict.error());
    reply.verdicts.push_back(std::move(*verdict));
    if (reply.verdicts.back().verdict != ports::Verdict::committed) continue;
    auto applied = apply(connection, group, request.etag, request.now);
    if (applied) applied = find_claims(connection, group, claims);
    if (!applied) return Failure(applied.error());
  }
  reply.claims.assign(claims.begin(), claims.end());
  return reply;
}

}  // namespace vozex::sqlite
