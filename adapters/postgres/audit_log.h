// SPDX-License-Identifier: Apache-2.0
//
// The audit log in the table of migrations/postgres/0008_audit.sql, through a pool of connections.
// Port and promises: engine/ports/audit.h. Thread rule: any thread. Tests: tests/store.
#pragma once

#include "adapters/postgres/pool.h"
#include "engine/ports/audit.h"

namespace vozex::postgres {

class PostgresAuditLog final : public ports::AuditLog {
 public:
  // `pool` must outlive this.
  explicit PostgresAuditLog(Pool& pool) : pool_(pool) {}

  Result<void> begin(const ports::AuditEntry& entry) override;
  Result<void> finish(const ports::AuditId& id,
                      const ports::AuditOutcome& outcome,
                      const std::string& target,
                      const std::string& detail) override;
  Result<std::vector<ports::AuditEntry>> entries(const ports::AuditFilter& filter,
                                                 std::size_t limit) override;

 private:
  Pool& pool_;
};

}  // namespace vozex::postgres
