// SPDX-License-Identifier: Apache-2.0
//
// The statements behind QueryStore. An instance that is known by its id alone is looked for in the
// shard of that id first, where every root is, then in all 256.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/connection.h"
#include "adapters/postgres/layout.h"
#include "engine/ports/query_store.h"

namespace vozex::postgres {

Result<std::optional<ports::InstanceRow>> find_instance(Connection& connection,
                                                        const InstanceId& id);
Result<std::vector<ports::InstanceRow>> list_instances(Connection& connection,
                                                       Layout layout,
                                                       const ports::InstanceFilter& filter,
                                                       std::size_t limit);
Result<std::vector<ports::HistoryRow>> list_history(Connection& connection,
                                                    const InstanceId& id,
                                                    std::uint32_t after_seq,
                                                    std::size_t limit);
Result<std::vector<ports::CallRow>> list_calls(Connection& connection,
                                               const ports::CallFilter& filter,
                                               std::size_t limit);
Result<std::vector<ports::StateCount>> count_states(Connection& connection,
                                                    const std::string& tenant);
Result<std::uint64_t> count_parked(Connection& connection);

}  // namespace vozex::postgres
