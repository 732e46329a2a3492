// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/commit.h"
#include "adapters/sqlite/rows.h"
#include "adapters/sqlite/sessions.h"

namespace vozex::sqlite {

namespace {

// " AND shard IN (...)", or nothing for all of them.
std::string among(const ports::ShardSet& shards) {
  if (shards.all()) return "";
  std::string list;
  for (std::size_t shard = 0; shard < shards.size(); ++shard) {
    if (shards.test(shard)) list += (list.empty() ? "" : ",") + std::to_string(shard);
  }
  return " AND shard IN (" + list + ")";
}

}  // namespace

Result<std::vector<ports::DueTimer>> timers_before(Connection& connection,
                                                   Timestamp horizon,
                                                   const ports::ShardSet& shards,
                                                   std::size_t limit) {
  std::vector<ports::DueTimer> timers;
  auto read =
      connection
          .use(
              "SELECT shard, id, timer_at FROM instances WHERE timer_at IS NOT NULL AND "
              "timer_at < ?1" +
              among(shards) + " ORDER BY timer_at, id LIMIT ?2")
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
                                                const std::string& adapter,
                                                Timestamp now,
                                                std::size_t limit) {
  std::vector<ports::CallRow> calls;
  auto read = connection
                  .use("SELECT " VOZEX_SQLITE_CALL_COLUMNS
                       "FROM calls WHERE state = 2 AND adapter = ?3 AND next_at <= ?1 "
                       "AND EXISTS (SELECT 1 FROM sessions WHERE id = ?4 AND live) "
                       "ORDER BY next_at, instance, seq, idx LIMIT ?2")
                  .time(1, now)
                  .number(2, static_cast<std::int64_t>(limit))
                  .text(3, adapter)
                  .id(4, session)
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

Result<std::vector<ports::WaitingCalls>> waiting_calls(Connection& connection) {
  std::vector<ports::WaitingCalls> waiting;
  // From one adapter to the next along the index; few of them.
  auto read =
      connection
          .use(
              "WITH RECURSIVE a(adapter) AS ("
              "SELECT min(adapter) FROM calls WHERE state = 2 UNION ALL "
              "SELECT (SELECT min(c.adapter) FROM calls c WHERE c.state = 2 AND "
              "c.adapter > a.adapter) FROM a WHERE a.adapter IS NOT NULL) "
              "SELECT adapter, (SELECT min(c.next_at) FROM calls c WHERE c.state = 2 AND "
              "c.adapter = a.adapter) FROM a WHERE adapter IS NOT NULL")
          .each([&](const Statement& row) { waiting.push_back({row.text_at(0), row.time_at(1)}); });
  if (!read) return Failure(read.error());
  return waiting;
}

Result<std::vector<ports::BindingKey>> unclaimed(Connection& connection,
                                                 ports::Holding holding,
                                                 std::size_t limit) {
  std::vector<ports::BindingKey> keys;
  // Few events wait at a time: their keys are looked up among the holders, not the other way round.
  auto read = connection
                  .use(holding == ports::Holding::live
                           ? "SELECT DISTINCT w.tenant, w.slot, w.key FROM waits w CROSS JOIN "
                             "holders h WHERE h.tenant = w.tenant AND h.slot = w.slot AND "
                             "h.key = w.key AND h.ended = 0 "
                             "ORDER BY w.tenant, w.slot, w.key LIMIT ?1"
                           : "SELECT w.tenant, w.slot, w.key FROM waits w CROSS JOIN holders h "
                             "WHERE h.tenant = w.tenant AND h.slot = w.slot AND h.key = w.key "
                             "GROUP BY w.tenant, w.slot, w.key HAVING min(h.ended) = 1 "
                             "ORDER BY w.tenant, w.slot, w.key LIMIT ?1")
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

Result<std::vector<ports::TenantCount>> parked_by_tenant(Connection& connection) {
  std::vector<ports::TenantCount> counts;
  auto read = connection.use("SELECT tenant, count(*) FROM waits GROUP BY tenant ORDER BY tenant")
                  .each([&](const Statement& row) {
                    counts.push_back({row.text_at(0), row.number_at<std::uint64_t>(1)});
                  });
  if (!read) return Failure(read.error());
  return counts;
}

// The same again writes its files anew: what is stored of them may have been damaged.
Result<void> put(Connection& connection, const std::vector<ports::DefinitionRow>& rows) {
  for (const ports::DefinitionRow& row : rows) {
    auto added = connection
                     .use(
                         "INSERT INTO definitions(workflow, version, content_hash, bundle, "
                         "deployed_at) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(workflow, version) "
                         "DO UPDATE SET bundle = excluded.bundle WHERE content_hash = "
                         "excluded.content_hash AND bundle <> excluded.bundle")
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
