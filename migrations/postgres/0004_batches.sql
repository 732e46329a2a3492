-- SPDX-License-Identifier: Apache-2.0
-- Bulk operations (engine/ports/batches.h). lease_until is the server's clock, the other times are the callers'.
-- state of a batch: 1 running, 2 paused, 10 cancelled, 11 done; of an item: 1 waiting, 2 applied, 3 refused, 4 failed.

CREATE TABLE batches(
  id uuid PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  state int2 NOT NULL CHECK (state IN (1, 2, 10, 11)),
  job text NOT NULL,
  rate int8 NOT NULL,
  listed bool NOT NULL,
  cursor uuid NOT NULL,
  total int8 NOT NULL,
  applied int8 NOT NULL,
  refused int8 NOT NULL,
  failed int8 NOT NULL,
  owner uuid,
  lease_until timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX batches_running ON batches(created_at, id) WHERE state = 1;
CREATE INDEX batches_new ON batches(created_at, id);

CREATE TABLE batch_items(
  batch uuid NOT NULL,
  instance uuid NOT NULL,
  state int2 NOT NULL CHECK (state IN (1, 2, 3, 4)),
  basis text NOT NULL,
  code text NOT NULL,
  note text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (batch, instance)
);
CREATE INDEX batch_items_waiting ON batch_items(batch, instance) WHERE state = 1;
