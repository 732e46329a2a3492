-- SPDX-License-Identifier: Apache-2.0
-- The audit log (engine/ports/audit.h): written before a thing is tried, given its outcome once, never removed.

CREATE TABLE audit(
  id uuid PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  caller text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  target text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  remote text NOT NULL,
  detail text NOT NULL,
  status int2,
  code text,
  ended_at timestamptz
);
CREATE INDEX audit_target ON audit(tenant, target, id);

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.status IS NULL AND NEW.status IS NOT NULL
    AND (NEW.id, NEW.tenant, NEW.at, NEW.caller, NEW.actor, NEW.action, NEW.reason, NEW.remote)
      = (OLD.id, OLD.tenant, OLD.at, OLD.caller, OLD.actor, OLD.action, OLD.reason, OLD.remote)
    AND OLD.target IN ('', NEW.target) AND OLD.detail IN ('', NEW.detail) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit
  FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
  FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
