// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/distribute.h"

#include "adapters/postgres/batch.h"
#include "adapters/postgres/load.h"

namespace vozex::postgres {
namespace {

constexpr const char* k_first = "instances";

Result<bool> any(Connection& connection, const char* sql) {
  auto rows = connection.run(sql);
  if (!rows) return Failure(rows.error());
  return !rows->empty();
}

Result<void> check_citus(Connection& connection) {
  auto offered = any(connection, "SELECT 1 FROM pg_available_extensions WHERE name = 'citus'");
  if (!offered) return Failure(offered.error());
  if (!*offered) {
    return fail(ErrorClass::refused,
                "no_citus",
                "this server does not offer the extension citus, so its tables can't be spread: "
                "install Citus on every node and add it to shared_preload_libraries first (see "
                "docs/scaling.md)");
  }
  auto created = any(connection, "SELECT 1 FROM pg_extension WHERE extname = 'citus'");
  if (!created) return Failure(created.error());
  if (!*created) {
    return fail(ErrorClass::refused,
                "citus_not_created",
                "the extension citus is not in this database: as its owner, on every node, run "
                "CREATE EXTENSION citus, add the nodes with citus_add_node, and come again");
  }
  return {};
}

Result<bool> is_spread(Connection& connection, const std::string& table) {
  Params params;
  params.text(table);
  auto rows =
      connection.run("SELECT 1 FROM pg_dist_partition WHERE logicalrel = to_regclass($1)", params);
  if (!rows) return Failure(rows.error());
  return !rows->empty();
}

std::string command_of(const Placement& placement) {
  const std::string table = placement.table;
  switch (placement.spread) {
    case Spread::by_shard: {
      const std::string with = table == k_first ? "none" : k_first;
      return "SELECT create_distributed_table('" + table + "', 'shard', colocate_with => '" + with +
             "')";
    }
    case Spread::by_own:
      return "SELECT create_distributed_table('" + table + "', '" + placement.column +
             "', colocate_with => 'none')";
    case Spread::everywhere: return "SELECT create_reference_table('" + table + "')";
    case Spread::first_node: break;
  }
  return "";
}

}  // namespace

const std::vector<Placement>& placements() {
  static const std::vector<Placement> all = {{k_first, Spread::by_shard},
                                             {"finished", Spread::by_shard},
                                             {"history", Spread::by_shard},
                                             {"marks", Spread::by_shard},
                                             {"bindings", Spread::by_shard},
                                             {"holders", Spread::by_shard},
                                             {"parked", Spread::by_shard},
                                             {"waits", Spread::by_shard},
                                             {"calls", Spread::by_shard},
                                             {"outbox", Spread::by_shard},
                                             {"tasks", Spread::by_shard},
                                             {"lanes", Spread::by_own, "lane"},
                                             {"batch_items", Spread::by_own, "batch"},
                                             {"batches", Spread::everywhere},
                                             {"audit", Spread::first_node},
                                             {"sessions", Spread::everywhere},
                                             {"definitions", Spread::everywhere},
                                             {"licenses", Spread::everywhere},
                                             {"download_links", Spread::everywhere}};
  return all;
}

std::vector<HotStatement> hot_statements() {
  std::vector<HotStatement> all = load_statements();
  all.push_back({"receipt", k_receipt_sql});
  return all;
}

Result<std::size_t> distribute(Connection& connection) {
  if (auto ready = check_citus(connection); !ready) return Failure(ready.error());
  return connection.transaction([&]() -> Result<std::size_t> {
    std::size_t count = 0;
    for (const Placement& placement : placements()) {
      if (placement.spread == Spread::first_node) continue;
      auto spread = is_spread(connection, placement.table);
      if (!spread) return Failure(spread.error());
      if (*spread) continue;
      if (auto done = connection.execute(command_of(placement)); !done) {
        return Failure(done.error());
      }
      ++count;
    }
    return count;
  });
}

}  // namespace vozex::postgres
