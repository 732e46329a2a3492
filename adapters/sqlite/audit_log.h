// SPDX-License-Identifier: Apache-2.0
//
// The audit log in the table of migrations/sqlite/0008_audit.sql, through whoever writes the file.
// Port and promises: engine/ports/audit.h. Thread rule: any thread. Tests: tests/store.
#pragma once

#include "adapters/sqlite/tables.h"
#include "engine/ports/audit.h"

namespace vozex::sqlite {

class SqliteAuditLog final : public ports::AuditLog {
 public:
  // `tables` must outlive this.
  explicit SqliteAuditLog(Tables& tables) : tables_(tables) {}

  Result<void> begin(const ports::AuditEntry& entry) override;
  Result<void> finish(const ports::AuditId& id,
                      const ports::AuditOutcome& outcome,
                      const std::string& target,
                      const std::string& detail) override;
  Result<std::vector<ports::AuditEntry>> entries(const ports::AuditFilter& filter,
                                                 std::size_t limit) override;

 private:
  Tables& tables_;
};

}  // namespace vozex::sqlite
