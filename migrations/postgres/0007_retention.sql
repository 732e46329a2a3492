-- SPDX-License-Identifier: Apache-2.0
-- What has ended leaves the database (engine/ports/retention.h). Instances are deleted with their history, after they
-- were archived; months of `history` and `finished` that became empty that way are dropped, and months of `marks` as a
-- whole. Every partition is bounded by months of UTC, see maintain_v1.

-- When the month of a partition "history_202611" ends.
CREATE FUNCTION month_end_v1(p_partition text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
  SELECT (to_date(right(p_partition, 6), 'YYYYMM') + interval '1 month') AT TIME ZONE 'UTC'
$$;

CREATE FUNCTION months_v1(p_parent text, p_before timestamptz) RETURNS SETOF text
LANGUAGE sql STABLE AS $$
  SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
   WHERE i.inhparent = p_parent::regclass AND c.relname ~ '_[0-9]{6}$' AND month_end_v1(c.relname) <= p_before
   ORDER BY c.relname
$$;

-- Months that are over for a day and empty. A day, because rows take the time at which their transaction began. The
-- lock is waited for a moment only (lock_timeout of the connection): a dropped partition locks its parent.
CREATE FUNCTION release_months_v1(p_now timestamptz DEFAULT now()) RETURNS int4
LANGUAGE plpgsql AS $$
DECLARE
  dropped int4 := 0;
  parent text;
  part text;
  used bool;
BEGIN
  FOREACH parent IN ARRAY ARRAY['history', 'finished'] LOOP
    FOR part IN SELECT months_v1(parent, p_now - interval '1 day') LOOP
      EXECUTE format('SELECT EXISTS (SELECT FROM %I)', part) INTO used;
      CONTINUE WHEN used;
      EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', part);
      EXECUTE format('SELECT EXISTS (SELECT FROM %I)', part) INTO used;
      CONTINUE WHEN used;
      EXECUTE format('DROP TABLE %I', part);
      dropped := dropped + 1;
    END LOOP;
  END LOOP;
  RETURN dropped;
END $$;

-- Whole months of marks.
CREATE FUNCTION forget_marks_v1(p_before timestamptz) RETURNS int4
LANGUAGE plpgsql AS $$
DECLARE
  dropped int4 := 0;
  part text;
BEGIN
  FOR part IN SELECT months_v1('marks', p_before) LOOP
    EXECUTE format('DROP TABLE %I', part);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;
