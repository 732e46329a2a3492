// SPDX-License-Identifier: Apache-2.0
//
// What both databases' migrations have in common: the files that were embedded, what a database
// says it has, and whether the two fit. Running them belongs to each store. Pure. Tests:
// tests/store/migrate_test.cc.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace vozex::ports {

struct Migration {
  std::string_view name;  // "0001_instances"
  std::string_view sql;
};

// Name and SHA-256 (hex) of the text, as recorded when it was applied.
using AppliedMigrations = std::map<std::string, std::string>;

// Errors, class refused: `database_newer` when the database has one that this program doesn't know,
// `migration_changed` when one was applied with another text.
Result<void> check_applied(const AppliedMigrations& applied,
                           const std::vector<Migration>& migrations);

}  // namespace vozex::ports
