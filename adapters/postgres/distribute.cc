// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/distribute.h"

#include "adapters/postgres/load.h"

namespace vozex::postgres {
namespace {

constexpr const char* k_first = "instances";
// What a commit calls on the nodes, or copies there.
constexpr const char* k_functions =
    "SELECT create_distributed_function(oid::regprocedure) FROM pg_proc WHERE proname IN "
    "('commit_v3', 'look_v1', 'unpark_nothing_v1', 'home_table_v1', 'home_copy_v1', "
    "'check_home_v1', 'commit_home_v2', "
    "'look_home_v1') AND pg_function_is_visible(oid)";

// Tables refer to each other.
constexpr const char* k_one_at_a_time = "SET LOCAL citus.multi_shard_modify_mode = 'sequential'";
// unpark_home_v1 wants the keys of an early event in its row.
constexpr const char* k_fill_waits =
    "UPDATE parked p SET wait_shards = w.shards, wait_ids = w.ids FROM (SELECT mark_shard, mark, "
    "array_agg(shard ORDER BY shard, id) shards, array_agg(id ORDER BY shard, id) ids FROM waits "
    "GROUP BY mark_shard, mark) w "
    "WHERE p.shard = w.mark_shard AND p.mark = w.mark AND p.wait_ids = '{}'";

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

// A server asks at its start how the tables stand.
Result<void> check_servers(Connection& connection) {
  auto rows = connection.run(
      "SELECT name FROM sessions WHERE live AND beat_at > now() - interval '1 minute' LIMIT 1");
  if (!rows) return Failure(rows.error());
  if (rows->empty()) return {};
  return fail(ErrorClass::refused,
              "servers_run",
              "a server works with this database (" + rows->text(0, 0) +
                  "): stop all of them, spread the tables, and start them again. One that was "
                  "killed counts for a minute");
}

// The copies of commit_v3 on the nodes and what reads by bucket know nothing of `due_by`.
constexpr const char* k_index_of_timers =
    "CREATE INDEX IF NOT EXISTS instances_timer ON instances(timer_at) WHERE timer_at IS NOT NULL; "
    "DROP INDEX IF EXISTS instances_due_by";

Result<void> prepare(Connection& connection) {
  if (auto alone = check_servers(connection); !alone) return alone;
  if (auto indexed = connection.execute(k_index_of_timers); !indexed) return indexed;
  return connection.execute(k_fill_waits);
}

// Citus may know a table that stands on the coordinator only, because another one refers to it.
Result<bool> is_spread(Connection& connection, const std::string& table) {
  Params params;
  params.text(table);
  auto rows = connection.run(
      "SELECT 1 FROM pg_dist_partition WHERE logicalrelid = to_regclass($1) AND (partmethod = 'h' "
      "OR repmodel = 't')",
      params);
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
    // It was spread by an older program.
    case Spread::first_node: return "SELECT undistribute_table('" + table + "')";
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
                                             {"receipts", Spread::by_shard},
                                             {"lanes", Spread::by_own, "lane"},
                                             {"batch_items", Spread::by_own, "batch"},
                                             {"batches", Spread::everywhere},
                                             {"audit", Spread::first_node},
                                             {"sessions", Spread::first_node},
                                             {"definitions", Spread::everywhere},
                                             {"catalog_entries", Spread::everywhere},
                                             {"licenses", Spread::everywhere},
                                             {"download_links", Spread::everywhere}};
  return all;
}

Result<Layout> layout_of(Connection& connection) {
  auto citus = any(connection, "SELECT 1 FROM pg_extension WHERE extname = 'citus'");
  if (!citus) return Failure(citus.error());
  if (!*citus) return Layout::together;
  auto spread = is_spread(connection, k_first);
  if (!spread) return Failure(spread.error());
  return *spread ? Layout::by_bucket : Layout::together;
}

Result<std::size_t> distribute(Connection& connection) {
  if (auto ready = check_citus(connection); !ready) return Failure(ready.error());
  return connection.transaction([&]() -> Result<std::size_t> {
    if (auto set = connection.execute(k_one_at_a_time); !set) return Failure(set.error());
    auto stands = layout_of(connection);
    if (!stands) return Failure(stands.error());
    if (*stands == Layout::together) {
      if (auto ready = prepare(connection); !ready) return Failure(ready.error());
    }
    std::size_t count = 0;
    for (const Placement& placement : placements()) {
      auto spread = is_spread(connection, placement.table);
      if (!spread) return Failure(spread.error());
      if (*spread == (placement.spread != Spread::first_node)) continue;
      if (auto done = connection.execute(command_of(placement)); !done) {
        return Failure(done.error());
      }
      ++count;
    }
    if (auto sent = connection.execute(k_functions); !sent) return Failure(sent.error());
    return count;
  });
}

}  // namespace vozex::postgres
