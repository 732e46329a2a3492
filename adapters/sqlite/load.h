// SPDX-License-Identifier: Apache-2.0
//
// LaneStore::load() on a read connection: one read transaction, so that the rows are of one moment.
#pragma once

#include "adapters/sqlite/connection.h"
#include "engine/ports/lane_store.h"

namespace vozex::sqlite {

Result<ports::LoadReply> load(Connection& connection, const ports::LoadRequest& request);

}  // namespace vozex::sqlite
