-- SPDX-License-Identifier: Apache-2.0
-- What it is, and its types, are in 0016_commit_v4.sql. What op and p_ops say is explained in commit_v1 and commit_v3.
CREATE FUNCTION commit_v4(
  p_lane uuid, p_epoch int4, p_etag int8, p_first bool, p_careful bool, p_wait bool,
  p_rest bool,              -- there is one of the arrays marked *, or p_task
  p_rows int4,              -- of p_step, p_end, p_take and p_called together
  p_new start_v4[],         -- live ones that are inserted
  p_born start_v4[],        -- * inserted as ended
  p_step step_v3[],         -- live ones that go on
  p_end step_v3[],          -- live ones that end
  p_late step_v3[],         -- * ended ones that record something
  p_history history_v2[],
  p_mark mark_v3[],         -- events that must be new
  p_answer mark_v2[],       -- * parked events: 2 their final answer, 3 they are delivered
  p_ops int4,
  p_take binding_v2[],      -- keys that are taken, where nothing waits for keys in this batch
  p_over over_v4[],         -- keys whose holder ends
  p_key binding_v2[],       -- * all other operations on keys
  p_park parked_v2[],       -- *
  p_call call_v4[],         -- calls that are inserted
  p_called called_v4[],     -- calls that end
  p_recall call_v2[],       -- * all other operations on calls
  p_post outbox_v2[],       -- *
  p_sent outbox_v2[],       -- *
  p_tasks_of tasks_of_v2[], -- *
  p_task task_v2[])
RETURNS said_v4
LANGUAGE plpgsql
-- The settings of the planner are those of a lane's connection (conninfo.cc).
SET lock_timeout = '100ms'
AS $$
#variable_conflict use_column
<<said>>
DECLARE
  bad int4[] := '{}';
  dup_group int4[];
  dup_mark uuid[];
  dup_disposition int2[];
  dup_answer text[];
  taken_group int4[];
  taken_binding int4[];
  claim_tenant text[];
  claim_slot text[];
  claim_key text[];
  n int4;
  want int4;
  stepped int4;
  ended int4;
  took int4;
  called int4;
  found_ids uuid[];
  places int8[];
  waiting int4[];
  utc timestamp := now() AT TIME ZONE 'UTC';
  -- Keeps the partitions of months to come out of look-ups; a day more, should the clock have gone back.
  past date := utc::date + 1;
BEGIN
  -- 1. With care: rows as they were read. Never waits, so never deadlocks; a group on its own may wait, so that it can't
  -- lose for ever against a stream of others.
  IF p_careful THEN
    PERFORM set_config('lock_timeout', '2s', true);
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
                 FROM unnest(p_called) WITH ORDINALITY u
                 JOIN calls c ON c.shard = u.shard AND c.instance = u.instance AND c.seq = u.seq AND c.idx = u.idx
                WHERE coalesce(c.owner, '00000000-0000-0000-0000-000000000000') = u.owner AND c.attempt = u.attempt
                  FOR NO KEY UPDATE OF c SKIP LOCKED)
    SELECT coalesce(array_agg(o), '{}') INTO places FROM l;
    bad := bad || ARRAY(SELECT u.g FROM unnest(p_called) WITH ORDINALITY u WHERE u.ordinality <> ALL (places));
    WITH l AS (SELECT u.ordinality o
                 FROM unnest(p_recall) WITH ORDINALITY u
                 JOIN calls c ON c.shard = u.shard AND c.instance = u.instance AND c.seq = u.seq AND c.idx = u.idx
                WHERE CASE WHEN u.op IN (3, 4)
                           THEN coalesce(c.owner, '00000000-0000-0000-0000-000000000000') = u.expect_owner
                                AND c.attempt = u.expect_attempt
                           WHEN u.op = 5 THEN c.state <> 1
                                AND (u.expect_attempt = 0 OR c.attempt = u.expect_attempt) END
                  FOR NO KEY UPDATE OF c SKIP LOCKED)
    SELECT coalesce(array_agg(o), '{}') INTO places FROM l;
    bad := bad || ARRAY(SELECT u.g FROM unnest(p_recall) WITH ORDINALITY u
                         WHERE u.op IN (3, 4, 5) AND u.ordinality <> ALL (places));
    bad := bad || ARRAY(
      SELECT u.g FROM unnest(p_new) u JOIN instances i ON i.shard = u.shard AND i.id = u.id
      UNION ALL
      SELECT u.g FROM unnest(p_call) u
        JOIN calls c ON c.shard = u.shard AND c.instance = u.instance AND c.seq = u.seq AND c.idx = u.idx
      UNION ALL
      SELECT u.g FROM unnest(p_park) u JOIN parked p ON p.shard = u.shard AND p.mark = u.mark);
    SELECT array_agg(u.g) FILTER (WHERE u.op <> 4), array_agg(u.n) FILTER (WHERE u.op <> 4),
           array_agg(u.g) FILTER (WHERE u.op = 4)
      INTO taken_group, taken_binding, waiting
      FROM unnest(p_take || p_key) u
      JOIN bindings b ON b.shard = u.shard AND b.id = u.id
     WHERE CASE WHEN u.op IN (1, 9) THEN (b.live > 0 OR b.instance IS NOT NULL)
                                         AND (u.gives IS NULL OR b.instance IS DISTINCT FROM u.gives)
                WHEN u.op = 2 THEN b.live > 0 AND (u.gives IS NULL OR b.instance IS DISTINCT FROM u.gives)
                WHEN u.op = 4 THEN b.live > 0 END;
    bad := bad || taken_group || waiting;
  END IF;
  IF p_rest THEN
    IF p_born IS NOT NULL THEN
      bad := bad || ARRAY(SELECT u.g FROM unnest(p_born) u JOIN instances i ON i.shard = u.shard AND i.id = u.id);
    END IF;
    IF p_answer IS NOT NULL THEN
      WITH l AS (SELECT u.mark FROM unnest(p_answer) u
                   JOIN parked p ON p.shard = u.shard AND p.mark = u.mark WHERE u.op = 3
                    FOR UPDATE OF p SKIP LOCKED)
      SELECT coalesce(array_agg(mark), '{}') INTO found_ids FROM l;
      bad := bad || ARRAY(SELECT u.g FROM unnest(p_answer) u WHERE u.op = 3 AND u.mark <> ALL (found_ids));
    END IF;
  END IF;

  -- 2. Marks. The first to be written, because what is repeated is found here: then its group is left out of all that
  -- follows, and the first answer comes back.
  IF p_mark IS NOT NULL THEN
    -- Two of the same mark on both sides of a month's end would be in different partitions and not collide there.
    IF date_trunc('month', utc - interval '1 minute') <> date_trunc('month', utc + interval '1 minute') THEN
      PERFORM pg_advisory_xact_lock(86900003);
    END IF;
    INSERT INTO marks(shard, mark, instance, seq, disposition, answer)
      SELECT u.shard, u.mark, u.instance, u.seq, u.disposition, u.answer FROM unnest(p_mark) u
       WHERE u.g <> ALL (bad) AND NOT EXISTS (
         SELECT FROM marks m WHERE m.shard = u.shard AND m.mark = u.mark AND m.month <= past);
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n < cardinality(p_mark) THEN
      -- Those that were written now: of this transaction, by the last statement of it that wrote any of them.
      found_ids := ARRAY(
        SELECT x.mark FROM (SELECT m.mark, m.cmin::text::int8 command, max(m.cmin::text::int8) OVER () last_command
                              FROM unnest(p_mark) u
                              JOIN marks m ON m.shard = u.shard AND m.mark = u.mark AND m.month <= past
                             WHERE m.xmin = pg_current_xact_id()::xid) x
         WHERE n > 0 AND x.command = x.last_command);
      SELECT array_agg(d.g), array_agg(d.mark), array_agg(d.disposition), array_agg(d.answer)
        INTO dup_group, dup_mark, dup_disposition, dup_answer
        FROM (SELECT DISTINCT ON (u.g) u.g, u.mark, m.disposition, m.answer
                FROM unnest(p_mark) u
                JOIN marks m ON m.shard = u.shard AND m.mark = u.mark AND m.month <= past
               WHERE u.mark <> ALL (found_ids) ORDER BY u.g, u.n) d;
      DELETE FROM marks m USING unnest(p_mark) u
       WHERE u.g = ANY (dup_group) AND u.mark = ANY (found_ids) AND m.shard = u.shard AND m.mark = u.mark
         AND m.month <= past;
      bad := bad || dup_group;
    END IF;
  END IF;
  IF cardinality(bad) > 0 THEN
    SELECT (SELECT array_agg(u) FROM unnest(p_new) u WHERE u.g <> ALL (bad)),
           (SELECT array_agg(u) FROM unnest(p_step) u WHERE u.g <> ALL (bad)),
           (SELECT array_agg(u) FROM unnest(p_end) u WHERE u.g <> ALL (bad)),
           (SELECT array_agg(u) FROM unnest(p_history) u WHERE u.g <> ALL (bad)),
           (SELECT array_agg(u) FROM unnest(p_take) u WHERE u.g <> ALL (bad)),
           (SELECT array_agg(u) FROM unnest(p_over) u WHERE u.g <> ALL (bad)),
           (SELECT array_agg(u) FROM unnest(p_call) u WHERE u.g <> ALL (bad)),
           (SELECT array_agg(u) FROM unnest(p_called) u WHERE u.g <> ALL (bad))
      INTO p_new, p_step, p_end, p_history, p_take, p_over, p_call, p_called;
    p_rows := coalesce(cardinality(p_step), 0) + coalesce(cardinality(p_end), 0) + coalesce(cardinality(p_take), 0)
              + coalesce(cardinality(p_called), 0);
    IF p_rest THEN
      SELECT (SELECT array_agg(u) FROM unnest(p_born) u WHERE u.g <> ALL (bad)),
             (SELECT array_agg(u) FROM unnest(p_late) u WHERE u.g <> ALL (bad)),
             (SELECT array_agg(u) FROM unnest(p_answer) u WHERE u.g <> ALL (bad)),
             (SELECT array_agg(u) FROM unnest(p_key) u WHERE u.g <> ALL (bad)),
             (SELECT array_agg(u) FROM unnest(p_park) u WHERE u.g <> ALL (bad)),
             (SELECT array_agg(u) FROM unnest(p_recall) u WHERE u.g <> ALL (bad)),
             (SELECT array_agg(u) FROM unnest(p_post) u WHERE u.g <> ALL (bad)),
             (SELECT array_agg(u) FROM unnest(p_sent) u WHERE u.g <> ALL (bad)),
             (SELECT array_agg(u) FROM unnest(p_tasks_of) u WHERE u.g <> ALL (bad)),
             (SELECT array_agg(u) FROM unnest(p_task) u WHERE u.g <> ALL (bad))
        INTO p_born, p_late, p_answer, p_key, p_park, p_recall, p_post, p_sent, p_tasks_of, p_task;
    END IF;
  END IF;

  -- 3. Arbiters. Keys that are given up first; then the only statements that are meant to wait, in the order of the key.
  IF p_over IS NOT NULL THEN
    UPDATE bindings b SET live = 0 FROM unnest(p_over) u
     WHERE b.shard = u.shard AND b.id = u.id AND b.instance = u.instance;
  END IF;
  IF p_rest THEN
    IF p_answer IS NOT NULL THEN
      PERFORM unpark_v1(array_agg(u.shard), array_agg(u.mark)) FROM unnest(p_answer) u WHERE u.op = 3;
    END IF;
    IF p_ops & 64 > 0 THEN
      UPDATE bindings b SET live = 0, instance = NULL, instance_shard = NULL FROM unnest(p_key) u
       WHERE u.op = 6 AND b.shard = u.shard AND b.id = u.id AND b.instance = u.instance;
    END IF;
    IF p_ops & 384 > 0 THEN
      WITH e AS (UPDATE holders h SET ended = true
                   FROM unnest(p_key) u
                  WHERE u.op = 7 AND h.shard = u.shard AND h.id = u.id
                    AND h.instance = u.instance AND NOT h.ended RETURNING h.shard, h.id),
           r AS (DELETE FROM holders h
                  USING unnest(p_key) u
                  WHERE u.op = 8 AND h.shard = u.shard AND h.id = u.id
                    AND h.instance = u.instance RETURNING h.shard, h.id, h.ended),
           d AS (SELECT shard, id, count(*)::int4 n
                   FROM (SELECT shard, id FROM e UNION ALL SELECT shard, id FROM r WHERE NOT ended) x GROUP BY 1, 2)
      UPDATE bindings b SET live = counted_v4(b.live - d.n) FROM d WHERE b.shard = d.shard AND b.id = d.id;
    END IF;
  END IF;
  IF p_take IS NOT NULL THEN
    INSERT INTO bindings AS b (shard, id, tenant, slot, key, op, live, parked, instance_shard, instance)
      SELECT shard, id, tenant, slot, key, op, live, 0, instance_shard, instance FROM unnest(p_take) u
      ON CONFLICT (shard, id) DO UPDATE SET op = excluded.op, live = excluded.live,
        instance = excluded.instance, instance_shard = excluded.instance_shard
      WHERE b.live = 0 AND b.parked = 0 AND (excluded.op <> 1 OR b.instance IS NULL);
    GET DIAGNOSTICS took = ROW_COUNT;
    -- What is missing are keys that events wait on, or that somebody else has.
    IF took < cardinality(p_take) THEN
      WITH x AS (INSERT INTO bindings AS b (shard, id, tenant, slot, key, op, live, parked, instance_shard, instance)
                 SELECT shard, id, tenant, slot, key, op, live, 0, instance_shard, instance FROM unnest(p_take) u
                 ON CONFLICT (shard, id) DO UPDATE SET op = excluded.op, live = excluded.live,
                   instance = excluded.instance, instance_shard = excluded.instance_shard
                 WHERE b.live = 0 AND b.parked > 0 AND (excluded.op <> 1 OR b.instance IS NULL)
                 RETURNING b.tenant, b.slot, b.key)
      SELECT took + count(*), array_agg(tenant), array_agg(slot), array_agg(key)
        INTO took, claim_tenant, claim_slot, claim_key FROM x;
    END IF;
  END IF;
  IF p_rest THEN
    IF p_ops & 22 > 0 THEN
      WITH u AS (SELECT shard, id, max(tenant) tenant, max(slot) slot, max(key) key, max(op) op, max(live) live,
                        count(*) FILTER (WHERE op = 4)::int4 parked, max(instance_shard) instance_shard,
                        (array_agg(instance) FILTER (WHERE instance IS NOT NULL))[1] instance
                   FROM unnest(p_key) u
                  WHERE op IN (1, 2, 4) GROUP BY shard, id ORDER BY shard, id),
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
    IF p_ops & 8 > 0 THEN
      WITH u AS (SELECT * FROM unnest(p_key) u WHERE op = 3),
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
    IF p_ops & 320 > 0 THEN
      DELETE FROM bindings b USING unnest(p_key) u
       WHERE u.op IN (6, 8) AND b.shard = u.shard AND b.id = u.id
         AND b.live = 0 AND b.parked = 0 AND b.instance IS NULL
         AND NOT EXISTS (SELECT FROM holders h WHERE h.shard = b.shard AND h.id = b.id);
    END IF;
    IF p_park IS NOT NULL THEN
      INSERT INTO parked(shard, mark, expires_at, event)
        SELECT shard, mark, expires, event FROM unnest(p_park) WITH ORDINALITY u ORDER BY ordinality;
      INSERT INTO waits(shard, id, mark, mark_shard)
        SELECT shard, id, mark, mark_shard FROM unnest(p_key) u WHERE op = 4;
    END IF;
  END IF;

  -- 4. Instances.
  IF p_step IS NOT NULL THEN
    UPDATE instances i SET version = u.version, etag = p_etag, seq = u.seq, life = u.life, state = u.state,
           status = u.status, incident = u.incident, timer_at = u.timer, at = u.at, data = coalesce(u.data, i.data),
           rt = u.rt, output = u.output
      FROM unnest(p_step) u
     WHERE i.shard = u.shard AND i.id = u.id AND i.etag = u.old;
    GET DIAGNOSTICS stepped = ROW_COUNT;
  END IF;
  IF p_end IS NOT NULL THEN
    WITH d AS (
      DELETE FROM instances i
       USING unnest(p_end) u
       WHERE i.shard = u.shard AND i.id = u.id AND i.etag = u.old
      RETURNING i.shard, i.id, i.root, i.parent, i.tenant, i.workflow, u.version, i.key, u.seq, u.life, u.state,
                u.status, u.incident, u.at, i.started_at, i.input, coalesce(u.data, i.data) data, u.rt, u.output)
    INSERT INTO finished(shard, id, root, parent, tenant, workflow, version, key, etag, seq, life, state, status,
                         incident, at, started_at, input, data, rt, output)
      SELECT shard, id, root, parent, tenant, workflow, version, key, p_etag, seq, life, state, status, incident, at,
             started_at, input, data, rt, output FROM d;
    GET DIAGNOSTICS ended = ROW_COUNT;
  END IF;
  IF p_new IS NOT NULL THEN
    INSERT INTO instances(shard, id, root, parent, tenant, workflow, version, key, etag, seq, life, state, status,
                          incident, timer_at, at, started_at, input, data, rt, output)
      SELECT shard, id, root, parent, tenant, workflow, version, key, p_etag, seq, life, state, status, incident,
             timer, at, started, input, data, rt, output
        FROM unnest(p_new) u;
  END IF;

  -- 5. What is only added, and the rest.
  IF p_history IS NOT NULL THEN
    INSERT INTO history(shard, id, seq, step_at, etag, disposition, entry)
      SELECT shard, id, seq, at, p_etag, disposition, entry FROM unnest(p_history) u;
  END IF;
  IF p_called IS NOT NULL THEN
    DELETE FROM calls c USING unnest(p_called) u
     WHERE c.shard = u.shard AND c.instance = u.instance AND c.seq = u.seq AND c.idx = u.idx
       AND coalesce(c.owner, '00000000-0000-0000-0000-000000000000') = u.owner AND c.attempt = u.attempt;
    GET DIAGNOSTICS called = ROW_COUNT;
  END IF;
  IF p_call IS NOT NULL THEN
    INSERT INTO calls(shard, instance, seq, idx, tenant, adapter, state, owner, attempt, next_at, decided_at, request,
                      error)
      SELECT shard, instance, seq, idx, tenant, adapter, state, owner, attempt, next_at, decided, request, error
        FROM unnest(p_call) u;
  END IF;
  -- Of each there are at most as many as rows, so that the sum says it of all.
  IF coalesce(stepped, 0) + coalesce(ended, 0) + coalesce(took, 0) + coalesce(called, 0) <> p_rows THEN
    RAISE EXCEPTION 'an instance, a key or a call has changed: % of %, % of %, % of %, % of %',
      stepped, cardinality(p_step), ended, cardinality(p_end), took, cardinality(p_take), called, cardinality(p_called)
      USING ERRCODE = 'VZ001';
  END IF;
  IF p_rest THEN
    IF p_late IS NOT NULL THEN
      UPDATE finished f SET version = u.version, etag = p_etag, seq = u.seq, life = u.life, state = u.state,
             status = u.status, incident = u.incident, at = u.at, data = coalesce(u.data, f.data), rt = u.rt,
             output = u.output
        FROM unnest(p_late) u
       WHERE f.shard = u.shard AND f.id = u.id AND f.etag = u.old AND f.finished_at <= past;
      GET DIAGNOSTICS n = ROW_COUNT;
      IF n <> cardinality(p_late) THEN
        RAISE EXCEPTION 'an ended instance has changed' USING ERRCODE = 'VZ001';
      END IF;
    END IF;
    IF p_born IS NOT NULL THEN
      INSERT INTO finished(shard, id, root, parent, tenant, workflow, version, key, etag, seq, life, state, status,
                           incident, at, started_at, input, data, rt, output)
        SELECT shard, id, root, parent, tenant, workflow, version, key, p_etag, seq, life, state, status, incident, at,
               started, input, data, rt, output
          FROM unnest(p_born) u;
    END IF;
    IF p_answer IS NOT NULL THEN
      WITH u AS (SELECT * FROM unnest(p_answer) u WHERE op = 2),
           w AS (UPDATE marks m SET instance = u.instance, seq = u.seq, disposition = u.disposition, answer = u.answer
                   FROM u WHERE m.shard = u.shard AND m.mark = u.mark AND m.month <= past RETURNING m.mark)
      INSERT INTO marks(shard, mark, instance, seq, disposition, answer)
        SELECT shard, mark, instance, seq, disposition, answer FROM u WHERE mark NOT IN (SELECT mark FROM w);
    END IF;
    IF p_recall IS NOT NULL THEN
      UPDATE calls c SET state = CASE u.op WHEN 3 THEN 2 WHEN 4 THEN 3 ELSE 1 END,
             owner = CASE WHEN u.op = 5 THEN u.owner END,
             attempt = CASE WHEN u.op = 4 THEN c.attempt ELSE u.attempt END,
             next_at = CASE WHEN u.op = 3 THEN u.next_at ELSE c.next_at END,
             error = CASE WHEN u.op = 5 THEN c.error ELSE u.error END
        FROM unnest(p_recall) u
       WHERE u.op IN (3, 4, 5)
         AND c.shard = u.shard AND c.instance = u.instance AND c.seq = u.seq AND c.idx = u.idx
         AND CASE WHEN u.op = 5 THEN c.state <> 1 AND (u.expect_attempt = 0 OR c.attempt = u.expect_attempt)
                  ELSE coalesce(c.owner, '00000000-0000-0000-0000-000000000000') = u.expect_owner
                       AND c.attempt = u.expect_attempt END;
      GET DIAGNOSTICS n = ROW_COUNT;
      IF n <> (SELECT count(*) FROM unnest(p_recall) u WHERE op IN (3, 4, 5)) THEN
        RAISE EXCEPTION 'a call has another owner' USING ERRCODE = 'VZ001';
      END IF;
      DELETE FROM calls c USING unnest(p_recall) u
       WHERE u.op = 6 AND c.state = 2
         AND c.shard = u.shard AND c.instance = u.instance AND c.seq = u.seq AND c.idx = u.idx;
    END IF;
    IF p_post IS NOT NULL THEN
      INSERT INTO outbox(shard, from_instance, seq, idx, owner, event)
        SELECT shard, from_instance, seq, idx, owner, event FROM unnest(p_post) u;
    END IF;
    IF p_sent IS NOT NULL THEN
      DELETE FROM outbox o USING unnest(p_sent) u
       WHERE o.shard = u.shard AND o.from_instance = u.from_instance AND o.seq = u.seq AND o.idx = u.idx;
    END IF;
    IF p_tasks_of IS NOT NULL THEN
      DELETE FROM tasks o USING unnest(p_tasks_of) u WHERE o.shard = u.shard AND o.instance = u.instance;
    END IF;
    IF p_task IS NOT NULL THEN
      INSERT INTO tasks(shard, instance, seq, idx, tenant, workflow, key, state, title, queue, roles, assignee,
                        opened_at, claimed_at, due, level)
        SELECT shard, instance, seq, idx, tenant, workflow, key, state, title, queue,
               CASE roles WHEN '' THEN '{""}' ELSE string_to_array(roles, E'\x1f') END, assignee, opened, claimed, due,
               level
          FROM unnest(p_task) u;
    END IF;
  END IF;

  -- 6. The receipt. A lane whose epoch was raised meanwhile has given this attempt up.
  IF p_first AND cardinality(bad) = 0 AND claim_key IS NULL THEN
    UPDATE lanes SET etag = p_etag, used_at = now(), bad = NULL, dup_group = NULL, dup_mark = NULL, taken_group = NULL,
           taken_binding = NULL, claim_tenant = NULL, claim_slot = NULL, claim_key = NULL
     WHERE lane = p_lane AND epoch = p_epoch;
    IF FOUND THEN
      RETURN NULL;
    END IF;
  ELSE
    UPDATE lanes SET etag = p_etag, used_at = now(),
           bad = CASE WHEN p_first THEN '{}' ELSE lanes.bad END || said.bad,
           dup_group = CASE WHEN NOT p_first THEN lanes.dup_group END || said.dup_group,
           dup_mark = CASE WHEN NOT p_first THEN lanes.dup_mark END || said.dup_mark,
           taken_group = CASE WHEN NOT p_first THEN lanes.taken_group END || said.taken_group,
           taken_binding = CASE WHEN NOT p_first THEN lanes.taken_binding END || said.taken_binding,
           claim_tenant = CASE WHEN NOT p_first THEN lanes.claim_tenant END || said.claim_tenant,
           claim_slot = CASE WHEN NOT p_first THEN lanes.claim_slot END || said.claim_slot,
           claim_key = CASE WHEN NOT p_first THEN lanes.claim_key END || said.claim_key
     WHERE lane = p_lane AND epoch = p_epoch;
    IF FOUND THEN
      RETURN ROW(bad, dup_group, dup_mark, dup_disposition, dup_answer, taken_group, taken_binding, claim_tenant,
                 claim_slot, claim_key)::said_v4;
    END IF;
  END IF;
  RAISE EXCEPTION 'the lane has been fenced off' USING ERRCODE = 'VZ002';
END $$;
