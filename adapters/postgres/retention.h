// SPDX-License-Identifier: Apache-2.0
//
// The statements behind RetentionStore; the functions are in
// migrations/postgres/0007_retention.sql.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "adapters/postgres/connection.h"
#include "adapters/postgres/hot_statement.h"
#include "adapters/postgres/layout.h"
#include "engine/ports/retention.h"

namespace vozex::postgres {

Result<std::vector<ports::EndedInstance>> ended_before(Connection& connection,
                                                       Timestamp before,
                                                       std::size_t limit);
Result<std::size_t> remove(Connection& connection,
                           Layout layout,
                           const std::vector<ports::EndedInstance>& instances);
// What remove() does where tables are spread, and what is read for it.
std::vector<HotStatement> removal_statements();
Result<std::size_t> forget_marks(Connection& connection, Timestamp before);
Result<std::size_t> forget_batches(Connection& connection,
                                   Layout layout,
                                   Timestamp before,
                                   std::size_t limit);
Result<std::size_t> release_months(Connection& connection);
// On a connection of its own, whose end ends the turn.
Result<bool> alone(const std::string& url, const std::function<Result<void>()>& work);

}  // namespace vozex::postgres
