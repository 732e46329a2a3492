-- SPDX-License-Identifier: Apache-2.0
-- For tables that are spread over machines (docs/scaling.md, Citus): commit_v3 itself, for each home, instead of
-- commit_home_v1, of which Citus planned each statement for each row anew.
--
-- A home is what Citus calls a shard: the buckets whose rows stand in the same tables of one node (instances_102008,
-- marks_102024, ...), named by one of them. The lane sends, in one transaction, for each home that a batch touches: its
-- row of `receipts`, and commit_home_v2 with what of the batch belongs there, as a SELECT from that row. Citus takes
-- both to the node; the former tells it that the node is written on, so it keeps the shard from being moved meanwhile
-- and commits several nodes in two phases. There the function calls a copy of commit_v3 whose tables are those of the
-- home: plain tables, with plans that stay.
--
-- On plain PostgreSQL p_place is 0 and the tables of the home are the tables: so the store's tests run without Citus.

-- As `lanes`, one row for each home and lane. Read back by a lane that doesn't know how its commit ended: the parts that
-- are about the whole batch are in that of its first home.
CREATE TABLE receipts(
  shard int2 NOT NULL,
  lane uuid NOT NULL,
  epoch int4 NOT NULL,
  etag int8 NOT NULL DEFAULT 0,
  used_at timestamptz NOT NULL DEFAULT now(),
  bad int4[],
  dup_group int4[],
  dup_mark uuid[],
  taken_group int4[],
  taken_binding int4[],
  claim_tenant text[],
  claim_slot text[],
  claim_key text[],
  PRIMARY KEY (shard, lane)
) WITH (fillfactor = 20, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

-- What commit_v3 does first when it is careful: which groups can't be written, and why. Locks the rows that were read.
CREATE FUNCTION look_v1(
  p_wait bool, p_new instance_v2[], p_born instance_v2[], p_step step_v3[], p_end step_v3[], p_late step_v3[],
  p_mark mark_v3[], p_answer mark_v2[], p_take binding_v2[], p_key binding_v2[], p_park parked_v2[], p_call call_v2[],
  p_called call_v2[], p_recall call_v2[],
  OUT bad int4[], OUT dup_group int4[], OUT dup_mark uuid[], OUT dup_disposition int2[], OUT dup_answer text[],
  OUT taken_group int4[], OUT taken_binding int4[])
LANGUAGE plpgsql
SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
  found_ids uuid[];
  places int8[];
  waiting int4[];
  past date := (now() AT TIME ZONE 'UTC')::date + 1;
BEGIN
  bad := '{}';
  IF p_wait THEN
    WITH l AS (SELECT u.id FROM unnest(p_step || p_end) u JOIN instances i ON i.shard = u.shard AND i.id = u.id
                WHERE i.etag = u.old ORDER BY i.shard, i.id FOR NO KEY UPDATE OF i)
    SELECT coalesce(array_agg(id), '{}') INTO found_ids FROM l;
  ELSE
    WITH l AS (SELECT u.id FROM unnest(p_step || p_end) u JOIN instances i ON i.shard = u.shard AND i.id = u.id
                WHERE i.etag = u.old FOR NO KEY UPDATE OF i SKIP LOCKED)
    SELECT coalesce(array_agg(id), '{}') INTO found_ids FROM l;
  END IF;
  bad := bad || ARRAY(SELECT u.g FROM unnest(p_step || p_end) u WHERE u.id <> ALL (found_ids));
  WITH l AS (SELECT u.id FROM unnest(p_late) u
               JOIN finished f ON f.shard = u.shard AND f.id = u.id AND f.finished_at <= past
              WHERE f.etag = u.old FOR NO KEY UPDATE OF f SKIP LOCKED)
  SELECT coalesce(array_agg(id), '{}') INTO found_ids FROM l;
  bad := bad || ARRAY(SELECT u.g FROM unnest(p_late) u WHERE u.id <> ALL (found_ids));
  WITH l AS (SELECT u.ordinality o
               FROM unnest(p_called || p_recall) WITH ORDINALITY u
               JOIN calls c ON c.shard = u.shard AND c.instance = u.instance AND c.seq = u.seq AND c.idx = u.idx
              WHERE CASE WHEN u.op IN (2, 3, 4)
                         THEN coalesce(c.owner, '00000000-0000-0000-0000-000000000000') = u.expect_owner
                              AND c.attempt = u.expect_attempt
                         WHEN u.op = 5 THEN c.state <> 1
                              AND (u.expect_attempt = 0 OR c.attempt = u.expect_attempt) END
                FOR NO KEY UPDATE OF c SKIP LOCKED)
  SELECT coalesce(array_agg(o), '{}') INTO places FROM l;
  bad := bad || ARRAY(SELECT u.g FROM unnest(p_called || p_recall) WITH ORDINALITY u
                       WHERE u.op IN (2, 3, 4, 5) AND u.ordinality <> ALL (places));
  bad := bad || ARRAY(
    SELECT u.g FROM unnest(p_new || p_born) u JOIN instances i ON i.shard = u.shard AND i.id = u.id
    UNION ALL
    SELECT u.g FROM unnest(p_call) u
      JOIN calls c ON c.shard = u.shard AND c.instance = u.instance AND c.seq = u.seq AND c.idx = u.idx
    UNION ALL
    SELECT u.g FROM unnest(p_park) u JOIN parked p ON p.shard = u.shard AND p.mark = u.mark);
  IF p_answer IS NOT NULL THEN
    WITH l AS (SELECT u.mark FROM unnest(p_answer) u
                 JOIN parked p ON p.shard = u.shard AND p.mark = u.mark WHERE u.op = 3
                  FOR UPDATE OF p SKIP LOCKED)
    SELECT coalesce(array_agg(mark), '{}') INTO found_ids FROM l;
    bad := bad || ARRAY(SELECT u.g FROM unnest(p_answer) u WHERE u.op = 3 AND u.mark <> ALL (found_ids));
  END IF;
  SELECT array_agg(u.g) FILTER (WHERE u.op <> 4), array_agg(u.n) FILTER (WHERE u.op <> 4),
         array_agg(u.g) FILTER (WHERE u.op = 4)
    INTO taken_group, taken_binding, waiting
    FROM unnest(p_take || p_key) u
    JOIN bindings b ON b.shard = u.shard AND b.id = u.id
   WHERE CASE WHEN u.op IN (1, 9) THEN (b.live > 0 OR b.instance IS NOT NULL)
                                       AND (u.gives IS NULL OR b.instance IS DISTINCT FROM u.gives)
              WHEN u.op = 2 THEN b.live > 0 AND (u.gives IS NULL OR b.instance IS DISTINCT FROM u.gives)
              WHEN u.op = 4 THEN b.live > 0 END;
  SELECT array_agg(d.g), array_agg(d.mark), array_agg(d.disposition), array_agg(d.answer)
    INTO dup_group, dup_mark, dup_disposition, dup_answer
    FROM (SELECT DISTINCT ON (u.g) u.g, u.mark, m.disposition, m.answer
            FROM unnest(p_mark) u
            JOIN marks m ON m.shard = u.shard AND m.mark = u.mark AND m.month <= past
           ORDER BY u.g, u.n) d;
  bad := bad || dup_group || taken_group || waiting;
END $$;

-- The tables of a home: as they are named where it stands.
CREATE FUNCTION home_table_v1(p_table text, p_place int8, p_home int2) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  number int8;
BEGIN
  IF p_place = 0 THEN
    RETURN p_table;
  END IF;
  EXECUTE 'SELECT get_shard_id_for_distribution_column($1, $2)' INTO number USING p_table::regclass, p_home;
  RETURN p_table || '_' || number;
END $$;

-- The name of the home's copy of a function, which is made at first use: every table that its text names becomes the
-- home's, and the row of `lanes` that of `receipts`.
CREATE FUNCTION home_copy_v1(p_function text, p_place int8, p_home int2) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  name text := format('%s_%s_%s', p_function, p_place, p_home);
  source text;
  one text;
BEGIN
  IF to_regproc('homes.' || name) IS NOT NULL THEN
    RETURN name;
  END IF;
  -- One at a time; whoever waited finds it made, but in the table: what to_regproc looks at may be old.
  PERFORM pg_advisory_xact_lock(86900004);
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
  source := replace(source, p_function || '.', name || '.');
  FOREACH one IN ARRAY ARRAY['instances', 'finished', 'history', 'marks', 'bindings', 'holders', 'parked', 'waits',
                             'calls', 'outbox', 'tasks'] LOOP
    source := regexp_replace(source, format('\m(FROM|JOIN|INTO|UPDATE|USING) %s\M', one),
                             format('\1 %s', home_table_v1(one, p_place, p_home)), 'g');
  END LOOP;
  EXECUTE source;
  RETURN name;
END $$;

-- The lane knows which home a bucket belongs to from when it connected. A shard that was split meanwhile has new names.
CREATE FUNCTION check_home_v1(p_home int2, p_place int8) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  -- Apart from each other: without Citus there is no such function.
  IF p_place = 0 THEN
    RETURN;
  END IF;
  IF get_shard_id_for_distribution_column('instances'::regclass, p_home) <> p_place THEN
    RAISE EXCEPTION 'the buckets have other homes now' USING ERRCODE = 'VZ003';
  END IF;
END $$;

-- What commit_v3 is asked, of one home; all of it is written or nothing (VZ001). Answers the keys that were taken and
-- that events wait on: tenants, then slots, then names; null for none.
CREATE FUNCTION commit_home_v2(
  p_home int2, p_place int8, p_lane uuid, p_epoch int4, p_etag int8,
  p_new instance_v2[], p_born instance_v2[], p_step step_v3[], p_end step_v3[], p_late step_v3[],
  p_history history_v2[], p_mark mark_v3[], p_answer mark_v2[], p_ops int4, p_take binding_v2[], p_over binding_v2[],
  p_key binding_v2[], p_park parked_v2[], p_call call_v2[], p_called call_v2[], p_recall call_v2[],
  p_post outbox_v2[], p_sent outbox_v2[], p_tasks_of tasks_of_v2[], p_task task_v2[]) RETURNS text[]
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
AS $$
DECLARE
  bad int4[];
  claims text[];
BEGIN
  PERFORM check_home_v1(p_home, p_place);
  EXECUTE format('SELECT bad, claim_tenant || claim_slot || claim_key FROM homes.%I($1, $2, $3, false, false, false, $4, '
                 '$5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)',
                 home_copy_v1('commit_v3', p_place, p_home))
    INTO bad, claims
    USING p_lane, p_epoch, p_etag, p_new, p_born, p_step, p_end, p_late, p_history, p_mark, p_answer, p_ops, p_take,
          p_over, p_key, p_park, p_call, p_called, p_recall, p_post, p_sent, p_tasks_of, p_task;
  IF bad <> '{}' THEN
    RAISE EXCEPTION 'a group can not be written' USING ERRCODE = 'VZ001';
  END IF;
  RETURN claims;
END $$;

-- look_v1 of one home, with the arguments of commit_home_v2.
CREATE FUNCTION look_home_v1(
  p_home int2, p_place int8, p_lane uuid, p_wait bool,
  p_new instance_v2[], p_born instance_v2[], p_step step_v3[], p_end step_v3[], p_late step_v3[],
  p_history history_v2[], p_mark mark_v3[], p_answer mark_v2[], p_ops int4, p_take binding_v2[], p_over binding_v2[],
  p_key binding_v2[], p_park parked_v2[], p_call call_v2[], p_called call_v2[], p_recall call_v2[],
  p_post outbox_v2[], p_sent outbox_v2[], p_tasks_of tasks_of_v2[], p_task task_v2[],
  OUT bad int4[], OUT dup_group int4[], OUT dup_mark uuid[], OUT dup_disposition int2[], OUT dup_answer text[],
  OUT taken_group int4[], OUT taken_binding int4[])
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM check_home_v1(p_home, p_place);
  EXECUTE format('SELECT bad, dup_group, dup_mark, dup_disposition, dup_answer, taken_group, taken_binding FROM '
                 'homes.%I($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)',
                 home_copy_v1('look_v1', p_place, p_home))
    INTO bad, dup_group, dup_mark, dup_disposition, dup_answer, taken_group, taken_binding
    USING p_wait, p_new, p_born, p_step, p_end, p_late, p_mark, p_answer, p_take, p_key, p_park, p_call, p_called,
          p_recall;
END $$;

-- Early events that are delivered: their keys may be anywhere, so this is for Citus to take apart, row by row. What
-- somebody else has delivered is gone.
CREATE FUNCTION deliver_home_v1(p_shard int2[], p_mark uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  r record;
BEGIN
  FOR r IN SELECT u.shard, u.mark FROM unnest(p_shard, p_mark) u(shard, mark) ORDER BY 1, 2 LOOP
    PERFORM 1 FROM parked p WHERE p.shard = r.shard AND p.mark = r.mark FOR UPDATE OF p;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'an early event was delivered meanwhile' USING ERRCODE = 'VZ001';
    END IF;
  END LOOP;
  PERFORM unpark_home_v1(p_shard, p_mark);
END $$;
