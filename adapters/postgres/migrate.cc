// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/migrate.h"

#include <string>

#include "engine/base/sha256.h"

namespace vozex::postgres {
namespace {

using ports::AppliedMigrations;

// Any number will do, as long as all programs of all versions take the same.
constexpr const char* k_lock = "SELECT pg_advisory_xact_lock(86900001)";

Result<AppliedMigrations> applied_ones(Connection& connection) {
  auto created = connection.execute(
      "CREATE TABLE IF NOT EXISTS migrations(name text PRIMARY KEY, sha256 text NOT NULL, "
      "applied_at timestamptz NOT NULL DEFAULT now())");
  if (!created) return Failure(created.error());
  auto rows = connection.run("SELECT name, sha256 FROM migrations");
  if (!rows) return Failure(rows.error());
  AppliedMigrations applied;
  for (int i = 0; i < rows->size(); ++i) applied.emplace(rows->text(i, 0), rows->text(i, 1));
  return applied;
}

Result<void> apply(Connection& connection, const Migration& migration) {
  if (auto done = connection.execute(std::string(migration.sql)); !done) return done;
  Params params;
  params.text(migration.name).text(sha256_hex(migration.sql));
  auto noted = connection.run("INSERT INTO migrations(name, sha256) VALUES($1, $2)", params);
  if (!noted) return Failure(noted.error());
  return {};
}

}  // namespace

Result<std::size_t> migrate(Connection& connection, const std::vector<Migration>& migrations) {
  return connection.transaction([&]() -> Result<std::size_t> {
    if (auto locked = connection.run(k_lock); !locked) return Failure(locked.error());
    auto applied = applied_ones(connection);
    if (!applied) return Failure(applied.error());
    if (auto good = ports::check_applied(*applied, migrations); !good) return Failure(good.error());
    std::size_t count = 0;
    for (const Migration& migration : migrations) {
      if (applied->contains(std::string(migration.name))) continue;
      if (auto done = apply(connection, migration); !done) return Failure(done.error());
      ++count;
    }
    return count;
  });
}

}  // namespace vozex::postgres
