// SPDX-License-Identifier: Apache-2.0
//
// Migrations: brings a database to the tables of this program, forward only. Each applied file is
// recorded with the SHA-256 of its text. Refused (class refused): `migration_changed` when an
// applied file has another text by now, `database_newer` when the database knows a migration that
// this program doesn't. All missing ones are applied in one transaction under an advisory lock; a
// second starter waits for it, then finds nothing to do. Tests: tests/store/migrate_test.cc.
#pragma once

#include <cstddef>
#include <vector>

#include "adapters/postgres/connection.h"
#include "engine/base/result.h"
#include "engine/ports/migration.h"

namespace vozex::postgres {

using ports::Migration;

// The files of migrations/postgres, in order, as they were when the program was built.
const std::vector<Migration>& embedded_migrations();

// How many were applied. Wants a connection of profile setup: a migration may take its time.
Result<std::size_t> migrate(Connection& connection,
                            const std::vector<Migration>& migrations = embedded_migrations());

}  // namespace vozex::postgres
