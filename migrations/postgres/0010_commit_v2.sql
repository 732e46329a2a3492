-- SPDX-License-Identifier: Apache-2.0
-- commit_v1 again, with the batch as arrays of rows instead of arrays of columns: unnest() of many columns calls a
-- function and fills a table for each of them, in each of a dozen statements, and that was half of the server's time for
-- a commit. unnest() of rows is one function. What the statements do, the operations (i_op, m_op,
-- ...) and p_n are those of commit_v1, where they are explained; p_n[21] counts the b_op 6 and 8.
--
-- Processes that know commit_v1 only go on with it beside this one.
CREATE TYPE instance_v2 AS (
  g int4, op int2, shard int2, id uuid, old int8, version int4, seq int4, life int2, state text, status text,
  incident bool, timer timestamptz, at timestamptz, data text, rt text, output text, root uuid, parent uuid,
  tenant text, workflow text, key text, started timestamptz, input text);
CREATE TYPE history_v2 AS (
  g int4, shard int2, id uuid, seq int4, disposition int2, at timestamptz, entry text);
CREATE TYPE mark_v2 AS (
  g int4, op int2, shard int2, mark uuid, instance uuid, seq int4, disposition int2, answer text);
CREATE TYPE binding_v2 AS (
  n int4, g int4, op int2, shard int2, id uuid, tenant text, slot text, key text, live int4, instance_shard int2,
  instance uuid, gives uuid, mark_shard int2, mark uuid);
CREATE TYPE parked_v2 AS (g int4, shard int2, mark uuid, expires timestamptz, event text);
CREATE TYPE call_v2 AS (
  g int4, op int2, shard int2, instance uuid, seq int4, idx int4, tenant text, adapter text, state int2, owner uuid,
  attempt int4, next_at timestamptz, decided timestamptz, request text, error text, expect_owner uuid,
  expect_attempt int4);
CREATE TYPE outbox_v2 AS (
  g int4, op int2, shard int2, from_instance uuid, seq int4, idx int4, owner uuid, event text);
CREATE TYPE batch_v2 AS (
  i instance_v2[], h history_v2[], m mark_v2[], b binding_v2[], k parked_v2[], c call_v2[], o outbox_v2[]);

CREATE FUNCTION commit_v2(
  p_lane uuid, p_epoch int4, p_etag int8, p_first bool, p_careful bool, p_wait bool, p_n int4[], z batch_v2,
  OUT bad int4[], OUT dup_group int4[], OUT dup_mark uuid[], OUT dup_disposition int2[], OUT dup_answer text[],
  OUT taken_group int4[], OUT taken_binding int4[], OUT claim_tenant text[], OUT claim_slot text[],
  OUT claim_key text[])
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
  n int4;
  want int4;
  locked uuid[];
  waiting int4[];
  -- Keeps the partitions of months to come out of look-ups; a day more, should the clock have gone back.
  past date := (now() AT TIME ZONE 'UTC')::date + 1;
BEGIN
  bad := '{}';

  -- 1. Rows as they were read. Never waits, so never deadlocks; a group on its own may wait, so that it can't lose
  -- for ever against a stream of others.
  IF p_n[2] + p_n[3] > 0 THEN
    IF p_wait THEN
      WITH l AS (SELECT u.id FROM unnest(z.i) u JOIN instances i ON i.shard = u.shard AND i.id = u.id
                  WHERE u.op IN (2, 3) AND i.etag = u.old ORDER BY i.shard, i.id FOR NO KEY UPDATE OF i)
      SELECT coalesce(array_agg(id), '{}') INTO locked FROM l;
    ELSE
      WITH l AS (SELECT u.id FROM unnest(z.i) u JOIN instances i ON i.shard = u.shard AND i.id = u.id
                  WHERE u.op IN (2, 3) AND i.etag = u.old FOR NO KEY UPDATE OF i SKIP LOCKED)
      SELECT coalesce(array_agg(id), '{}') INTO locked FROM l;
    END IF;
    IF cardinality(locked) < p_n[2] + p_n[3] THEN
      bad := bad || ARRAY(SELECT u.g FROM unnest(z.i) u
                           WHERE u.op IN (2, 3) AND u.id <> ALL (locked));
    END IF;
  END IF;
  IF p_n[4] > 0 THEN
    WITH l AS (SELECT u.id FROM unnest(z.i) u
                 JOIN finished f ON f.shard = u.shard AND f.id = u.id AND f.finished_at <= past
                WHERE u.op = 4 AND f.etag = u.old FOR NO KEY UPDATE OF f SKIP LOCKED)
    SELECT coalesce(array_agg(id), '{}') INTO locked FROM l;
    IF cardinality(locked) < p_n[4] THEN
      bad := bad || ARRAY(SELECT u.g FROM unnest(z.i) u
                           WHERE u.op = 4 AND u.id <> ALL (locked));
    END IF;
  END IF;
  IF p_careful OR p_n[5] > 0 THEN
    bad := bad || ARRAY(
      SELECT u.g FROM unnest(z.i) u
        JOIN instances i ON i.shard = u.shard AND i.id = u.id WHERE u.op IN (1, 5)
      UNION ALL
      SELECT u.g FROM unnest(z.c) u
        JOIN calls c ON c.shard = u.shard AND c.instance = u.instance AND c.seq = u.seq AND c.idx = u.idx
       WHERE u.op = 1
      UNION ALL
      SELECT u.g FROM unnest(z.k) u
        JOIN parked p ON p.shard = u.shard AND p.mark = u.mark);
  END IF;
  IF p_n[16] + p_n[17] > 0 THEN
    WITH l AS (SELECT u.ordinality o
                 FROM unnest(z.c) WITH ORDINALITY u
                 JOIN calls c ON c.shard = u.shard AND c.instance = u.instance AND c.seq = u.seq AND c.idx = u.idx
                WHERE CASE WHEN u.op IN (2, 3, 4)
                           THEN coalesce(c.owner, '00000000-0000-0000-0000-000000000000') = u.expect_owner
                                AND c.attempt = u.expect_attempt
                           WHEN u.op = 5 THEN c.state <> 1
                                AND (u.expect_attempt = 0 OR c.attempt = u.expect_attempt) END
                  FOR NO KEY UPDATE OF c SKIP LOCKED)
    SELECT coalesce(array_agg(o), '{}') INTO waiting FROM l;
    IF cardinality(waiting) < p_n[16] + p_n[17] THEN
      bad := bad || ARRAY(SELECT u.g FROM unnest(z.c) WITH ORDINALITY u
                           WHERE u.op IN (2, 3, 4, 5) AND u.ordinality <> ALL (waiting));
    END IF;
  END IF;
  IF p_n[9] > 0 THEN
    WITH l AS (SELECT u.mark FROM unnest(z.m) u
                 JOIN parked p ON p.shard = u.shard AND p.mark = u.mark WHERE u.op = 3
                  FOR UPDATE OF p SKIP LOCKED)
    SELECT coalesce(array_agg(mark), '{}') INTO locked FROM l;
    IF cardinality(locked) < p_n[9] THEN
      bad := bad || ARRAY(SELECT u.g FROM unnest(z.m) u
                           WHERE u.op = 3 AND u.mark <> ALL (locked));
    END IF;
  END IF;

  -- 2. Seen before, taken by others, or no longer free to wait on.
  IF p_n[7] > 0 THEN
    -- Two of the same mark on both sides of a month's end would be in different partitions and not collide there.
    IF date_trunc('month', (now() - interval '1 minute') AT TIME ZONE 'UTC')
       <> date_trunc('month', (now() + interval '1 minute') AT TIME ZONE 'UTC') THEN
      PERFORM pg_advisory_xact_lock(86900003);
    END IF;
    SELECT array_agg(d.g), array_agg(d.mark), array_agg(d.disposition), array_agg(d.answer)
      INTO dup_group, dup_mark, dup_disposition, dup_answer
      FROM (SELECT DISTINCT ON (u.g) u.g, u.mark, m.disposition, m.answer
              FROM unnest(z.m) WITH ORDINALITY u
              JOIN marks m ON m.shard = u.shard AND m.mark = u.mark AND m.month <= past
             WHERE u.op = 1 ORDER BY u.g, u.ordinality) d;
    bad := bad || coalesce(dup_group, '{}');
  END IF;
  IF p_careful AND p_n[10] > 0 THEN
    SELECT array_agg(u.g) FILTER (WHERE u.op <> 4), array_agg(u.n) FILTER (WHERE u.op <> 4),
           array_agg(u.g) FILTER (WHERE u.op = 4)
      INTO taken_group, taken_binding, waiting
      FROM unnest(z.b) u
      JOIN bindings b ON b.shard = u.shard AND b.id = u.id
     WHERE CASE WHEN u.op IN (1, 9) THEN (b.live > 0 OR b.instance IS NOT NULL)
                                         AND (u.gives IS NULL OR b.instance IS DISTINCT FROM u.gives)
                WHEN u.op = 2 THEN b.live > 0 AND (u.gives IS NULL OR b.instance IS DISTINCT FROM u.gives)
                WHEN u.op = 4 THEN b.live > 0 END;
    bad := bad || coalesce(taken_group, '{}') || coalesce(waiting, '{}');
  END IF;

  -- 3. Arbiters. Keys that are given up first; then the only statements that may wait, in the order of the key.
  IF p_n[9] > 0 THEN
    PERFORM unpark_v1(array_agg(u.shard), array_agg(u.mark))
      FROM unnest(z.m) u WHERE u.op = 3 AND u.g <> ALL (bad);
  END IF;
  IF p_n[12] > 0 THEN
    UPDATE bindings b SET live = 0, instance = CASE WHEN u.op = 5 THEN b.instance END,
           instance_shard = CASE WHEN u.op = 5 THEN b.instance_shard END
      FROM unnest(z.b) u
     WHERE u.op IN (5, 6) AND u.g <> ALL (bad) AND b.shard = u.shard AND b.id = u.id AND b.instance = u.instance;
  END IF;
  IF p_n[13] > 0 THEN
    WITH e AS (UPDATE holders h SET ended = true
                 FROM unnest(z.b) u
                WHERE u.op = 7 AND u.g <> ALL (bad) AND h.shard = u.shard AND h.id = u.id
                  AND h.instance = u.instance AND NOT h.ended RETURNING h.shard, h.id),
         r AS (DELETE FROM holders h
                USING unnest(z.b) u
                WHERE u.op = 8 AND u.g <> ALL (bad) AND h.shard = u.shard AND h.id = u.id
                  AND h.instance = u.instance RETURNING h.shard, h.id, h.ended),
         d AS (SELECT shard, id, count(*)::int4 n
                 FROM (SELECT shard, id FROM e UNION ALL SELECT shard, id FROM r WHERE NOT ended) x GROUP BY 1, 2)
    UPDATE bindings b SET live = b.live - d.n FROM d WHERE b.shard = d.shard AND b.id = d.id;
  END IF;
  IF p_n[10] > 0 THEN
    WITH u AS (SELECT shard, id, max(tenant) tenant, max(slot) slot, max(key) key, max(op) op, max(live) live,
                      count(*) FILTER (WHERE op = 4)::int4 parked, max(instance_shard) instance_shard,
                      (array_agg(instance) FILTER (WHERE instance IS NOT NULL))[1] instance
                 FROM unnest(z.b) u
                WHERE op IN (1, 2, 4) AND g <> ALL (bad) GROUP BY shard, id ORDER BY shard, id),
         x AS (INSERT INTO bindings AS b (shard, id, tenant, slot, key, op, live, parked, instance_shard, instance)
               SELECT shard, id, tenant, slot, key, op, live, parked, instance_shard, instance FROM u
               ON CONFLICT (shard, id) DO UPDATE SET
                 op = excluded.op, parked = b.parked + excluded.parked,
                 live = CASE WHEN excluded.op = 4 THEN b.live ELSE excluded.live END,
                 instance = CASE WHEN excluded.op = 4 THEN b.instance ELSE excluded.instance END,
                 instance_shard = CASE WHEN excluded.op = 4 THEN b.instance_shard ELSE excluded.instance_shard END
               WHERE b.live = 0 AND (excluded.op <> 1 OR b.instance IS NULL)
               RETURNING b.tenant, b.slot, b.key, b.op, b.parked)
    SELECT (SELECT count(*) FROM u), count(*),
           array_agg(tenant) FILTER (WHERE op <> 4 AND parked > 0),
           array_agg(slot) FILTER (WHERE op <> 4 AND parked > 0),
           array_agg(key) FILTER (WHERE op <> 4 AND parked > 0)
      INTO want, n, claim_tenant, claim_slot, claim_key FROM x;
    IF n <> want THEN
      RAISE EXCEPTION 'a key was taken meanwhile' USING ERRCODE = 'VZ001';
    END IF;
  END IF;
  IF p_n[11] > 0 THEN
    WITH u AS (SELECT * FROM unnest(z.b) u WHERE op = 3 AND g <> ALL (bad)),
         h AS (INSERT INTO holders AS h (shard, id, instance, instance_shard, ended)
               SELECT DISTINCT shard, id, instance, instance_shard, live = 0 FROM u ORDER BY 1, 2, 3
               ON CONFLICT (shard, id, instance) DO UPDATE SET ended = false WHERE h.ended AND NOT excluded.ended
               RETURNING h.shard, h.id, h.ended),
         c AS (SELECT shard, id, count(*) FILTER (WHERE NOT ended)::int4 live FROM h GROUP BY 1, 2),
         x AS (INSERT INTO bindings AS b (shard, id, tenant, slot, key, op, live, parked)
               SELECT DISTINCT ON (c.shard, c.id) c.shard, c.id, u.tenant, u.slot, u.key, 3, c.live, 0
                 FROM c JOIN u ON u.shard = c.shard AND u.id = c.id ORDER BY c.shard, c.id
               ON CONFLICT (shard, id) DO UPDATE SET op = 3, live = b.live + excluded.live
               RETURNING b.tenant, b.slot, b.key, b.parked)
    SELECT claim_tenant || array_agg(tenant), claim_slot || array_agg(slot), claim_key || array_agg(key)
      INTO claim_tenant, claim_slot, claim_key FROM x WHERE parked > 0;
  END IF;
  IF p_n[21] > 0 THEN
    DELETE FROM bindings b USING unnest(z.b) u
     WHERE u.op IN (6, 8) AND u.g <> ALL (bad) AND b.shard = u.shard AND b.id = u.id
       AND b.live = 0 AND b.parked = 0 AND b.instance IS NULL
       AND NOT EXISTS (SELECT FROM holders h WHERE h.shard = b.shard AND h.id = b.id);
  END IF;
  IF p_n[14] > 0 THEN
    INSERT INTO parked(shard, mark, expires_at, event)
      SELECT shard, mark, expires, event FROM unnest(z.k) WITH ORDINALITY u WHERE g <> ALL (bad) ORDER BY ordinality;
    INSERT INTO waits(shard, id, mark, mark_shard)
      SELECT shard, id, mark, mark_shard
        FROM unnest(z.b) u WHERE op = 4 AND g <> ALL (bad);
  END IF;

  -- 4. Instances.
  IF p_n[2] > 0 THEN
    UPDATE instances i SET version = u.version, etag = p_etag, seq = u.seq, life = u.life, state = u.state,
           status = u.status, incident = u.incident, timer_at = u.timer, at = u.at, data = coalesce(u.data, i.data),
           rt = u.rt, output = u.output
      FROM unnest(z.i) u
     WHERE u.op = 2 AND u.g <> ALL (bad) AND i.shard = u.shard AND i.id = u.id;
  END IF;
  IF p_n[3] > 0 THEN
    WITH d AS (
      DELETE FROM instances i
       USING unnest(z.i) u
       WHERE u.op = 3 AND u.g <> ALL (bad) AND i.shard = u.shard AND i.id = u.id
      RETURNING i.shard, i.id, i.root, i.parent, i.tenant, i.workflow, u.version, i.key, u.seq, u.life, u.state,
                u.status, u.incident, u.at, i.started_at, i.input, coalesce(u.data, i.data) data, u.rt, u.output)
    INSERT INTO finished(shard, id, root, parent, tenant, workflow, version, key, etag, seq, life, state, status,
                         incident, at, started_at, input, data, rt, output)
      SELECT shard, id, root, parent, tenant, workflow, version, key, p_etag, seq, life, state, status, incident, at,
             started_at, input, data, rt, output FROM d;
  END IF;
  IF p_n[4] > 0 THEN
    UPDATE finished f SET version = u.version, etag = p_etag, seq = u.seq, life = u.life, state = u.state,
           status = u.status, incident = u.incident, at = u.at, data = coalesce(u.data, f.data), rt = u.rt,
           output = u.output
      FROM unnest(z.i) u
     WHERE u.op = 4 AND u.g <> ALL (bad) AND f.shard = u.shard AND f.id = u.id AND f.finished_at <= past;
  END IF;
  IF p_n[1] > 0 THEN
    INSERT INTO instances(shard, id, root, parent, tenant, workflow, version, key, etag, seq, life, state, status,
                          incident, timer_at, at, started_at, input, data, rt, output)
      SELECT shard, id, root, parent, tenant, workflow, version, key, p_etag, seq, life, state, status, incident,
             timer, at, started, input, data, rt, output
        FROM unnest(z.i) u WHERE op = 1 AND g <> ALL (bad);
  END IF;
  IF p_n[5] > 0 THEN
    INSERT INTO finished(shard, id, root, parent, tenant, workflow, version, key, etag, seq, life, state, status,
                         incident, at, started_at, input, data, rt, output)
      SELECT shard, id, root, parent, tenant, workflow, version, key, p_etag, seq, life, state, status, incident, at,
             started, input, data, rt, output
        FROM unnest(z.i) u WHERE op = 5 AND g <> ALL (bad);
  END IF;

  -- 5. What is only added, and the rest.
  IF p_n[6] > 0 THEN
    INSERT INTO history(shard, id, seq, step_at, etag, disposition, entry)
      SELECT shard, id, seq, at, p_etag, disposition, entry
        FROM unnest(z.h) u
       WHERE g <> ALL (bad);
  END IF;
  IF p_n[7] > 0 THEN
    INSERT INTO marks(shard, mark, instance, seq, disposition, answer)
      SELECT shard, mark, instance, seq, disposition, answer
        FROM unnest(z.m) u WHERE op = 1 AND g <> ALL (bad) ORDER BY shard, mark;
  END IF;
  IF p_n[8] > 0 THEN
    WITH u AS (SELECT * FROM unnest(z.m) u WHERE op = 2 AND g <> ALL (bad)),
         w AS (UPDATE marks m SET instance = u.instance, seq = u.seq, disposition = u.disposition, answer = u.answer
                 FROM u WHERE m.shard = u.shard AND m.mark = u.mark AND m.month <= past RETURNING m.mark)
    INSERT INTO marks(shard, mark, instance, seq, disposition, answer)
      SELECT shard, mark, instance, seq, disposition, answer FROM u WHERE mark NOT IN (SELECT mark FROM w);
  END IF;
  IF p_n[15] > 0 THEN
    INSERT INTO calls(shard, instance, seq, idx, tenant, adapter, state, owner, attempt, next_at, decided_at, request,
                      error)
      SELECT shard, instance, seq, idx, tenant, adapter, state, owner, attempt, next_at, decided, request, error
        FROM unnest(z.c) u WHERE op = 1 AND g <> ALL (bad);
  END IF;
  IF p_n[16] + p_n[18] > 0 THEN
    DELETE FROM calls c USING unnest(z.c) u
     WHERE (u.op = 2 OR (u.op = 6 AND c.state = 2)) AND u.g <> ALL (bad)
       AND c.shard = u.shard AND c.instance = u.instance AND c.seq = u.seq AND c.idx = u.idx;
  END IF;
  IF p_n[17] > 0 THEN
    UPDATE calls c SET state = CASE u.op WHEN 3 THEN 2 WHEN 4 THEN 3 ELSE 1 END,
           owner = CASE WHEN u.op = 5 THEN u.owner END,
           attempt = CASE WHEN u.op = 4 THEN c.attempt ELSE u.attempt END,
           next_at = CASE WHEN u.op = 3 THEN u.next_at ELSE c.next_at END,
           error = CASE WHEN u.op = 5 THEN c.error ELSE u.error END
      FROM unnest(z.c) u
     WHERE u.op IN (3, 4, 5) AND u.g <> ALL (bad)
       AND c.shard = u.shard AND c.instance = u.instance AND c.seq = u.seq AND c.idx = u.idx;
  END IF;
  IF p_n[19] > 0 THEN
    INSERT INTO outbox(shard, from_instance, seq, idx, owner, event)
      SELECT shard, from_instance, seq, idx, owner, event
        FROM unnest(z.o) u WHERE op = 1 AND g <> ALL (bad);
  END IF;
  IF p_n[20] > 0 THEN
    DELETE FROM outbox o USING unnest(z.o) u
     WHERE u.op = 2 AND u.g <> ALL (bad)
       AND o.shard = u.shard AND o.from_instance = u.from_instance AND o.seq = u.seq AND o.idx = u.idx;
  END IF;

  -- 6. The receipt. A lane whose epoch was raised meanwhile has given this attempt up.
  UPDATE lanes SET etag = p_etag, used_at = now(),
         bad = CASE WHEN p_first THEN nullif(commit_v2.bad, '{}') ELSE lanes.bad || commit_v2.bad END,
         dup_group = CASE WHEN p_first THEN commit_v2.dup_group ELSE lanes.dup_group || commit_v2.dup_group END,
         dup_mark = CASE WHEN p_first THEN commit_v2.dup_mark ELSE lanes.dup_mark || commit_v2.dup_mark END,
         taken_group = CASE WHEN p_first THEN commit_v2.taken_group ELSE lanes.taken_group || commit_v2.taken_group END,
         taken_binding = CASE WHEN p_first THEN commit_v2.taken_binding
                              ELSE lanes.taken_binding || commit_v2.taken_binding END,
         claim_tenant = CASE WHEN p_first THEN commit_v2.claim_tenant
                             ELSE lanes.claim_tenant || commit_v2.claim_tenant END,
         claim_slot = CASE WHEN p_first THEN commit_v2.claim_slot ELSE lanes.claim_slot || commit_v2.claim_slot END,
         claim_key = CASE WHEN p_first THEN commit_v2.claim_key ELSE lanes.claim_key || commit_v2.claim_key END
   WHERE lane = p_lane AND epoch = p_epoch;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the lane has been fenced off' USING ERRCODE = 'VZ002';
  END IF;
END $$;

-- The same of commit_tasks_v1.
CREATE TYPE tasks_of_v2 AS (g int4, shard int2, instance uuid);
CREATE TYPE task_v2 AS (
  g int4, shard int2, instance uuid, seq int4, idx int4, tenant text, workflow text, key text, state text, title text,
  queue text, roles text, assignee text, opened timestamptz, claimed timestamptz, due timestamptz, level int4);
CREATE TYPE tasks_v2 AS (d tasks_of_v2[], t task_v2[]);

CREATE FUNCTION commit_tasks_v2(
  p_lane uuid, p_epoch int4, p_etag int8, p_first bool, p_careful bool, p_wait bool, p_n int4[], z batch_v2,
  w tasks_v2,
  OUT bad int4[], OUT dup_group int4[], OUT dup_mark uuid[], OUT dup_disposition int2[], OUT dup_answer text[],
  OUT taken_group int4[], OUT taken_binding int4[], OUT claim_tenant text[], OUT claim_slot text[],
  OUT claim_key text[])
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
  left_out int4[];
BEGIN
  SELECT c.bad, c.dup_group, c.dup_mark, c.dup_disposition, c.dup_answer, c.taken_group, c.taken_binding,
         c.claim_tenant, c.claim_slot, c.claim_key
    INTO bad, dup_group, dup_mark, dup_disposition, dup_answer, taken_group, taken_binding, claim_tenant, claim_slot,
         claim_key
    FROM commit_v2(p_lane, p_epoch, p_etag, p_first, p_careful, p_wait, p_n, z) c;
  left_out := coalesce(bad, '{}');
  DELETE FROM tasks o USING unnest(w.d) u
   WHERE u.g <> ALL (left_out) AND o.shard = u.shard AND o.instance = u.instance;
  INSERT INTO tasks(shard, instance, seq, idx, tenant, workflow, key, state, title, queue, roles, assignee, opened_at,
                    claimed_at, due, level)
    SELECT shard, instance, seq, idx, tenant, workflow, key, state, title, queue,
           CASE roles WHEN '' THEN '{""}' ELSE string_to_array(roles, E'\x1f') END, assignee, opened, claimed, due,
           level
      FROM unnest(w.t) u WHERE g <> ALL (left_out);
END $$;
