// SPDX-License-Identifier: Apache-2.0
//
// The port's rows as SQLite's columns: one list of columns and one reader for each kind of row, so
// that every statement that selects them agrees on the order.
#pragma once

#include <string>

#include "adapters/sqlite/statement.h"
#include "engine/ports/rows.h"

namespace vozex::sqlite {

// To be preceded by SELECT and followed by FROM instances / FROM finished; read_instance() reads
// from column 0.
#define VOZEX_SQLITE_INSTANCE_BEFORE                                                          \
  "id, shard, root, parent, tenant, workflow, version, key, etag, seq, life, state, status, " \
  "incident, "
#define VOZEX_SQLITE_INSTANCE_AFTER ", at, started_at, input, data, rt, output "
#define VOZEX_SQLITE_LIVE_COLUMNS \
  VOZEX_SQLITE_INSTANCE_BEFORE "timer_at" VOZEX_SQLITE_INSTANCE_AFTER
#define VOZEX_SQLITE_FINISHED_COLUMNS \
  VOZEX_SQLITE_INSTANCE_BEFORE "NULL" VOZEX_SQLITE_INSTANCE_AFTER
ports::InstanceRow read_instance(const Statement& row);

#define VOZEX_SQLITE_CALL_COLUMNS                                                            \
  "instance, seq, idx, shard, tenant, adapter, state, owner, attempt, next_at, decided_at, " \
  "request, error, losses "
ports::CallRow read_call(const Statement& row);

// Microseconds since 1970 by SQLite's clock: what sessions are judged by.
#define VOZEX_SQLITE_NOW "CAST(round((julianday('now') - 2440587.5) * 86400000) * 1000 AS INTEGER)"

}  // namespace vozex::sqlite
