// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/audit_log.h"

namespace vozex::postgres {
namespace {

using ports::AuditEntry;
using ports::AuditId;

AuditEntry read_entry(const Rows& rows, int at) {
  AuditEntry entry;
  entry.id = rows.id<AuditId>(at, 0);
  entry.tenant = rows.text(at, 1);
  entry.at = rows.time(at, 2);
  entry.caller = rows.text(at, 3);
  entry.actor = rows.text(at, 4);
  entry.action = rows.text(at, 5);
  entry.target = rows.text(at, 6);
  entry.reason = rows.text(at, 7);
  entry.remote = rows.text(at, 8);
  entry.detail = rows.text(at, 9);
  if (rows.is_null(at, 10)) return entry;
  entry.outcome = {rows.number<std::uint16_t>(at, 10), rows.text(at, 11), rows.time(at, 12)};
  return entry;
}

Result<void> run(Pool& pool, const char* sql, const Params& params) {
  return pool.repeatable([&](Connection& connection) -> Result<void> {
    const auto done = connection.run(sql, params);
    if (!done) return Failure(done.error());
    return {};
  });
}

}  // namespace

Result<void> PostgresAuditLog::begin(const AuditEntry& entry) {
  Params params;
  params.id(entry.id).text(entry.tenant).time(entry.at).text(entry.caller).text(entry.actor);
  params.text(entry.action).text(entry.target).text(entry.reason).text(entry.remote);
  params.text(entry.detail);
  return run(pool_,
             "INSERT INTO audit(id, tenant, at, caller, actor, action, target, reason, remote, "
             "detail) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
             params);
}

Result<void> PostgresAuditLog::finish(const AuditId& id,
                                      const ports::AuditOutcome& outcome,
                                      const std::string& target,
                                      const std::string& detail) {
  Params params;
  params.id(id).int2(static_cast<std::int16_t>(outcome.status)).text(outcome.code).time(outcome.at);
  params.text(target).text(detail);
  return run(pool_,
             "UPDATE audit SET status = $2, code = $3, ended_at = $4, target = CASE WHEN target = "
             "'' THEN $5 ELSE target END, detail = CASE WHEN detail = '' THEN $6 ELSE detail END "
             "WHERE id = $1 AND status IS NULL",
             params);
}

Result<std::vector<AuditEntry>> PostgresAuditLog::entries(const ports::AuditFilter& filter,
                                                          std::size_t limit) {
  Params params;
  params.text(filter.tenant).text(filter.action).text(filter.target).text(filter.actor);
  params.time(filter.since.value_or(Timestamp{})).id(filter.before);
  params.int8(static_cast<std::int64_t>(limit));
  std::string sql =
      "SELECT id, tenant, at, caller, actor, action, target, reason, remote, detail, status, code, "
      "ended_at FROM audit WHERE tenant = $1 AND ($2 = '' OR action = $2 OR starts_with(action, $2 "
      "|| '.')) AND ($4 = '' OR actor = $4 OR caller = $4) AND at >= $5 AND ($6 = "
      "'00000000-0000-0000-0000-000000000000' OR id < $6)";
  // Spelled out, so that the index serves: '0' is what follows '/'.
  sql += filter.target.empty() ? " AND $3 = ''"
                               : " AND (target = $3 OR target > $3 || '/' AND target < $3 || '0')";
  sql += " ORDER BY id DESC LIMIT $7";
  const auto rows =
      pool_.repeatable([&](Connection& connection) { return connection.run(sql.c_str(), params); });
  if (!rows) return Failure(rows.error());
  return rows->all(read_entry);
}

}  // namespace vozex::postgres
