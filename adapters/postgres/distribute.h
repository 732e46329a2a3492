// SPDX-License-Identifier: Apache-2.0
//
// Spreads the tables over a Citus cluster: those of instances by `shard`, colocated; definitions
// and sessions on every node. Nothing else changes: the same statements run, and each hot one
// carries the shard. See docs/scaling.md. Tests: tests/store/distribute_test.cc.
#pragma once

#include <string>
#include <vector>

#include "adapters/postgres/connection.h"
#include "adapters/postgres/layout.h"

namespace vozex::postgres {

enum class Spread : std::uint8_t {
  by_shard,    // distributed by `shard`, colocated with `instances`
  by_own,      // distributed by its own `column`, each by itself
  everywhere,  // a reference table
  first_node,  // stays where it is: Citus spreads no table that has triggers
};

struct Placement {
  const char* table;
  Spread spread;
  const char* column = "shard";
};

// Every table of the engine.
const std::vector<Placement>& placements();

// How the tables of this database stand.
Result<Layout> layout_of(Connection& connection);

// How many tables were spread now; those that are already are left. Class refused `no_citus`,
// `citus_not_created`, `servers_run`, with what to do. Wants a connection of profile setup.
Result<std::size_t> distribute(Connection& connection);

}  // namespace vozex::postgres
