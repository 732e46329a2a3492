// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/migrate.h"

#include <string>

#include "engine/base/sha256.h"

namespace vozex::sqlite {
namespace {

using ports::AppliedMigrations;

Result<AppliedMigrations> applied_ones(Connection& connection) {
  auto created = connection.execute(
      "CREATE TABLE IF NOT EXISTS migrations(name TEXT NOT NULL PRIMARY KEY, sha256 TEXT NOT NULL, "
      "applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ'))) STRICT");
  if (!created) return Failure(created.error());
  AppliedMigrations applied;
  Statement read = connection.use("SELECT name, sha256 FROM migrations");
  auto row = read.step();
  for (; row && *row; row = read.step()) applied.emplace(read.text_at(0), read.text_at(1));
  if (!row) return Failure(row.error());
  return applied;
}

Result<void> apply(Connection& connection, const Migration& migration) {
  if (auto done = connection.execute(std::string(migration.sql)); !done) return done;
  const std::string name(migration.name);
  const std::string hash = sha256_hex(migration.sql);
  auto noted = connection.use("INSERT INTO migrations(name, sha256) VALUES(?1, ?2)")
                   .text(1, name)
                   .text(2, hash)
                   .run();
  if (!noted) return Failure(noted.error());
  return {};
}

}  // namespace

Result<std::size_t> migrate(Connection& connection, const std::vector<Migration>& migrations) {
  return connection.transaction([&]() -> Result<std::size_t> {
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

}  // namespace vozex::sqlite
