// SPDX-License-Identifier: Apache-2.0
//
// LaneStore::load(): one statement for each kind of row, sent in one round trip. The kinds may be
// of different moments; that is what the compare-and-swap of the commit is for.
#pragma once

#include <vector>

#include "adapters/postgres/connection.h"
#include "adapters/postgres/hot_statement.h"
#include "adapters/postgres/layout.h"
#include "engine/ports/lane_store.h"

namespace vozex::postgres {

std::vector<HotStatement> load_statements(Layout layout);

Result<ports::LoadReply> load(Connection& connection,
                              const ports::LoadRequest& request,
                              Layout layout = Layout::together);

}  // namespace vozex::postgres
