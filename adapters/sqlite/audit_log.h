// SPDX-License-Identifier: Apache-2.0
//
// The audit log in the table of migrations/sqlite/0008_audit.sql, through the store's own writer.
// Port and promises: engine/ports/audit.h. Thread rule: any thread. Tests: tests/store.
#pragma once

#include "adapters/sqlite/sqlite_store.h"
#include "engine/ports/audit.h"

namespace vozex::sqlite {

class SqliteAuditLog final : public ports::AuditLog {
 public:
  // `store` must outlive this.
  explicit SqliteAuditLog(SqliteStore& store) : store_(store) {}

  Result<void> begin(const ports::AuditEntry& entry) override;
  Result<void> finish(const ports::AuditId& id,
                      const ports::AuditOutcome& outcome,
                      const std::string& target,
                      const std::string& detail) override;
  Result<std::vector<ports::AuditEntry>> entries(const ports::AuditFilter& filter,
                                                 std::size_t limit) override;

 private:
  SqliteStore& store_;
};

}  // namespace vozex::sqlite
