// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/audit_log.h"

#include "adapters/sqlite/rows.h"

namespace vozex::sqlite {
namespace {

using ports::AuditEntry;
using ports::AuditId;

AuditEntry read_entry(const Statement& row) {
  AuditEntry entry;
  entry.id = row.id_at<AuditId>(0);
  entry.tenant = row.text_at(1);
  entry.at = row.time_at(2);
  entry.caller = row.text_at(3);
  entry.actor = row.text_at(4);
  entry.action = row.text_at(5);
  entry.target = row.text_at(6);
  entry.reason = row.text_at(7);
  entry.remote = row.text_at(8);
  entry.detail = row.text_at(9);
  if (row.is_null(10)) return entry;
  entry.outcome = {row.number_at<std::uint16_t>(10), row.text_at(11), row.time_at(12)};
  return entry;
}

Result<void> done(const Result<int>& changes) {
  if (!changes) return Failure(changes.error());
  return {};
}

}  // namespace

Result<void> SqliteAuditLog::begin(const AuditEntry& entry) {
  return tables_.write([&](Connection& connection) {
    return done(connection
                    .use("INSERT INTO audit(id, tenant, at, caller, actor, action, target, reason, "
                         "remote, detail) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
                         "ON CONFLICT DO NOTHING")
                    .id(1, entry.id)
                    .text(2, entry.tenant)
                    .time(3, entry.at)
                    .text(4, entry.caller)
                    .text(5, entry.actor)
                    .text(6, entry.action)
                    .text(7, entry.target)
                    .text(8, entry.reason)
                    .text(9, entry.remote)
                    .text(10, entry.detail)
                    .run());
  });
}

Result<void> SqliteAuditLog::finish(const AuditId& id,
                                    const ports::AuditOutcome& outcome,
                                    const std::string& target,
                                    const std::string& detail) {
  return tables_.write([&](Connection& connection) {
    return done(connection
                    .use("UPDATE audit SET status = ?2, code = ?3, ended_at = ?4, target = CASE "
                         "WHEN target = '' THEN ?5 ELSE target END, detail = CASE WHEN detail = '' "
                         "THEN ?6 ELSE detail END WHERE id = ?1 AND status IS NULL")
                    .id(1, id)
                    .number(2, outcome.status)
                    .text(3, outcome.code)
                    .time(4, outcome.at)
                    .text(5, target)
                    .text(6, detail)
                    .run());
  });
}

Result<std::vector<AuditEntry>> SqliteAuditLog::entries(const ports::AuditFilter& filter,
                                                        std::size_t limit) {
  std::string sql =
      "SELECT id, tenant, at, caller, actor, action, target, reason, remote, detail, status, code, "
      "ended_at FROM audit WHERE tenant = ?1 AND (?2 = '' OR action = ?2 OR substr(action, 1, "
      "length(?2) + 1) = ?2 || '.') AND (?4 = '' OR actor = ?4 OR caller = ?4) AND at >= ?5 AND "
      "(?6 = zeroblob(16) OR id < ?6)";
  // Spelled out, so that the index serves: '0' is what follows '/'.
  sql += filter.target.empty() ? " AND ?3 = ''"
                               : " AND (target = ?3 OR target > ?3 || '/' AND target < ?3 || '0')";
  sql += " ORDER BY id DESC LIMIT ?7";
  std::vector<AuditEntry> entries;
  auto read = tables_.read([&](Connection& connection) {
    return connection.use(sql)
        .text(1, filter.tenant)
        .text(2, filter.action)
        .text(3, filter.target)
        .text(4, filter.actor)
        .time(5, filter.since.value_or(Timestamp{}))
        .id(6, filter.before)
        .number(7, static_cast<std::int64_t>(limit))
        .each([&](const Statement& row) { entries.push_back(read_entry(row)); });
  });
  if (!read) return Failure(read.error());
  return entries;
}

}  // namespace vozex::sqlite
