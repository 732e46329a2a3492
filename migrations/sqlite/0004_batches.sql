-- SPDX-License-Identifier: Apache-2.0
-- Bulk operations (engine/ports/batches.h). Times are microseconds since 1970; lease_until is the database's clock.
-- state of a batch: 1 running, 2 paused, 10 cancelled, 11 done; of an item: 1 waiting, 2 applied, 3 refused, 4 failed.

CREATE TABLE batches(
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  tenant TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state IN (1, 2, 10, 11)),
  job TEXT NOT NULL,
  rate INTEGER NOT NULL,
  listed INTEGER NOT NULL,
  cursor BLOB NOT NULL,
  total INTEGER NOT NULL,
  applied INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  owner BLOB,
  lease_until INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX batches_running ON batches(created_at, id) WHERE state = 1;
CREATE INDEX batches_new ON batches(created_at, id);

CREATE TABLE batch_items(
  batch BLOB NOT NULL,
  instance BLOB NOT NULL,
  state INTEGER NOT NULL CHECK (state IN (1, 2, 3, 4)),
  basis TEXT NOT NULL,
  code TEXT NOT NULL,
  note TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (batch, instance)
) STRICT, WITHOUT ROWID;
CREATE INDEX batch_items_waiting ON batch_items(batch, instance) WHERE state = 1;
