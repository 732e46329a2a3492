// SPDX-License-Identifier: Apache-2.0
#include "engine/ports/migration.h"

#include <algorithm>

#include "engine/base/sha256.h"

namespace vozex::ports {

Result<void> check_applied(const AppliedMigrations& applied,
                           const std::vector<Migration>& migrations) {
  for (const auto& [name, hash] : applied) {
    const auto known = std::find_if(migrations.begin(),
                                    migrations.end(),
                                    [&](const Migration& one) { return one.name == name; });
    if (known == migrations.end()) {
      return fail(ErrorClass::refused,
                  "database_newer",
                  "the database has migration " + name +
                      ", which this program doesn't know: run the newer program");
    }
    if (sha256_hex(known->sql) != hash) {
      return fail(ErrorClass::refused,
                  "migration_changed",
                  "migration " + name +
                      " was applied with another text: released migrations are never edited");
    }
  }
  return {};
}

}  // namespace vozex::ports
