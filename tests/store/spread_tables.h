// SPDX-License-Identifier: Apache-2.0
// Which tables of instances a statement or a function's text names.
#pragma once

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <string_view>

#include "adapters/postgres/distribute.h"

namespace vozex::store_test {

inline bool is_of_instances(std::string_view table) {
  const auto& all = postgres::placements();
  return std::any_of(all.begin(), all.end(), [&](const postgres::Placement& placement) {
    return placement.table == table && placement.spread == postgres::Spread::by_shard;
  });
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
