// SPDX-License-Identifier: Apache-2.0
//
// The table `tasks`: what a commit writes there, and the statements behind InboxStore.
#pragma once

#include <string>
#include <vector>

#include "adapters/sqlite/connection.h"
#include "engine/ports/lane_store.h"
#include "engine/ports/query_store.h"

namespace vozex::sqlite {

// Puts the tasks of the write in place of those that the instance has there.
Result<void> write_tasks(Connection& connection, const ports::InstanceWrite& write);

Result<std::vector<ports::TaskRow>> list_tasks(Connection& connection,
                                               const ports::TaskFilter& filter,
                                               std::size_t limit);
// Those of one instance.
Result<std::vector<ports::TaskRow>> tasks_of(Connection& connection, const InstanceId& instance);
Result<std::vector<ports::TaskCount>> count_tasks(Connection& connection,
                                                  const std::string& tenant,
                                                  Timestamp now);

}  // namespace vozex::sqlite
