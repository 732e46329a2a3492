// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/commit.h"
#include "adapters/sqlite/rows.h"
#include "adapters/sqlite/sessions.h"

namespace vozex::sqlite {

Result<std::vector<ports::DueTimer>> timers_before(Connection& connection,
                                                   Timestamp horizon,
                                                   std::size_t limit) {
  std::vector<ports::DueTimer> timers;
  auto read =
      connection
          .use(
              "SELECT shard, id, timer_at FROM instances WHERE timer_at IS NOT NULL AND "
              "timer_at < ?1 ORDER BY timer_at, id LIMIT ?2")
          .time(1, horizon)
          .number(2, static_cast<std::int64_t>(limit))
          .each([&](const Statement& row) {
            timers.push_back({{row.number_at<Shard>(0), row.id_at<InstanceId>(1)}, row.time_at(2)});
          });
  if (!read) return Failure(read.error());
  return timers;
}

Result<std::vector<ports::CallRow>> claim_calls(Connection& connection,
                                                const SessionId& session,
                                                Timestamp now,
                                                std::size_t limit) {
  std::vector<ports::CallRow> calls;
  auto read = connection
                  .use("SELECT " VOZEX_SQLITE_CALL_COLUMNS
                       "FROM calls WHERE state = 2 AND next_at <= ?1 "
                       "ORDER BY next_at, instance, seq, idx LIMIT ?2")
                  .time(1, now)
                  .number(2, static_cast<std::int64_t>(limit))
                  .each([&](const Statement& row) { calls.push_back(read_call(row)); });
  if (!read) return Failure(read.error());
  for (ports::CallRow& call : calls) {
    call.state = ports::CallState::leased;
    call.owner = session;
    auto taken = connection
                     .use(
                         "UPDATE calls SET state = 1, owner = ?4 "
                         "WHERE instance = ?1 AND seq = ?2 AND idx = ?3")
                     .id(1, call.id.instance)
                     .number(2, call.id.seq)
                     .number(3, call.id.index)
                     .id(4, session)
                     .run();
    if (!taken) return Failure(taken.error());
  }
  return calls;
}

Result<std::optional<Timestamp>> next_call(Connection& connection) {
  Statement find =
      connection.use("SELECT next_at FROM calls WHERE state = 2 ORDER BY next_at LIMIT 1");
  auto row = find.step();
  if (!row) return Failure(row.error());
  if (!*row) return std::nullopt;
  return find.optional_time_at(0);
}

Result<std::vector<ports::BindingKey>> unclaimed(Connection& connection, std::size_t limit) {
  std::vector<ports::BindingKey> keys;
  // Few events wait at a time: their keys are looked up among the holders, not the other way round.
  auto read = connection
                  .use(
                      "SELECT DISTINCT w.tenant, w.slot, w.key FROM waits w CROSS JOIN holders h "
                      "WHERE h.tenant = w.tenant AND h.slot = w.slot AND h.key = w.key AND "
                      "h.ended = 0 ORDER BY w.tenant, w.slot, w.key LIMIT ?1")
                  .number(1, static_cast<std::int64_t>(limit))
                  .each([&](const Statement& row) {
                    keys.push_back({row.text_at(0), row.text_at(1), row.text_at(2)});
                  });
  if (!read) return Failure(read.error());
  return keys;
}

Result<std::size_t> expire_parked(Connection& connection, Timestamp now, std::size_t limit) {
  std::vector<MarkId> marks;
  auto read = connection
                  .use(
                      "SELECT mark FROM parked WHERE expires_at <= ?1 "
                      "ORDER BY expires_at, mark LIMIT ?2")
                  .time(1, now)
                  .number(2, static_cast<std::int64_t>(limit))
                  .each([&](const Statement& row) { marks.push_back(row.id_at<MarkId>(0)); });
  if (!read) return Failure(read.error());
  for (const MarkId& mark : marks) {
    if (auto gone = unpark(connection, mark); !gone) return Failure(gone.error());
    auto answered = connection
                        .use(
                            "INSERT INTO marks(mark, seq, disposition, stored_at, answer) "
                            "VALUES(?1, 0, ?2, ?3, ?4) ON CONFLICT(mark) DO UPDATE SET "
                            "disposition = excluded.disposition, answer = excluded.answer")
                        .id(1, mark)
                        .number(2, static_cast<int>(machine::Disposition::rejected))
                        .time(3, now)
                        .text(4, ports::k_expired_answer)
                        .run();
    if (!answered) return Failure(answered.error());
  }
  return marks.size();
}

Result<void> put(Connection& connection, const std::vector<ports::DefinitionRow>& rows) {
  for (const ports::DefinitionRow& row : rows) {
    auto added = connection
                     .use(
                         "INSERT INTO definitions(workflow, version, content_hash, bundle, "
                         "deployed_at) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING")
                     .text(1, row.workflow)
                     .number(2, row.version)
                     .text(3, row.content_hash)
                     .text(4, row.bundle)
                     .time(5, row.deployed_at)
                     .run();
    if (!added) return Failure(added.error());
    auto same = connection
                    .use(
                        "SELECT 1 FROM definitions WHERE workflow = ?1 AND version = ?2 AND "
                        "content_hash = ?3")
                    .text(1, row.workflow)
                    .number(2, row.version)
                    .text(3, row.content_hash)
                    .step();
    if (!same) return Failure(same.error());
    if (!*same) {
      return fail(ErrorClass::conflict,
                  "version_changed",
                  "version " + std::to_string(row.version) + " of " + row.workflow +
                      " is deployed with other content: raise its version");
    }
  }
  return {};
}

Result<std::vector<ports::DefinitionRow>> all_definitions(Connection& connection) {
  std::vector<ports::DefinitionRow> rows;
  auto read = connection
                  .use(
                      "SELECT workflow, version, content_hash, bundle, deployed_at "
                      "FROM definitions ORDER BY workflow, version")
                  .each([&](const Statement& row) {
                    rows.push_back({row.text_at(0),
                                    row.number_at<std::uint32_t>(1),
                                    row.text_at(2),
                                    row.text_at(3),
                                    row.time_at(4)});
                  });
  if (!read) return Failure(read.error());
  return rows;
}

}  // namespace vozex::sqlite
