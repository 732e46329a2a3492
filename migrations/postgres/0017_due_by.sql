-- SPDX-License-Identifier: Apache-2.0
-- A step that clears or moves a timer changed an indexed column, so each such step had a new entry in every index of
-- `instances`. Now `due_by` is indexed, which may be earlier than `timer_at` and never later: a step that clears a timer
-- or moves it back leaves it alone. Who reads timers finds it too early and puts it right (work.cc). With room on the
-- page these updates are heap-only.
--
-- Older programs go on beside newer ones: their functions write `due_by`, too, and the index by which they look stays
-- until none of them works here any more (settle_due_by_v1). Tables that Citus has spread stay as they are, with
-- `timer_at` and its index; see distribute.cc.

-- Of the index on timer_at, once nobody wants it. Called with maintain_v1. Rows that a commit wrote which had begun
-- before its function was replaced are looked for then. The lock is waited for a moment only: next time will do.
CREATE FUNCTION settle_due_by_v1() RETURNS bool
LANGUAGE plpgsql
SET lock_timeout = '1s'
AS $$
BEGIN
  IF to_regclass('instances_due_by') IS NULL OR to_regclass('instances_timer') IS NULL
     OR EXISTS (SELECT FROM sessions WHERE live AND beat_at > now() - interval '1 minute' AND started_at <
                (SELECT applied_at FROM migrations WHERE name LIKE '0017%')) THEN
    RETURN false;
  END IF;
  UPDATE instances SET due_by = timer_at WHERE timer_at < coalesce(due_by, 'infinity');
  DROP INDEX instances_timer;
  RETURN true;
EXCEPTION WHEN lock_not_available THEN
  RETURN false;
END $$;

DO $$
DECLARE
  is_spread bool := false;
  name text;
  source text;
  changed text;
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
    EXECUTE $sql$SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'instances'::regclass)$sql$
      INTO is_spread;
  END IF;
  IF is_spread THEN
    RETURN;
  END IF;
  ALTER TABLE instances ADD COLUMN due_by timestamptz;
  -- A row that is started and changed soon after finds room for its next version beside it.
  ALTER TABLE instances SET (fillfactor = 50);
  UPDATE instances SET due_by = timer_at WHERE timer_at IS NOT NULL;
  CREATE INDEX instances_due_by ON instances(due_by) WHERE due_by IS NOT NULL;
  FOREACH name IN ARRAY ARRAY['commit_v1', 'commit_v2', 'commit_v3', 'commit_v4'] LOOP
    source := pg_get_functiondef(to_regproc(name));
    changed := replace(source, 'timer_at = u.timer,', 'timer_at = u.timer, due_by = least(i.due_by, u.timer),');
    changed := regexp_replace(changed, 'incident, timer_at, at,', 'incident, timer_at, due_by, at,');
    changed := regexp_replace(changed, '(incident,\s+)timer, at, started', '\1timer, timer, at, started');
    IF length(changed) <> length(source) + 50 THEN
      RAISE EXCEPTION '% is not as this migration knows it', name;
    END IF;
    EXECUTE changed;
  END LOOP;
  IF NOT EXISTS (SELECT FROM sessions WHERE live AND beat_at > now() - interval '1 minute') THEN
    DROP INDEX instances_timer;
  END IF;
END $$;
