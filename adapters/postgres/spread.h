// SPDX-License-Identifier: Apache-2.0
//
// Sweeps over tables that are spread over machines (Layout::by_bucket). Citus locks rows and writes
// them on one node at a time, and has no recursion over nodes; so all nodes are asked first which
// rows there are, without locks, and then those are taken bucket by bucket, where they still are as
// they were seen. What others hold is left, as everywhere. Each but the beat belongs into a
// transaction of the caller. Tests: tests/store with Kind::by_bucket and Kind::citus.
#pragma once

#include <vector>

#include "adapters/postgres/connection.h"
#include "adapters/postgres/hot_statement.h"
#include "engine/ports/work_store.h"

namespace vozex::postgres::spread {

Result<std::vector<ports::CallRow>> inherit_calls(Connection& connection,
                                                  const SessionId& heir,
                                                  std::size_t limit);
Result<std::vector<ports::OutboxRow>> inherit_outbox(Connection& connection,
                                                     const SessionId& heir,
                                                     std::size_t limit);
Result<std::vector<ports::CallRow>> claim_calls(Connection& connection,
                                                const SessionId& session,
                                                const std::string& adapter,
                                                Timestamp now,
                                                std::size_t limit);
Result<std::size_t> expire_parked(Connection& connection, Timestamp now, std::size_t limit);
Result<std::vector<ports::WaitingCalls>> waiting_calls(Connection& connection);

// Of a session that has just beaten.
Result<ports::News> news(Connection& connection, const SessionId& session, Duration lease);

// Those that take rows, which were seen before.
std::vector<HotStatement> take_statements();

}  // namespace vozex::postgres::spread
