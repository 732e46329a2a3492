-- SPDX-License-Identifier: Apache-2.0
-- One batch, one round trip. Columns of all rows of all groups; *_g is the group a row belongs to. Answers name the
-- groups that were left out: `bad` (stale; the duplicates and the taken are among them), dup_* (with the first
-- answer), taken_*; and the keys taken on which events wait. Released behaviour never changes: there will be a
-- commit_v2.
--
-- i_op 1 insert, 2 update, 3 end, 4 update an ended one, 5 insert an ended one.  m_op 1 mark, 2 resolve, 3 unpark.
-- b_op 1 take, 2 take a reusable one, 3 add an alias, 4 wait, 5 end a key, 6 release a key, 7 end an alias,
--      8 release an alias, 9 only look whether it is free.
-- c_op 1 insert, 2 end, 3 retry, 4 dead, 5 lease, 6 withdraw.  o_op 1 insert, 2 done.
-- p_n counts rows, so that what is not there costs nothing: 1..5 i_op, 6 h, 7..9 m_op, 10 takes and waits, 11 b_op 3,
-- 12 b_op 5 and 6, 13 b_op 7 and 8, 14 parked, 15 c_op 1, 16 c_op 2, 17 c_op 3 to 5, 18 c_op 6, 19 and 20 o_op.
--
-- Nothing waits until the arbiters: rows are locked with SKIP LOCKED and compared; each statement after that has a
-- fresh snapshot. Two that write the same arbiter or mark at once meet there, and the later one starts over (VZ001,
-- or 23505 of a key). What hardly ever is wrong (a new id that exists, a key that is taken although it was looked up
-- before) is not asked for first: the statement that writes it fails, and the caller comes again with p_careful,
-- which asks, and names the groups.
--
-- The arrays come as one composite, because PL/pgSQL unpacks each array that is a parameter of its own.
CREATE TYPE batch_v1 AS (
  i_g int4[], i_op int2[], i_shard int2[], i_id uuid[], i_old int8[], i_version int4[], i_seq int4[],
  i_life int2[], i_state text[], i_status text[], i_incident bool[], i_timer timestamptz[], i_at timestamptz[],
  i_data text[], i_rt text[], i_output text[], i_root uuid[], i_parent uuid[], i_tenant text[],
  i_workflow text[], i_key text[], i_started timestamptz[], i_input text[],
  h_g int4[], h_shard int2[], h_id uuid[], h_seq int4[], h_disposition int2[], h_at timestamptz[],
  h_entry text[],
  m_g int4[], m_op int2[], m_shard int2[], m_mark uuid[], m_instance uuid[], m_seq int4[], m_disposition int2[],
  m_answer text[],
  b_n int4[], b_g int4[], b_op int2[], b_shard int2[], b_id uuid[], b_tenant text[], b_slot text[], b_key text[],
  b_live int4[], b_instance_shard int2[], b_instance uuid[], b_gives uuid[], b_mark_shard int2[], b_mark uuid[],
  k_g int4[], k_shard int2[], k_mark uuid[], k_expires timestamptz[], k_event text[],
  c_g int4[], c_op int2[], c_shard int2[], c_instance uuid[], c_seq int4[], c_idx int4[], c_tenant text[],
  c_adapter text[], c_state int2[], c_owner uuid[], c_attempt int4[], c_next timestamptz[],
  c_decided timestamptz[], c_request text[], c_error text[], c_expect_owner uuid[], c_expect_attempt int4[],
  o_g int4[], o_op int2[], o_shard int2[], o_from uuid[], o_seq int4[], o_idx int4[], o_owner uuid[],
  o_event text[]);

CREATE FUNCTION commit_v1(
  p_lane uuid, p_epoch int4, p_etag int8, p_first bool, p_careful bool, p_wait bool, p_n int4[], z batch_v1,
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
      WITH l AS (SELECT u.id FROM unnest(z.i_op, z.i_shard, z.i_id, z.i_old) u(op, shard, id, old)
                   JOIN instances i ON i.shard = u.shard AND i.id = u.id
                  WHERE u.op IN (2, 3) AND i.etag = u.old ORDER BY i.shard, i.id FOR NO KEY UPDATE OF i)
      SELECT coalesce(array_agg(id), '{}') INTO locked FROM l;
    ELSE
      WITH l AS (SELECT u.id FROM unnest(z.i_op, z.i_shard, z.i_id, z.i_old) u(op, shard, id, old)
                   JOIN instances i ON i.shard = u.shard AND i.id = u.id
                  WHERE u.op IN (2, 3) AND i.etag = u.old FOR NO KEY UPDATE OF i SKIP LOCKED)
      SELECT coalesce(array_agg(id), '{}') INTO locked FROM l;
    END IF;
    IF cardinality(locked) < p_n[2] + p_n[3] THEN
      bad := bad || ARRAY(SELECT u.g FROM unnest(z.i_g, z.i_op, z.i_id) u(g, op, id)
                           WHERE u.op IN (2, 3) AND u.id <> ALL (locked));
    END IF;
  END IF;
  IF p_n[4] > 0 THEN
    WITH l AS (SELECT u.id FROM unnest(z.i_op, z.i_shard, z.i_id, z.i_old) u(op, shard, id, old)
                 JOIN finished f ON f.shard = u.shard AND f.id = u.id AND f.finished_at <= past
                WHERE u.op = 4 AND f.etag = u.old FOR NO KEY UPDATE OF f SKIP LOCKED)
    SELECT coalesce(array_agg(id), '{}') INTO locked FROM l;
    IF cardinality(locked) < p_n[4] THEN
      bad := bad || ARRAY(SELECT u.g FROM unnest(z.i_g, z.i_op, z.i_id) u(g, op, id)
                           WHERE u.op = 4 AND u.id <> ALL (locked));
    END IF;
  END IF;
  IF p_careful OR p_n[5] > 0 THEN
    bad := bad || ARRAY(
      SELECT u.g FROM unnest(z.i_g, z.i_op, z.i_shard, z.i_id) u(g, op, shard, id)
        JOIN instances i ON i.shard = u.shard AND i.id = u.id WHERE u.op IN (1, 5)
      UNION ALL
      SELECT u.g FROM unnest(z.c_g, z.c_op, z.c_shard, z.c_instance, z.c_seq, z.c_idx)
                        u(g, op, shard, instance, seq, idx)
        JOIN calls c ON c.shard = u.shard AND c.instance = u.instance AND c.seq = u.seq AND c.idx = u.idx
       WHERE u.op = 1
      UNION ALL
      SELECT u.g FROM unnest(z.k_g, z.k_shard, z.k_mark) u(g, shard, mark)
        JOIN parked p ON p.shard = u.shard AND p.mark = u.mark);
  END IF;
  IF p_n[16] + p_n[17] > 0 THEN
    WITH l AS (SELECT u.o
                 FROM unnest(z.c_op, z.c_shard, z.c_instance, z.c_seq, z.c_idx, z.c_expect_owner, z.c_expect_attempt)
                        WITH ORDINALITY u(op, shard, instance, seq, idx, owner, attempt, o)
                 JOIN calls c ON c.shard = u.shard AND c.instance = u.instance AND c.seq = u.seq AND c.idx = u.idx
                WHERE CASE WHEN u.op IN (2, 3, 4)
                           THEN coalesce(c.owner, '00000000-0000-0000-0000-000000000000') = u.owner
                                AND c.attempt = u.attempt
                           WHEN u.op = 5 THEN c.state <> 1 AND (u.attempt = 0 OR c.attempt = u.attempt) END
                  FOR NO KEY UPDATE OF c SKIP LOCKED)
    SELECT coalesce(array_agg(o), '{}') INTO waiting FROM l;
    IF cardinality(waiting) < p_n[16] + p_n[17] THEN
      bad := bad || ARRAY(SELECT u.g FROM unnest(z.c_g, z.c_op) WITH ORDINALITY u(g, op, o)
                           WHERE u.op IN (2, 3, 4, 5) AND u.o <> ALL (waiting));
    END IF;
  END IF;
  IF p_n[9] > 0 THEN
    WITH l AS (SELECT u.mark FROM unnest(z.m_op, z.m_shard, z.m_mark) u(op, shard, mark)
                 JOIN parked p ON p.shard = u.shard AND p.mark = u.mark WHERE u.op = 3
                  FOR UPDATE OF p SKIP LOCKED)
    SELECT coalesce(array_agg(mark), '{}') INTO locked FROM l;
    IF cardinality(locked) < p_n[9] THEN
      bad := bad || ARRAY(SELECT u.g FROM unnest(z.m_g, z.m_op, z.m_mark) u(g, op, mark)
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
              FROM unnest(z.m_g, z.m_op, z.m_shard, z.m_mark) WITH ORDINALITY u(g, op, shard, mark, o)
              JOIN marks m ON m.shard = u.shard AND m.mark = u.mark AND m.month <= past
             WHERE u.op = 1 ORDER BY u.g, u.o) d;
    bad := bad || coalesce(dup_group, '{}');
  END IF;
  IF p_careful AND p_n[10] > 0 THEN
    SELECT array_agg(u.g) FILTER (WHERE u.op <> 4), array_agg(u.n) FILTER (WHERE u.op <> 4),
           array_agg(u.g) FILTER (WHERE u.op = 4)
      INTO taken_group, taken_binding, waiting
      FROM unnest(z.b_n, z.b_g, z.b_op, z.b_shard, z.b_id, z.b_gives) u(n, g, op, shard, id, gives)
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
      FROM unnest(z.m_g, z.m_op, z.m_shard, z.m_mark) u(g, op, shard, mark) WHERE u.op = 3 AND u.g <> ALL (bad);
  END IF;
  IF p_n[12] > 0 THEN
    UPDATE bindings b SET live = 0, instance = CASE WHEN u.op = 5 THEN b.instance END,
           instance_shard = CASE WHEN u.op = 5 THEN b.instance_shard END
      FROM unnest(z.b_g, z.b_op, z.b_shard, z.b_id, z.b_instance) u(g, op, shard, id, instance)
     WHERE u.op IN (5, 6) AND u.g <> ALL (bad) AND b.shard = u.shard AND b.id = u.id AND b.instance = u.instance;
  END IF;
  IF p_n[13] > 0 THEN
    WITH e AS (UPDATE holders h SET ended = true
                 FROM unnest(z.b_g, z.b_op, z.b_shard, z.b_id, z.b_instance) u(g, op, shard, id, instance)
                WHERE u.op = 7 AND u.g <> ALL (bad) AND h.shard = u.shard AND h.id = u.id
                  AND h.instance = u.instance AND NOT h.ended RETURNING h.shard, h.id),
         r AS (DELETE FROM holders h
                USING unnest(z.b_g, z.b_op, z.b_shard, z.b_id, z.b_instance) u(g, op, shard, id, instance)
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
                 FROM unnest(z.b_g, z.b_op, z.b_shard, z.b_id, z.b_tenant, z.b_slot, z.b_key, z.b_live,
                             z.b_instance_shard, z.b_instance)
                        u(g, op, shard, id, tenant, slot, key, live, instance_shard, instance)
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
    WITH u AS (SELECT * FROM unnest(z.b_g, z.b_op, z.b_shard, z.b_id, z.b_tenant, z.b_slot, z.b_key, z.b_live,
                                    z.b_instance_shard, z.b_instance)
                               u(g, op, shard, id, tenant, slot, key, live, instance_shard, instance)
                WHERE op = 3 AND g <> ALL (bad)),
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
  IF p_n[12] + p_n[13] > 0 THEN
    DELETE FROM bindings b USING unnest(z.b_g, z.b_op, z.b_shard, z.b_id) u(g, op, shard, id)
     WHERE u.op IN (6, 8) AND u.g <> ALL (bad) AND b.shard = u.shard AND b.id = u.id
       AND b.live = 0 AND b.parked = 0 AND b.instance IS NULL
       AND NOT EXISTS (SELECT FROM holders h WHERE h.shard = b.shard AND h.id = b.id);
  END IF;
  IF p_n[14] > 0 THEN
    INSERT INTO parked(shard, mark, expires_at, event)
      SELECT shard, mark, expires, event FROM unnest(z.k_g, z.k_shard, z.k_mark, z.k_expires,
                                                     z.k_event) WITH ORDINALITY
               u(g, shard, mark, expires, event, o) WHERE g <> ALL (bad) ORDER BY o;
    INSERT INTO waits(shard, id, mark, mark_shard)
      SELECT shard, id, mark, mark_shard
        FROM unnest(z.b_g, z.b_op, z.b_shard, z.b_id, z.b_mark, z.b_mark_shard) u(g, op, shard, id, mark, mark_shard)
       WHERE op = 4 AND g <> ALL (bad);
  END IF;

  -- 4. Instances.
  IF p_n[2] > 0 THEN
    UPDATE instances i SET version = u.version, etag = p_etag, seq = u.seq, life = u.life, state = u.state,
           status = u.status, incident = u.incident, timer_at = u.timer, at = u.at, data = coalesce(u.data, i.data),
           rt = u.rt, output = u.output
      FROM unnest(z.i_g, z.i_op, z.i_shard, z.i_id, z.i_version, z.i_seq, z.i_life, z.i_state, z.i_status,
                  z.i_incident, z.i_timer, z.i_at, z.i_data, z.i_rt, z.i_output)
             u(g, op, shard, id, version, seq, life, state, status, incident, timer, at, data, rt, output)
     WHERE u.op = 2 AND u.g <> ALL (bad) AND i.shard = u.shard AND i.id = u.id;
  END IF;
  IF p_n[3] > 0 THEN
    WITH d AS (
      DELETE FROM instances i
       USING unnest(z.i_g, z.i_op, z.i_shard, z.i_id, z.i_version, z.i_seq, z.i_life, z.i_state, z.i_status,
                    z.i_incident, z.i_at, z.i_data, z.i_rt, z.i_output)
               u(g, op, shard, id, version, seq, life, state, status, incident, at, data, rt, output)
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
      FROM unnest(z.i_g, z.i_op, z.i_shard, z.i_id, z.i_version, z.i_seq, z.i_life, z.i_state, z.i_status,
                  z.i_incident, z.i_at, z.i_data, z.i_rt, z.i_output)
             u(g, op, shard, id, version, seq, life, state, status, incident, at, data, rt, output)
     WHERE u.op = 4 AND u.g <> ALL (bad) AND f.shard = u.shard AND f.id = u.id AND f.finished_at <= past;
  END IF;
  IF p_n[1] > 0 THEN
    INSERT INTO instances(shard, id, root, parent, tenant, workflow, version, key, etag, seq, life, state, status,
                          incident, timer_at, at, started_at, input, data, rt, output)
      SELECT shard, id, root, parent, tenant, workflow, version, key, p_etag, seq, life, state, status, incident,
             timer, at, started, input, data, rt, output
        FROM unnest(z.i_g, z.i_op, z.i_shard, z.i_id, z.i_version, z.i_seq, z.i_life, z.i_state, z.i_status,
                    z.i_incident, z.i_timer, z.i_at, z.i_data, z.i_rt, z.i_output, z.i_root, z.i_parent, z.i_tenant,
                    z.i_workflow, z.i_key, z.i_started, z.i_input)
               u(g, op, shard, id, version, seq, life, state, status, incident, timer, at, data, rt, output, root,
                 parent, tenant, workflow, key, started, input)
       WHERE op = 1 AND g <> ALL (bad);
  END IF;
  IF p_n[5] > 0 THEN
    INSERT INTO finished(shard, id, root, parent, tenant, workflow, version, key, etag, seq, life, state, status,
                         incident, at, started_at, input, data, rt, output)
      SELECT shard, id, root, parent, tenant, workflow, version, key, p_etag, seq, life, state, status, incident, at,
             started, input, data, rt, output
        FROM unnest(z.i_g, z.i_op, z.i_shard, z.i_id, z.i_version, z.i_seq, z.i_life, z.i_state, z.i_status,
                    z.i_incident, z.i_at, z.i_data, z.i_rt, z.i_output, z.i_root, z.i_parent, z.i_tenant,
                    z.i_workflow, z.i_key, z.i_started, z.i_input)
               u(g, op, shard, id, version, seq, life, state, status, incident, at, data, rt, output, root,
                 parent, tenant, workflow, key, started, input)
       WHERE op = 5 AND g <> ALL (bad);
  END IF;

  -- 5. What is only added, and the rest.
  IF p_n[6] > 0 THEN
    INSERT INTO history(shard, id, seq, step_at, etag, disposition, entry)
      SELECT shard, id, seq, at, p_etag, disposition, entry
        FROM unnest(z.h_g, z.h_shard, z.h_id, z.h_seq, z.h_disposition, z.h_at, z.h_entry)
               u(g, shard, id, seq, disposition, at, entry)
       WHERE g <> ALL (bad);
  END IF;
  IF p_n[7] > 0 THEN
    INSERT INTO marks(shard, mark, instance, seq, disposition, answer)
      SELECT shard, mark, instance, seq, disposition, answer
        FROM unnest(z.m_g, z.m_op, z.m_shard, z.m_mark, z.m_instance, z.m_seq, z.m_disposition, z.m_answer)
               u(g, op, shard, mark, instance, seq, disposition, answer)
       WHERE op = 1 AND g <> ALL (bad) ORDER BY shard, mark;
  END IF;
  IF p_n[8] > 0 THEN
    WITH u AS (SELECT * FROM unnest(z.m_g, z.m_op, z.m_shard, z.m_mark, z.m_instance, z.m_seq, z.m_disposition,
                                    z.m_answer)
                               u(g, op, shard, mark, instance, seq, disposition, answer)
                WHERE op = 2 AND g <> ALL (bad)),
         w AS (UPDATE marks m SET instance = u.instance, seq = u.seq, disposition = u.disposition, answer = u.answer
                 FROM u WHERE m.shard = u.shard AND m.mark = u.mark AND m.month <= past RETURNING m.mark)
    INSERT INTO marks(shard, mark, instance, seq, disposition, answer)
      SELECT shard, mark, instance, seq, disposition, answer FROM u WHERE mark NOT IN (SELECT mark FROM w);
  END IF;
  IF p_n[15] > 0 THEN
    INSERT INTO calls(shard, instance, seq, idx, tenant, adapter, state, owner, attempt, next_at, decided_at, request,
                      error)
      SELECT shard, instance, seq, idx, tenant, adapter, state, owner, attempt, next_at, decided, request, error
        FROM unnest(z.c_g, z.c_op, z.c_shard, z.c_instance, z.c_seq, z.c_idx, z.c_tenant, z.c_adapter, z.c_state,
                    z.c_owner, z.c_attempt,
                    z.c_next, z.c_decided, z.c_request, z.c_error)
               u(g, op, shard, instance, seq, idx, tenant, adapter, state, owner, attempt, next_at, decided, request,
                 error)
       WHERE op = 1 AND g <> ALL (bad);
  END IF;
  IF p_n[16] + p_n[18] > 0 THEN
    DELETE FROM calls c USING unnest(z.c_g, z.c_op, z.c_shard, z.c_instance, z.c_seq, z.c_idx)
                                u(g, op, shard, instance, seq, idx)
     WHERE (u.op = 2 OR (u.op = 6 AND c.state = 2)) AND u.g <> ALL (bad)
       AND c.shard = u.shard AND c.instance = u.instance AND c.seq = u.seq AND c.idx = u.idx;
  END IF;
  IF p_n[17] > 0 THEN
    UPDATE calls c SET state = CASE u.op WHEN 3 THEN 2 WHEN 4 THEN 3 ELSE 1 END,
           owner = CASE WHEN u.op = 5 THEN u.owner END,
           attempt = CASE WHEN u.op = 4 THEN c.attempt ELSE u.attempt END,
           next_at = CASE WHEN u.op = 3 THEN u.next_at ELSE c.next_at END,
           error = CASE WHEN u.op = 5 THEN c.error ELSE u.error END
      FROM unnest(z.c_g, z.c_op, z.c_shard, z.c_instance, z.c_seq, z.c_idx, z.c_owner, z.c_attempt, z.c_next,
                  z.c_error)
             u(g, op, shard, instance, seq, idx, owner, attempt, next_at, error)
     WHERE u.op IN (3, 4, 5) AND u.g <> ALL (bad)
       AND c.shard = u.shard AND c.instance = u.instance AND c.seq = u.seq AND c.idx = u.idx;
  END IF;
  IF p_n[19] > 0 THEN
    INSERT INTO outbox(shard, from_instance, seq, idx, owner, event)
      SELECT shard, from_instance, seq, idx, owner, event
        FROM unnest(z.o_g, z.o_op, z.o_shard, z.o_from, z.o_seq, z.o_idx, z.o_owner, z.o_event)
               u(g, op, shard, from_instance, seq, idx, owner, event)
       WHERE op = 1 AND g <> ALL (bad);
  END IF;
  IF p_n[20] > 0 THEN
    DELETE FROM outbox o USING unnest(z.o_g, z.o_op, z.o_shard, z.o_from, z.o_seq, z.o_idx)
                                 u(g, op, shard, from_instance, seq, idx)
     WHERE u.op = 2 AND u.g <> ALL (bad)
       AND o.shard = u.shard AND o.from_instance = u.from_instance AND o.seq = u.seq AND o.idx = u.idx;
  END IF;

  -- 6. The receipt. A lane whose epoch was raised meanwhile has given this attempt up.
  UPDATE lanes SET etag = p_etag, used_at = now(),
         bad = CASE WHEN p_first THEN nullif(commit_v1.bad, '{}') ELSE lanes.bad || commit_v1.bad END,
         dup_group = CASE WHEN p_first THEN commit_v1.dup_group ELSE lanes.dup_group || commit_v1.dup_group END,
         dup_mark = CASE WHEN p_first THEN commit_v1.dup_mark ELSE lanes.dup_mark || commit_v1.dup_mark END,
         taken_group = CASE WHEN p_first THEN commit_v1.taken_group ELSE lanes.taken_group || commit_v1.taken_group END,
         taken_binding = CASE WHEN p_first THEN commit_v1.taken_binding
                              ELSE lanes.taken_binding || commit_v1.taken_binding END,
         claim_tenant = CASE WHEN p_first THEN commit_v1.claim_tenant
                             ELSE lanes.claim_tenant || commit_v1.claim_tenant END,
         claim_slot = CASE WHEN p_first THEN commit_v1.claim_slot ELSE lanes.claim_slot || commit_v1.claim_slot END,
         claim_key = CASE WHEN p_first THEN commit_v1.claim_key ELSE lanes.claim_key || commit_v1.claim_key END
   WHERE lane = p_lane AND epoch = p_epoch;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the lane has been fenced off' USING ERRCODE = 'VZ002';
  END IF;
END $$;
