// SPDX-License-Identifier: Apache-2.0
//
// The statements behind RetentionStore.
#pragma once

#include <vector>

#include "adapters/sqlite/connection.h"
#include "engine/ports/retention.h"

namespace vozex::sqlite {

Result<std::vector<ports::EndedInstance>> ended_before(Connection& connection,
                                                       Timestamp before,
                                                       std::size_t limit);
Result<std::size_t> remove(Connection& connection,
                           const std::vector<ports::EndedInstance>& instances);
Result<std::size_t> forget_marks(Connection& connection, Timestamp before, std::size_t limit);
Result<std::size_t> forget_batches(Connection& connection, Timestamp before, std::size_t limit);

}  // namespace vozex::sqlite
