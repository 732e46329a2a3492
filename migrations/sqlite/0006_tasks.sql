-- SPDX-License-Identifier: Apache-2.0
-- People's inbox. What is true of a task stands in its instance's row; here it is repeated where it can be searched,
-- by the commit that writes the instance. `due` of a task without a due time is the year 9999: it stands last. The
-- roles are joined by, and stand between, unit separators (U+001F).

CREATE TABLE tasks(
  instance BLOB NOT NULL CHECK (length(instance) = 16),
  seq INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  shard INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  workflow TEXT NOT NULL,
  key TEXT NOT NULL,
  state TEXT NOT NULL,
  title TEXT NOT NULL,
  queue TEXT NOT NULL,
  roles TEXT NOT NULL,
  assignee TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  claimed_at INTEGER,
  due INTEGER NOT NULL,
  level INTEGER NOT NULL,
  PRIMARY KEY (instance, seq, idx)
) STRICT;
CREATE INDEX tasks_due ON tasks(tenant, due, instance, seq, idx);
CREATE INDEX tasks_queue ON tasks(tenant, queue, due, instance, seq, idx);
CREATE INDEX tasks_assignee ON tasks(tenant, assignee, due, instance, seq, idx) WHERE assignee <> '';
