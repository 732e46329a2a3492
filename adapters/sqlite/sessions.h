// SPDX-License-Identifier: Apache-2.0
//
// The statements behind SessionStore, WorkStore and DefinitionStore; those that write are called
// inside a write transaction. Sessions are judged by SQLite's clock (milliseconds), everything else
// by times of the caller.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/sqlite/connection.h"
#include "engine/ports/store.h"

namespace vozex::sqlite {

Result<void> join(Connection& connection, const SessionId& session, const std::string& name);
Result<Timestamp> beat(Connection& connection, const SessionId& session);
Result<ports::News> news(Connection& connection, const SessionId& reader, Duration lease);
Result<void> leave(Connection& connection, const SessionId& session);
Result<ports::SessionStore::Inheritance> inherit(Connection& connection,
                                                 const SessionId& heir,
                                                 Duration lease,
                                                 std::size_t limit);

Result<std::vector<ports::DueTimer>> timers_before(Connection& connection,
                                                   Timestamp horizon,
                                                   const ports::ShardSet& shards,
                                                   std::size_t limit);

Result<std::vector<ports::CallRow>> claim_calls(Connection& connection,
                                                const SessionId& session,
                                                const std::string& adapter,
                                                Timestamp now,
                                                std::size_t limit);
Result<std::vector<ports::WaitingCalls>> waiting_calls(Connection& connection);
Result<std::vector<ports::BindingKey>> unclaimed(Connection& connection,
                                                 ports::Holding holding,
                                                 std::size_t limit);
Result<std::size_t> expire_parked(Connection& connection, Timestamp now, std::size_t limit);
Result<std::vector<ports::TenantCount>> parked_by_tenant(Connection& connection);

Result<void> put(Connection& connection, const std::vector<ports::DefinitionRow>& rows);
Result<std::vector<ports::DefinitionRow>> all_definitions(Connection& connection);

}  // namespace vozex::sqlite
