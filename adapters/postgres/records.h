// SPDX-License-Identifier: Apache-2.0
//
// The port's rows as PostgreSQL's columns: one list of columns and one reader for each kind of row,
// so that every statement that selects them agrees on the order.
#pragma once

#include "adapters/postgres/rows.h"
#include "engine/ports/rows.h"

namespace vozex::postgres {

// `t` is the table's alias; read_instance() reads from column 0. `timer` is "t.timer_at" or, of
// finished, a NULL.
#define VOZEX_PG_INSTANCE_COLUMNS(t, timer)                                                       \
  t ".id, " t ".shard, " t ".root, " t ".parent, " t ".tenant, " t ".workflow, " t ".version, " t \
    ".key, " t ".etag, " t ".seq, " t ".life, " t ".state, " t ".status, " t ".incident, " timer  \
    ", " t ".at, " t ".started_at, " t ".input, " t ".data, " t ".rt, " t ".output "
#define VOZEX_PG_LIVE_COLUMNS VOZEX_PG_INSTANCE_COLUMNS("i", "i.timer_at")
#define VOZEX_PG_FINISHED_COLUMNS VOZEX_PG_INSTANCE_COLUMNS("i", "NULL::timestamptz AS timer_at")
ports::InstanceRow read_instance(const Rows& rows, int row);

#define VOZEX_PG_CALL_COLUMNS                                                             \
  "c.instance, c.seq, c.idx, c.shard, c.tenant, c.adapter, c.state, c.owner, c.attempt, " \
  "c.next_at, "                                                                           \
  "c.decided_at, c.request, c.error, c.losses "
ports::CallRow read_call(const Rows& rows, int row);

#define VOZEX_PG_OUTBOX_COLUMNS "c.shard, c.from_instance, c.seq, c.idx, c.owner, c.event "
ports::OutboxRow read_outbox_row(const Rows& rows, int row);

}  // namespace vozex::postgres
