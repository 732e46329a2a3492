-- SPDX-License-Identifier: Apache-2.0
-- The audit log (engine/ports/audit.h): written before a thing is tried, given its outcome once, never removed.
-- Times are microseconds since 1970.

CREATE TABLE audit(
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  tenant TEXT NOT NULL,
  at INTEGER NOT NULL,
  caller TEXT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  reason TEXT NOT NULL,
  remote TEXT NOT NULL,
  detail TEXT NOT NULL,
  status INTEGER,
  code TEXT,
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_target ON audit(tenant, target, id);

CREATE TRIGGER audit_has_one_outcome BEFORE UPDATE ON audit
WHEN OLD.status IS NOT NULL OR NEW.status IS NULL
  OR (NEW.id, NEW.tenant, NEW.at, NEW.caller, NEW.actor, NEW.action, NEW.reason, NEW.remote)
    <> (OLD.id, OLD.tenant, OLD.at, OLD.caller, OLD.actor, OLD.action, OLD.reason, OLD.remote)
  OR OLD.target NOT IN ('', NEW.target) OR OLD.detail NOT IN ('', NEW.detail)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_never_removed BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
