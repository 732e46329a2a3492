// SPDX-License-Identifier: Apache-2.0
// Which tables of instances a statement or a function's text names, and how PostgreSQL would look
// into them.
#pragma once

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/postgres/connection.h"
#include "adapters/postgres/distribute.h"
#include "adapters/postgres/hot_statement.h"

namespace vozex::store_test {

inline bool is_of_instances(std::string_view table) {
  const auto& all = postgres::placements();
  return std::any_of(all.begin(), all.end(), [&](const postgres::Placement& placement) {
    return placement.table == table && placement.spread == postgres::Spread::by_shard;
  });
}

// Plans that go through indexes wherever there is one, for any values of the parameters.
inline constexpr const char* k_plan_by_index =
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; "
    "SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan";

// Each scan of a table of instances in the plan, with its conditions. `types` are the parameters'.
inline std::vector<std::string> scans_of_instances(postgres::Connection& connection,
                                                   const std::string& name,
                                                   const std::string& sql,
                                                   const std::string& types) {
  std::string nulls = "NULL";
  for (const char c : types) nulls += c == ',' ? ", NULL" : "";
  std::vector<std::string> scans;
  auto prepared = connection.execute("PREPARE " + name + "(" + types + ") AS " + sql);
  if (!prepared) return {"not prepared: " + prepared.error().message};
  const auto plan = connection.run(("EXPLAIN EXECUTE " + name + "(" + nulls + ")").c_str());
  if (!plan) return {"no plan: " + plan.error().message};
  const std::regex scan(R"(Scan (?:using \S+ )?on ([a-z]+)(?:_\d+)?\b)");
  bool is_one = false;
  for (int i = 0; i < plan->size(); ++i) {
    std::smatch found;
    const std::string line = plan->text(i, 0);
    const bool is_node = line.find("cost=") != std::string::npos;
    if (is_node) is_one = std::regex_search(line, found, scan) && is_of_instances(found[1].str());
    if (!is_one) continue;
    if (is_node) scans.emplace_back();
    scans.back() += line + "\n";
  }
  return scans;
}

// Tables that are spread, named in a text as they are called on the coordinator.
inline std::set<std::string> whole_tables_in(const std::string& text) {
  const std::regex touch(R"(\b(FROM|JOIN|INTO|UPDATE|USING) ([a-z]+)\b)");
  std::set<std::string> tables;
  for (std::sregex_iterator it(text.begin(), text.end(), touch), last; it != last; ++it) {
    const std::string table = (*it)[2];
    if (is_of_instances(table) || table == "lanes") tables.insert(table);
  }
  return tables;
}

}  // namespace vozex::store_test
