-- SPDX-License-Identifier: Apache-2.0
-- The tables of engine/ports/store.h. Ids are 16-byte blobs, times are microseconds since 1970, texts that are JSON
-- are canonical and never looked into.
--
-- Unlike in PostgreSQL the shard does not lead the keys: there is one file and one writer, and 256 places to insert
-- at instead of one (new ids grow with time) would be 256 pages more in the log of a batch. It is kept as a column.
-- Rows that may be large live in rowid tables with an index beside; small ones are WITHOUT ROWID.

CREATE TABLE instances(
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  shard INTEGER NOT NULL,
  root BLOB NOT NULL,
  parent BLOB,
  tenant TEXT NOT NULL,
  workflow TEXT NOT NULL,
  version INTEGER NOT NULL,
  key TEXT NOT NULL,
  etag INTEGER NOT NULL CHECK (etag <> 0),
  seq INTEGER NOT NULL,
  life INTEGER NOT NULL CHECK (life IN (1, 2, 3)),
  state TEXT NOT NULL,
  status TEXT NOT NULL,
  incident INTEGER NOT NULL,
  timer_at INTEGER,
  at INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  input TEXT NOT NULL,
  data TEXT NOT NULL,
  rt TEXT NOT NULL,
  output TEXT NOT NULL
) STRICT;
CREATE INDEX instances_timer ON instances(timer_at, id) WHERE timer_at IS NOT NULL;
CREATE INDEX instances_list ON instances(tenant, workflow, id);
CREATE INDEX instances_key ON instances(tenant, key, id) WHERE key <> '';
CREATE INDEX instances_root ON instances(root) WHERE root <> id;
CREATE INDEX instances_incident ON instances(tenant, id) WHERE incident <> 0;

-- Ended ones. "An ended instance has no timer" is structure: there is no column for it.
CREATE TABLE finished(
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  shard INTEGER NOT NULL,
  root BLOB NOT NULL,
  parent BLOB,
  tenant TEXT NOT NULL,
  workflow TEXT NOT NULL,
  version INTEGER NOT NULL,
  key TEXT NOT NULL,
  etag INTEGER NOT NULL CHECK (etag <> 0),
  seq INTEGER NOT NULL,
  life INTEGER NOT NULL CHECK (life IN (10, 11, 12)),
  state TEXT NOT NULL,
  status TEXT NOT NULL,
  incident INTEGER NOT NULL,
  at INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  input TEXT NOT NULL,
  data TEXT NOT NULL,
  rt TEXT NOT NULL,
  output TEXT NOT NULL
) STRICT;
CREATE INDEX finished_list ON finished(tenant, workflow, id);
CREATE INDEX finished_key ON finished(tenant, key, id) WHERE key <> '';
CREATE INDEX finished_root ON finished(root) WHERE root <> id;

-- `stored_at` is the database's clock, `at` the step's.
CREATE TABLE history(
  id BLOB NOT NULL,
  seq INTEGER NOT NULL,
  shard INTEGER NOT NULL,
  disposition INTEGER NOT NULL,
  at INTEGER NOT NULL,
  stored_at INTEGER NOT NULL,
  etag INTEGER NOT NULL,
  entry TEXT NOT NULL,
  PRIMARY KEY (id, seq)
) STRICT;

CREATE TABLE marks(
  mark BLOB NOT NULL PRIMARY KEY CHECK (length(mark) = 16),
  instance BLOB,
  seq INTEGER NOT NULL,
  disposition INTEGER NOT NULL,
  stored_at INTEGER NOT NULL,
  answer TEXT NOT NULL
) STRICT;

-- Who holds a key. One writer at a time, so no arbiter row is needed between a start and an early event: whoever
-- comes second reads what the first one wrote.
CREATE TABLE holders(
  tenant TEXT NOT NULL,
  slot TEXT NOT NULL,
  key TEXT NOT NULL,
  instance BLOB NOT NULL,
  shard INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  PRIMARY KEY (tenant, slot, key, instance)
) STRICT, WITHOUT ROWID;

CREATE TABLE parked(
  arrival INTEGER PRIMARY KEY AUTOINCREMENT,
  mark BLOB NOT NULL UNIQUE,
  expires_at INTEGER NOT NULL,
  event TEXT NOT NULL
) STRICT;
CREATE INDEX parked_expiry ON parked(expires_at);

-- On which keys a parked event waits.
CREATE TABLE waits(
  tenant TEXT NOT NULL,
  slot TEXT NOT NULL,
  key TEXT NOT NULL,
  arrival INTEGER NOT NULL,
  PRIMARY KEY (tenant, slot, key, arrival)
) STRICT, WITHOUT ROWID;
CREATE INDEX waits_arrival ON waits(arrival);

-- state 1 leased, 2 waiting, 3 dead.
CREATE TABLE calls(
  instance BLOB NOT NULL,
  seq INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  shard INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  adapter TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state IN (1, 2, 3)),
  owner BLOB,
  attempt INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  request TEXT NOT NULL,
  error TEXT NOT NULL,
  PRIMARY KEY (instance, seq, idx),
  CHECK ((state = 1) = (owner IS NOT NULL))
) STRICT;
CREATE INDEX calls_leased ON calls(owner) WHERE state = 1;
CREATE INDEX calls_waiting ON calls(next_at) WHERE state = 2;
CREATE INDEX calls_dead ON calls(tenant, instance) WHERE state = 3;

CREATE TABLE outbox(
  from_instance BLOB NOT NULL,
  seq INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  shard INTEGER NOT NULL,
  owner BLOB NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (from_instance, seq, idx)
) STRICT;
CREATE INDEX outbox_owner ON outbox(owner);

CREATE TABLE sessions(
  id BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  live INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  beat_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE definitions(
  workflow TEXT NOT NULL,
  version INTEGER NOT NULL,
  content_hash TEXT NOT NULL,
  bundle TEXT NOT NULL,
  deployed_at INTEGER NOT NULL,
  PRIMARY KEY (workflow, version)
) STRICT;
