// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/commit.h"

namespace vozex::sqlite {
namespace {

using ports::BindingOp;
using ports::CallOp;
using ports::CallState;

Result<void> done(const Result<int>& changes) {
  if (!changes) return Failure(changes.error());
  return {};
}

void bind_key(Statement& statement, const ports::BindingKey& key) {
  statement.text(1, key.tenant).text(2, key.slot).text(3, key.key);
}

Result<void> hold(Connection& connection, const ports::BindingWrite& write) {
  Statement insert = connection.use(
      "INSERT INTO holders(tenant, slot, key, instance, shard, ended) VALUES(?1, ?2, ?3, ?4, ?5, "
      "0) ON CONFLICT DO UPDATE SET ended = 0");
  bind_key(insert, write.binding);
  return done(insert.id(4, write.instance.id).number(5, write.instance.shard).run());
}

Result<void> apply(Connection& connection, const ports::BindingWrite& write) {
  switch (write.op) {
    case BindingOp::take_key: {
      // Whoever is left there has ended: judge() saw to it.
      Statement clear =
          connection.use("DELETE FROM holders WHERE tenant = ?1 AND slot = ?2 AND key = ?3");
      bind_key(clear, write.binding);
      if (auto cleared = clear.run(); !cleared) return Failure(cleared.error());
      return hold(connection, write);
    }
    case BindingOp::add_alias: return hold(connection, write);
    case BindingOp::end: {
      Statement mark = connection.use(
          "UPDATE holders SET ended = 1 WHERE tenant = ?1 AND slot = ?2 AND key = ?3 AND "
          "instance = ?4");
      bind_key(mark, write.binding);
      return done(mark.id(4, write.instance.id).run());
    }
    case BindingOp::release: {
      Statement remove = connection.use(
          "DELETE FROM holders WHERE tenant = ?1 AND slot = ?2 AND key = ?3 AND instance = ?4");
      bind_key(remove, write.binding);
      return done(remove.id(4, write.instance.id).run());
    }
  }
  return {};
}

Result<void> apply(Connection& connection, const ports::ParkWrite& park) {
  auto parked = connection.use("INSERT INTO parked(mark, expires_at, event) VALUES(?1, ?2, ?3)")
                    .id(1, park.mark)
                    .time(2, park.expires_at)
                    .text(3, park.event)
                    .run();
  if (!parked) return Failure(parked.error());
  for (const ports::BindingKey& key : park.keys) {
    Statement wait = connection.use(
        "INSERT INTO waits(tenant, slot, key, arrival) "
        "SELECT ?1, ?2, ?3, arrival FROM parked WHERE mark = ?4 ON CONFLICT DO NOTHING");
    bind_key(wait, key);
    if (auto waits = wait.id(4, park.mark).run(); !waits) return Failure(waits.error());
  }
  return {};
}

Statement& bind_call(Statement& statement, const CallId& id) {
  return statement.id(1, id.instance).number(2, id.seq).number(3, id.index);
}

Result<void> insert(Connection& connection, const ports::CallRow& row) {
  Statement insert = connection.use(
      "INSERT INTO calls(instance, seq, idx, shard, tenant, adapter, state, owner, attempt, "
      "next_at, decided_at, request, error) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
  bind_call(insert, row.id).number(4, row.shard).text(5, row.tenant).text(6, row.adapter);
  insert.number(7, static_cast<int>(row.state));
  row.state == CallState::leased ? insert.id(8, row.owner) : insert.null(8);
  insert.number(9, row.attempt).time(10, row.next_at).time(11, row.decided_at);
  return done(insert.text(12, row.request).text(13, row.error).run());
}

Result<void> apply(Connection& connection, const ports::CallWrite& write) {
  switch (write.op) {
    case CallOp::insert: return insert(connection, write.row);
    case CallOp::end: {
      Statement remove =
          connection.use("DELETE FROM calls WHERE instance = ?1 AND seq = ?2 AND idx = ?3");
      return done(bind_call(remove, write.row.id).run());
    }
    case CallOp::withdraw: {
      Statement remove = connection.use(
          "DELETE FROM calls WHERE instance = ?1 AND seq = ?2 AND idx = ?3 AND state = 2");
      return done(bind_call(remove, write.row.id).run());
    }
    case CallOp::retry: {
      Statement update = connection.use(
          "UPDATE calls SET state = 2, owner = NULL, attempt = ?4, next_at = ?5, error = ?6 "
          "WHERE instance = ?1 AND seq = ?2 AND idx = ?3");
      bind_call(update, write.row.id).number(4, write.row.attempt).time(5, write.row.next_at);
      return done(update.text(6, write.row.error).run());
    }
    case CallOp::dead: {
      Statement update = connection.use(
          "UPDATE calls SET state = 3, owner = NULL, error = ?4 "
          "WHERE instance = ?1 AND seq = ?2 AND idx = ?3");
      return done(bind_call(update, write.row.id).text(4, write.row.error).run());
    }
    case CallOp::lease: {
      Statement update = connection.use(
          "UPDATE calls SET state = 1, owner = ?4, attempt = ?5 "
          "WHERE instance = ?1 AND seq = ?2 AND idx = ?3");
      bind_call(update, write.row.id).id(4, write.row.owner);
      return done(update.number(5, write.row.attempt).run());
    }
  }
  return {};
}

}  // namespace

Result<void> apply_bindings(Connection& connection, const ports::Group& group) {
  for (const ports::BindingWrite& write : group.bindings) {
    if (auto applied = apply(connection, write); !applied) return applied;
  }
  for (const ports::ParkWrite& park : group.parks) {
    if (auto applied = apply(connection, park); !applied) return applied;
  }
  return {};
}

Result<void> apply_calls(Connection& connection, const ports::Group& group) {
  for (const ports::CallWrite& write : group.calls) {
    if (auto applied = apply(connection, write); !applied) return applied;
  }
  return {};
}

Result<void> unpark(Connection& connection, const MarkId& mark) {
  auto removed = connection
                     .use(
                         "DELETE FROM waits WHERE arrival = "
                         "(SELECT arrival FROM parked WHERE mark = ?1)")
                     .id(1, mark)
                     .run();
  if (!removed) return Failure(removed.error());
  return done(connection.use("DELETE FROM parked WHERE mark = ?1").id(1, mark).run());
}

}  // namespace vozex::sqlite
