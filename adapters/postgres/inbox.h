// SPDX-License-Identifier: Apache-2.0
//
// The statements behind InboxStore. What writes the table `tasks` is commit_tasks_v1.
#pragma once

#include <string>
#include <vector>

#include "adapters/postgres/connection.h"
#include "engine/ports/query_store.h"

namespace vozex::postgres {

Result<std::vector<ports::TaskRow>> list_tasks(Connection& connection,
                                               const ports::TaskFilter& filter,
                                               std::size_t limit);
// Those of some instances.
Result<std::vector<ports::TaskRow>> tasks_of(Connection& connection,
                                             const std::vector<ports::InstanceKey>& instances);
Result<std::vector<ports::TaskCount>> count_tasks(Connection& connection,
                                                  const std::string& tenant,
                                                  Timestamp now);

}  // namespace vozex::postgres
