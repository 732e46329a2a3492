-- SPDX-License-Identifier: Apache-2.0
-- commit_v3 calls unpark_v1 whenever marks are answered, also with nothing to take off: the copy of a home must not, for
-- that is a statement for Citus, and on a node one of them can't be inside another.

-- Stands in the copies where commit_v3 has unpark_v1. Where early events are delivered, deliver_home_v1 was called before.
CREATE FUNCTION unpark_nothing_v1(p_shard int2[], p_mark uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF p_mark IS NOT NULL THEN
    RAISE EXCEPTION 'early events are delivered by deliver_home_v1';
  END IF;
END $$;

-- As in 0014_homes.sql, with that and other names, so that copies from before are not used.
CREATE OR REPLACE FUNCTION home_copy_v1(p_function text, p_place int8, p_home int2) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  name text := format('%s_at_%s_%s', p_function, p_place, p_home);
  source text;
  one text;
BEGIN
  IF to_regproc('homes.' || name) IS NOT NULL THEN
    RETURN name;
  END IF;
  -- One at a time; whoever waited finds it made, but in the table: what to_regproc looks at may be old.
  PERFORM pg_advisory_xact_lock(86900005);
  IF EXISTS (SELECT FROM pg_proc f JOIN pg_namespace s ON s.oid = f.pronamespace
              WHERE s.nspname = 'homes' AND f.proname = name) THEN
    RETURN name;
  END IF;
  -- The copies are of this node only.
  PERFORM set_config('citus.enable_ddl_propagation', 'off', true);
  CREATE SCHEMA IF NOT EXISTS homes;
  source := pg_get_functiondef(to_regproc(p_function));
  source := regexp_replace(source, '^CREATE OR REPLACE FUNCTION [^(]+\(', format('CREATE FUNCTION homes.%I(', name));
  source := regexp_replace(source, '\mUPDATE lanes SET\M',
                           format('UPDATE %s AS lanes SET', home_table_v1('receipts', p_place, p_home)), 'g');
  source := regexp_replace(source, '\mWHERE lane = p_lane\M', format('WHERE shard = %s AND lane = p_lane', p_home), 'g');
  source := regexp_replace(source, '\munpark_v1\(', 'unpark_nothing_v1(', 'g');
  source := replace(source, p_function || '.', name || '.');
  FOREACH one IN ARRAY ARRAY['instances', 'finished', 'history', 'marks', 'bindings', 'holders', 'parked', 'waits',
                             'calls', 'outbox', 'tasks'] LOOP
    source := regexp_replace(source, format('\m(FROM|JOIN|INTO|UPDATE|USING) %s\M', one),
                             format('\1 %s', home_table_v1(one, p_place, p_home)), 'g');
  END LOOP;
  EXECUTE source;
  RETURN name;
END $$;
