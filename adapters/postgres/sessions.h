// SPDX-License-Identifier: Apache-2.0
//
// The statements behind SessionStore, WorkStore and DefinitionStore. Sessions are judged by the
// server's clock. What gives rows to a process (inherit, claim) knows them before it commits, so
// that a lost answer to the COMMIT can be settled: leases nobody knows of would sleep until their
// owner dies.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/connection.h"
#include "adapters/postgres/layout.h"
#include "adapters/postgres/pool.h"
#include "engine/ports/store.h"

namespace vozex::postgres {

Result<void> join(Connection& connection, const SessionId& session, const std::string& name);
// One statement for the beat and the news (where the tables are spread, one after the other); when
// the news can't be had, the beat alone.
Result<ports::Beat> beat(Connection& connection,
                         Layout layout,
                         const SessionId& session,
                         Duration lease);
Result<void> leave(Connection& connection, const SessionId& session);
Result<ports::SessionStore::Inheritance> inherit(
    Pool& pool, Layout layout, const SessionId& heir, Duration lease, std::size_t limit);

Result<std::vector<ports::CallRow>> claim_calls(Pool& pool,
                                                Layout layout,
                                                const SessionId& session,
                                                const std::string& adapter,
                                                Timestamp now,
                                                std::size_t limit);
Result<std::vector<ports::DueTimer>> timers_before(Connection& connection,
                                                   Layout layout,
                                                   Timestamp horizon,
                                                   const ports::ShardSet& shards,
                                                   std::size_t limit);
Result<std::vector<ports::WaitingCalls>> waiting_calls(Connection& connection, Layout layout);
Result<std::vector<ports::BindingKey>> unclaimed(Connection& connection,
                                                 ports::Holding holding,
                                                 std::size_t limit);
Result<std::size_t> expire_parked(Connection& connection,
                                  Layout layout,
                                  Timestamp now,
                                  std::size_t limit);
Result<std::vector<ports::TenantCount>> parked_by_tenant(Connection& connection);

Result<void> put(Connection& connection, const std::vector<ports::DefinitionRow>& rows);
Result<std::vector<ports::DefinitionRow>> all_definitions(Connection& connection);

// Partitions for the months to come; see maintain_v1 and settle_due_by_v1.
Result<void> maintain(Connection& connection);

}  // namespace vozex::postgres
