// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/sessions.h"

#include "adapters/sqlite/rows.h"

namespace vozex::sqlite {
namespace {

Failure dead_session() {
  return fail(ErrorClass::not_found, "session_dead", "the session is dead: join anew");
}

Result<void> done(const Result<int>& changes) {
  if (!changes) return Failure(changes.error());
  return {};
}

Result<void> bury(Connection& connection, const SessionId& heir, Duration lease) {
  auto living =
      connection.use("SELECT 1 FROM sessions WHERE id = ?1 AND live = 1").id(1, heir).step();
  if (!living) return Failure(living.error());
  if (!*living) return dead_session();
  return done(connection
                  .use("UPDATE sessions SET live = 0 WHERE live = 1 AND id <> ?1 AND "
                       "beat_at < " VOZEX_SQLITE_NOW " - ?2")
                  .id(1, heir)
                  .number(2, lease.count())
                  .run());
}

Result<void> inherit_calls(Connection& connection,
                           const SessionId& heir,
                           std::size_t limit,
                           std::vector<ports::CallRow>& calls) {
  auto read = connection
                  .use("SELECT " VOZEX_SQLITE_CALL_COLUMNS
                       "FROM calls WHERE state = 1 AND owner NOT IN (SELECT id FROM sessions "
                       "WHERE live = 1) ORDER BY instance, seq, idx LIMIT ?1")
                  .number(1, static_cast<std::int64_t>(limit))
                  .each([&](const Statement& row) { calls.push_back(read_call(row)); });
  if (!read) return read;
  for (ports::CallRow& call : calls) {
    call.owner = heir;
    ++call.attempt;
    ++call.losses;
    auto taken = connection
                     .use(
                         "UPDATE calls SET owner = ?4, attempt = ?5, losses = ?6 "
                         "WHERE instance = ?1 AND seq = ?2 AND idx = ?3")
                     .id(1, call.id.instance)
                     .number(2, call.id.seq)
                     .number(3, call.id.index)
                     .id(4, heir)
                     .number(5, call.attempt)
                     .number(6, call.losses)
                     .run();
    if (!taken) return Failure(taken.error());
  }
  return {};
}

Result<void> inherit_outbox(Connection& connection,
                            const SessionId& heir,
                            std::size_t limit,
                            std::vector<ports::OutboxRow>& outbox) {
  auto read = connection
                  .use(
                      "SELECT from_instance, seq, idx, shard, event FROM outbox WHERE owner NOT "
                      "IN (SELECT id FROM sessions WHERE live = 1) "
                      "ORDER BY from_instance, seq, idx LIMIT ?1")
                  .number(1, static_cast<std::int64_t>(limit))
                  .each([&](const Statement& row) {
                    outbox.push_back({row.number_at<Shard>(3),
                                      row.id_at<InstanceId>(0),
                                      row.number_at<std::uint32_t>(1),
                                      row.number_at<std::uint16_t>(2),
                                      heir,
                                      row.text_at(4)});
                  });
  if (!read) return read;
  for (const ports::OutboxRow& row : outbox) {
    auto taken = connection
                     .use(
                         "UPDATE outbox SET owner = ?4 "
                         "WHERE from_instance = ?1 AND seq = ?2 AND idx = ?3")
                     .id(1, row.from)
                     .number(2, row.seq)
                     .number(3, row.index)
                     .id(4, heir)
                     .run();
    if (!taken) return Failure(taken.error());
  }
  return {};
}

}  // namespace

Result<void> join(Connection& connection, const SessionId& session, const std::string& name) {
  return done(connection
                  .use("INSERT INTO sessions(id, name, live, started_at, beat_at) VALUES(?1, ?2, "
                       "1, " VOZEX_SQLITE_NOW ", " VOZEX_SQLITE_NOW ") ON CONFLICT DO NOTHING")
                  .id(1, session)
                  .text(2, name)
                  .run());
}

Result<Timestamp> beat(Connection& connection, const SessionId& session) {
  Statement update = connection.use("UPDATE sessions SET beat_at = " VOZEX_SQLITE_NOW
                                    " WHERE id = ?1 AND live = 1 RETURNING beat_at");
  auto row = update.id(1, session).step();
  if (!row) return Failure(row.error());
  if (!*row) return dead_session();
  return update.time_at(0);
}

Result<void> leave(Connection& connection, const SessionId& session) {
  return done(connection.use("UPDATE sessions SET live = 0 WHERE id = ?1").id(1, session).run());
}

Result<ports::SessionStore::Inheritance> inherit(Connection& connection,
                                                 const SessionId& heir,
                                                 Duration lease,
                                                 std::size_t limit) {
  ports::SessionStore::Inheritance inheritance;
  auto good = bury(connection, heir, lease);
  if (good) good = inherit_calls(connection, heir, limit, inheritance.calls);
  if (good) good = inherit_outbox(connection, heir, limit, inheritance.outbox);
  if (!good) return Failure(good.error());
  return inheritance;
}

}  // namespace vozex::sqlite
