-- SPDX-License-Identifier: Apache-2.0
-- For tables that are spread over machines (docs/scaling.md, Citus). commit_home_v1 does what commit_v1 and
-- commit_tasks_v1 do, for groups of one bucket, which is its argument p_home: the function is distributed by it, so it
-- runs on the node that has the bucket. Every statement names one row with its shard, so each goes to one place. Keys,
-- marks and early events have shards of their own, maybe elsewhere.
--
-- No settings of the planner and no plans for ever here: which node a statement goes to is a part of its plan.

-- The keys of an early event stand in its row, so that it is taken off them without looking for them everywhere. Filled
-- by commit_home_v1, and for what is there when the tables are spread by `vozex migrate --distribute`.
ALTER TABLE parked ADD COLUMN wait_shards int2[] NOT NULL DEFAULT '{}', ADD COLUMN wait_ids uuid[] NOT NULL DEFAULT '{}';

-- unpark_v1, row by row. Keys in their order, as everywhere.
CREATE FUNCTION unpark_home_v1(p_shard int2[], p_mark uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  r record;
  shards int2[];
  ids uuid[];
  w_shard int2[] := '{}';
  w_id uuid[] := '{}';
  w_mark uuid[] := '{}';
BEGIN
  FOR r IN SELECT u.shard, u.mark FROM unnest(p_shard, p_mark) u(shard, mark) ORDER BY 1, 2 LOOP
    DELETE FROM parked p WHERE p.shard = r.shard AND p.mark = r.mark RETURNING p.wait_shards, p.wait_ids INTO shards, ids;
    CONTINUE WHEN NOT FOUND;
    w_shard := w_shard || shards;
    w_id := w_id || ids;
    w_mark := w_mark || array_fill(r.mark, ARRAY[cardinality(ids)]);
  END LOOP;
  FOR r IN SELECT u.shard, u.id, u.mark FROM unnest(w_shard, w_id, w_mark) u(shard, id, mark) ORDER BY 1, 2, 3 LOOP
    DELETE FROM waits w WHERE w.shard = r.shard AND w.id = r.id AND w.mark = r.mark;
  END LOOP;
  FOR r IN SELECT u.shard, u.id, count(*)::int4 n FROM unnest(w_shard, w_id) u(shard, id) GROUP BY 1, 2 ORDER BY 1, 2 LOOP
    UPDATE bindings b SET parked = b.parked - r.n WHERE b.shard = r.shard AND b.id = r.id;
    -- A row that nobody holds and nothing waits on has said what it had to say.
    DELETE FROM bindings b WHERE b.shard = r.shard AND b.id = r.id AND b.live = 0 AND b.parked = 0
       AND b.instance IS NULL AND NOT EXISTS (SELECT FROM holders h WHERE h.shard = r.shard AND h.id = r.id);
  END LOOP;
END $$;

-- expire_parked_v1 of these early events, which were looked for before: those that somebody else has are left.
CREATE FUNCTION expire_parked_home_v1(
  p_shard int2[], p_mark uuid[], p_now timestamptz, p_answer text, p_disposition int2) RETURNS int4
LANGUAGE plpgsql AS $$
DECLARE
  r record;
  shards int2[] := '{}';
  expired uuid[] := '{}';
BEGIN
  FOR r IN SELECT u.shard, u.mark FROM unnest(p_shard, p_mark) u(shard, mark) LOOP
    PERFORM 1 FROM parked p WHERE p.shard = r.shard AND p.mark = r.mark AND p.expires_at <= p_now
      FOR UPDATE OF p SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;
    shards := shards || r.shard;
    expired := expired || r.mark;
  END LOOP;
  PERFORM unpark_home_v1(shards, expired);
  FOR r IN SELECT u.shard, u.mark FROM unnest(shards, expired) u(shard, mark) ORDER BY 1, 2 LOOP
    UPDATE marks m SET disposition = p_disposition, answer = p_answer WHERE m.shard = r.shard AND m.mark = r.mark;
    CONTINUE WHEN FOUND;
    INSERT INTO marks (shard, mark, seq, disposition, answer) VALUES (r.shard, r.mark, 0, p_disposition, p_answer);
  END LOOP;
  RETURN cardinality(expired);
END $$;

CREATE FUNCTION commit_home_v1(
  p_lane uuid, p_epoch int4, p_etag int8, p_first bool, p_careful bool, p_wait bool, p_n int4[], z batch_v1,
  t tasks_v1, p_home int2,
  OUT bad int4[], OUT dup_group int4[], OUT dup_mark uuid[], OUT dup_disposition int2[], OUT dup_answer text[],
  OUT taken_group int4[], OUT taken_binding int4[], OUT claim_tenant text[], OUT claim_slot text[],
  OUT claim_key text[])
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  r record;
  was record;
  -- Keeps the partitions of months to come out of look-ups; a day more, should the clock have gone back.
  past date := (now() AT TIME ZONE 'UTC')::date + 1;
  soon timestamptz := now() + interval '1 day';
BEGIN
  bad := '{}';

  -- 1. Rows as they were read.
  FOR r IN SELECT u.* FROM unnest(z.i_g, z.i_op, z.i_shard, z.i_id, z.i_old) u(g, op, shard, id, old)
            ORDER BY u.shard, u.id LOOP
    IF r.op IN (2, 3) AND p_wait THEN
      PERFORM 1 FROM instances i WHERE i.shard = r.shard AND i.id = r.id AND i.etag = r.old FOR NO KEY UPDATE OF i;
      CONTINUE WHEN FOUND;
    ELSIF r.op IN (2, 3) THEN
      PERFORM 1 FROM instances i WHERE i.shard = r.shard AND i.id = r.id AND i.etag = r.old
        FOR NO KEY UPDATE OF i SKIP LOCKED;
      CONTINUE WHEN FOUND;
    ELSIF r.op = 4 THEN
      PERFORM 1 FROM finished f WHERE f.shard = r.shard AND f.id = r.id AND f.finished_at <= soon AND f.etag = r.old
        FOR NO KEY UPDATE OF f SKIP LOCKED;
      CONTINUE WHEN FOUND;
    ELSE
      CONTINUE WHEN r.op = 1 AND NOT (p_careful OR p_n[5] > 0);
      PERFORM 1 FROM instances i WHERE i.shard = r.shard AND i.id = r.id;
      CONTINUE WHEN NOT FOUND;
    END IF;
    bad := bad || r.g;
  END LOOP;
  FOR r IN SELECT u.* FROM unnest(z.c_g, z.c_op, z.c_shard, z.c_instance, z.c_seq, z.c_idx, z.c_expect_owner,
                                  z.c_expect_attempt) u(g, op, shard, instance, seq, idx, owner, attempt) LOOP
    IF r.op IN (2, 3, 4, 5) THEN
      PERFORM 1 FROM calls c WHERE c.shard = r.shard AND c.instance = r.instance AND c.seq = r.seq AND c.idx = r.idx
         AND CASE WHEN r.op = 5 THEN c.state <> 1 AND (r.attempt = 0 OR c.attempt = r.attempt)
                  ELSE coalesce(c.owner, '00000000-0000-0000-0000-000000000000') = r.owner
                       AND c.attempt = r.attempt END
         FOR NO KEY UPDATE OF c SKIP LOCKED;
      CONTINUE WHEN FOUND;
    ELSE
      CONTINUE WHEN r.op <> 1 OR NOT (p_careful OR p_n[5] > 0);
      PERFORM 1 FROM calls c WHERE c.shard = r.shard AND c.instance = r.instance AND c.seq = r.seq AND c.idx = r.idx;
      CONTINUE WHEN NOT FOUND;
    END IF;
    bad := bad || r.g;
  END LOOP;
  IF p_careful OR p_n[5] > 0 THEN
    FOR r IN SELECT u.* FROM unnest(z.k_g, z.k_shard, z.k_mark) u(g, shard, mark) LOOP
      PERFORM 1 FROM parked p WHERE p.shard = r.shard AND p.mark = r.mark;
      IF FOUND THEN
        bad := bad || r.g;
      END IF;
    END LOOP;
  END IF;
  FOR r IN SELECT u.* FROM unnest(z.m_g, z.m_op, z.m_shard, z.m_mark) u(g, op, shard, mark) WHERE u.op = 3
            ORDER BY u.shard, u.mark LOOP
    PERFORM 1 FROM parked p WHERE p.shard = r.shard AND p.mark = r.mark FOR UPDATE OF p SKIP LOCKED;
    IF NOT FOUND THEN
      bad := bad || r.g;
    END IF;
  END LOOP;

  -- 2. Seen before, taken by others, or no longer free to wait on.
  IF p_n[7] > 0 THEN
    -- As in commit_v1. On several nodes each has its own lock: two of the same mark in the minute around the end of a
    -- month meet if they come to the same one.
    IF date_trunc('month', (now() - interval '1 minute') AT TIME ZONE 'UTC')
       <> date_trunc('month', (now() + interval '1 minute') AT TIME ZONE 'UTC') THEN
      PERFORM pg_advisory_xact_lock(86900003);
    END IF;
    FOR r IN SELECT u.* FROM unnest(z.m_g, z.m_op, z.m_shard, z.m_mark) WITH ORDINALITY u(g, op, shard, mark, o)
              WHERE u.op = 1 ORDER BY u.o LOOP
      CONTINUE WHEN r.g = ANY (coalesce(dup_group, '{}'));
      SELECT m.disposition, m.answer INTO was FROM marks m WHERE m.shard = r.shard AND m.mark = r.mark AND m.month <= past;
      CONTINUE WHEN NOT FOUND;
      dup_group := dup_group || r.g;
      dup_mark := dup_mark || r.mark;
      dup_disposition := dup_disposition || was.disposition;
      dup_answer := dup_answer || was.answer;
    END LOOP;
    bad := bad || coalesce(dup_group, '{}');
  END IF;
  IF p_careful AND p_n[10] > 0 THEN
    FOR r IN SELECT u.* FROM unnest(z.b_n, z.b_g, z.b_op, z.b_shard, z.b_id, z.b_gives)
                               u(n, g, op, shard, id, gives) WHERE u.op IN (1, 2, 4, 9) LOOP
      PERFORM 1 FROM bindings b WHERE b.shard = r.shard AND b.id = r.id
         AND CASE WHEN r.op IN (1, 9) THEN (b.live > 0 OR b.instance IS NOT NULL)
                                           AND (r.gives IS NULL OR b.instance IS DISTINCT FROM r.gives)
                  WHEN r.op = 2 THEN b.live > 0 AND (r.gives IS NULL OR b.instance IS DISTINCT FROM r.gives)
                  ELSE b.live > 0 END;
      CONTINUE WHEN NOT FOUND;
      bad := bad || r.g;
      IF r.op <> 4 THEN
        taken_group := taken_group || r.g;
        taken_binding := taken_binding || r.n;
      END IF;
    END LOOP;
  END IF;

  -- 3. Arbiters. Keys that are given up first; then the only statements that may wait, in the order of the key.
  IF p_n[9] > 0 THEN
    PERFORM unpark_home_v1(array_agg(u.shard), array_agg(u.mark))
      FROM unnest(z.m_g, z.m_op, z.m_shard, z.m_mark) u(g, op, shard, mark) WHERE u.op = 3 AND u.g <> ALL (bad);
  END IF;
  FOR r IN SELECT u.* FROM unnest(z.b_g, z.b_op, z.b_shard, z.b_id, z.b_instance) u(g, op, shard, id, instance)
            WHERE u.op IN (5, 6, 7, 8) AND u.g <> ALL (bad) ORDER BY u.shard, u.id LOOP
    IF r.op IN (5, 6) THEN
      UPDATE bindings b SET live = 0, instance = CASE WHEN r.op = 5 THEN b.instance END,
             instance_shard = CASE WHEN r.op = 5 THEN b.instance_shard END
       WHERE b.shard = r.shard AND b.id = r.id AND b.instance = r.instance;
      CONTINUE;
    ELSIF r.op = 7 THEN
      UPDATE holders h SET ended = true WHERE h.shard = r.shard AND h.id = r.id AND h.instance = r.instance
         AND NOT h.ended;
      CONTINUE WHEN NOT FOUND;
    ELSE
      DELETE FROM holders h WHERE h.shard = r.shard AND h.id = r.id AND h.instance = r.instance
        RETURNING h.ended INTO was;
      CONTINUE WHEN NOT FOUND OR was.ended;
    END IF;
    UPDATE bindings b SET live = b.live - 1 WHERE b.shard = r.shard AND b.id = r.id;
  END LOOP;
  FOR r IN SELECT u.shard, u.id, max(u.tenant) tenant, max(u.slot) slot, max(u.key) AS key, max(u.op) op,
                  max(u.live) live, count(*) FILTER (WHERE u.op = 4)::int4 parked,
                  max(u.instance_shard) instance_shard,
                  (array_agg(u.instance) FILTER (WHERE u.instance IS NOT NULL))[1] instance
             FROM unnest(z.b_g, z.b_op, z.b_shard, z.b_id, z.b_tenant, z.b_slot, z.b_key, z.b_live, z.b_instance_shard,
                         z.b_instance) u(g, op, shard, id, tenant, slot, key, live, instance_shard, instance)
            WHERE u.op IN (1, 2, 4) AND u.g <> ALL (bad) GROUP BY u.shard, u.id ORDER BY u.shard, u.id LOOP
    INSERT INTO bindings AS b (shard, id, tenant, slot, key, op, live, parked, instance_shard, instance)
      VALUES (r.shard, r.id, r.tenant, r.slot, r.key, r.op, r.live, r.parked, r.instance_shard, r.instance)
      ON CONFLICT (shard, id) DO UPDATE SET
        op = excluded.op, parked = b.parked + excluded.parked,
        live = CASE WHEN excluded.op = 4 THEN b.live ELSE excluded.live END,
        instance = CASE WHEN excluded.op = 4 THEN b.instance ELSE excluded.instance END,
        instance_shard = CASE WHEN excluded.op = 4 THEN b.instance_shard ELSE excluded.instance_shard END
      WHERE b.live = 0 AND (excluded.op <> 1 OR b.instance IS NULL)
      RETURNING b.op, b.parked INTO was;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'a key was taken meanwhile' USING ERRCODE = 'VZ001';
    END IF;
    IF was.op <> 4 AND was.parked > 0 THEN
      claim_tenant := claim_tenant || r.tenant;
      claim_slot := claim_slot || r.slot;
      claim_key := claim_key || r.key;
    END IF;
  END LOOP;
  FOR r IN SELECT DISTINCT ON (u.shard, u.id, u.instance) u.*
             FROM unnest(z.b_g, z.b_op, z.b_shard, z.b_id, z.b_tenant, z.b_slot, z.b_key, z.b_live, z.b_instance_shard,
                         z.b_instance) u(g, op, shard, id, tenant, slot, key, live, instance_shard, instance)
            WHERE u.op = 3 AND u.g <> ALL (bad) ORDER BY u.shard, u.id, u.instance LOOP
    INSERT INTO holders AS h (shard, id, instance, instance_shard, ended)
      VALUES (r.shard, r.id, r.instance, r.instance_shard, r.live = 0)
      ON CONFLICT (shard, id, instance) DO UPDATE SET ended = false WHERE h.ended AND NOT excluded.ended
      RETURNING h.ended INTO was;
    CONTINUE WHEN NOT FOUND;
    INSERT INTO bindings AS b (shard, id, tenant, slot, key, op, live, parked)
      VALUES (r.shard, r.id, r.tenant, r.slot, r.key, 3, CASE WHEN was.ended THEN 0 ELSE 1 END, 0)
      ON CONFLICT (shard, id) DO UPDATE SET op = 3, live = b.live + excluded.live
      RETURNING b.parked INTO was;
    IF was.parked > 0 THEN
      claim_tenant := claim_tenant || r.tenant;
      claim_slot := claim_slot || r.slot;
      claim_key := claim_key || r.key;
    END IF;
  END LOOP;
  FOR r IN SELECT u.* FROM unnest(z.b_g, z.b_op, z.b_shard, z.b_id) u(g, op, shard, id)
            WHERE u.op IN (6, 8) AND u.g <> ALL (bad) ORDER BY u.shard, u.id LOOP
    DELETE FROM bindings b WHERE b.shard = r.shard AND b.id = r.id AND b.live = 0 AND b.parked = 0
       AND b.instance IS NULL AND NOT EXISTS (SELECT FROM holders h WHERE h.shard = r.shard AND h.id = r.id);
  END LOOP;
  FOR r IN SELECT u.* FROM unnest(z.k_g, z.k_shard, z.k_mark, z.k_expires, z.k_event) WITH ORDINALITY
                             u(g, shard, mark, expires, event, o) WHERE u.g <> ALL (bad) ORDER BY u.o LOOP
    SELECT coalesce(array_agg(b.shard ORDER BY b.shard, b.id), '{}') shards,
           coalesce(array_agg(b.id ORDER BY b.shard, b.id), '{}') ids INTO was
      FROM unnest(z.b_op, z.b_shard, z.b_id, z.b_mark) b(op, shard, id, mark) WHERE b.op = 4 AND b.mark = r.mark;
    -- The number of arrival is the time: nodes have no sequence in common.
    INSERT INTO parked (shard, mark, arrival, wait_shards, wait_ids, expires_at, event)
      VALUES (r.shard, r.mark, (extract(epoch FROM clock_timestamp()) * 1000000)::int8 + r.o, was.shards, was.ids,
              r.expires, r.event);
  END LOOP;
  FOR r IN SELECT u.* FROM unnest(z.b_g, z.b_op, z.b_shard, z.b_id, z.b_mark, z.b_mark_shard)
                             u(g, op, shard, id, mark, mark_shard) WHERE u.op = 4 AND u.g <> ALL (bad) LOOP
    INSERT INTO waits (shard, id, mark, mark_shard) VALUES (r.shard, r.id, r.mark, r.mark_shard);
  END LOOP;

  -- 4. Instances.
  FOR r IN SELECT u.* FROM unnest(z.i_g, z.i_op, z.i_shard, z.i_id, z.i_version, z.i_seq, z.i_life, z.i_state,
                                  z.i_status, z.i_incident, z.i_timer, z.i_at, z.i_data, z.i_rt, z.i_output, z.i_root,
                                  z.i_parent, z.i_tenant, z.i_workflow, z.i_key, z.i_started, z.i_input)
                             u(g, op, shard, id, version, seq, life, state, status, incident, timer, at, data, rt,
                               output, root, parent, tenant, workflow, key, started, input)
            WHERE u.g <> ALL (bad) LOOP
    IF r.op = 1 THEN
      INSERT INTO instances (shard, id, root, parent, tenant, workflow, version, key, etag, seq, life, state, status,
                             incident, timer_at, at, started_at, input, data, rt, output)
        VALUES (r.shard, r.id, r.root, r.parent, r.tenant, r.workflow, r.version, r.key, p_etag, r.seq, r.life, r.state,
                r.status, r.incident, r.timer, r.at, r.started, r.input, r.data, r.rt, r.output);
    ELSIF r.op = 2 THEN
      UPDATE instances i SET version = r.version, etag = p_etag, seq = r.seq, life = r.life, state = r.state,
             status = r.status, incident = r.incident, timer_at = r.timer, at = r.at, data = coalesce(r.data, i.data),
             rt = r.rt, output = r.output
       WHERE i.shard = r.shard AND i.id = r.id;
    ELSIF r.op = 4 THEN
      UPDATE finished f SET version = r.version, etag = p_etag, seq = r.seq, life = r.life, state = r.state,
             status = r.status, incident = r.incident, at = r.at, data = coalesce(r.data, f.data), rt = r.rt,
             output = r.output
       WHERE f.shard = r.shard AND f.id = r.id AND f.finished_at <= soon;
    ELSE
      IF r.op = 3 THEN
        DELETE FROM instances i WHERE i.shard = r.shard AND i.id = r.id
          RETURNING i.root, i.parent, i.tenant, i.workflow, i.key, i.started_at started, i.input, i.data INTO was;
        CONTINUE WHEN NOT FOUND;
      ELSE
        was := r;
      END IF;
      INSERT INTO finished (shard, id, root, parent, tenant, workflow, version, key, etag, seq, life, state, status,
                            incident, at, started_at, input, data, rt, output)
        VALUES (r.shard, r.id, was.root, was.parent, was.tenant, was.workflow, r.version, was.key, p_etag, r.seq, r.life, r.state,
                r.status, r.incident, r.at, was.started, was.input, coalesce(r.data, was.data), r.rt, r.output);
    END IF;
  END LOOP;

  -- 5. What is only added, and the rest.
  FOR r IN SELECT u.* FROM unnest(z.h_g, z.h_shard, z.h_id, z.h_seq, z.h_disposition, z.h_at, z.h_entry)
                             u(g, shard, id, seq, disposition, at, entry) WHERE u.g <> ALL (bad) LOOP
    INSERT INTO history (shard, id, seq, step_at, etag, disposition, entry)
      VALUES (r.shard, r.id, r.seq, r.at, p_etag, r.disposition, r.entry);
  END LOOP;
  FOR r IN SELECT u.* FROM unnest(z.m_g, z.m_op, z.m_shard, z.m_mark, z.m_instance, z.m_seq, z.m_disposition,
                                  z.m_answer) u(g, op, shard, mark, instance, seq, disposition, answer)
            WHERE u.op IN (1, 2) AND u.g <> ALL (bad) ORDER BY u.shard, u.mark LOOP
    IF r.op = 2 THEN
      UPDATE marks m SET instance = r.instance, seq = r.seq, disposition = r.disposition, answer = r.answer
       WHERE m.shard = r.shard AND m.mark = r.mark AND m.month <= past;
      CONTINUE WHEN FOUND;
    END IF;
    INSERT INTO marks (shard, mark, instance, seq, disposition, answer)
      VALUES (r.shard, r.mark, r.instance, r.seq, r.disposition, r.answer);
  END LOOP;
  FOR r IN SELECT u.* FROM unnest(z.c_g, z.c_op, z.c_shard, z.c_instance, z.c_seq, z.c_idx, z.c_tenant, z.c_adapter,
                                  z.c_state, z.c_owner, z.c_attempt, z.c_next, z.c_decided, z.c_request, z.c_error)
                             u(g, op, shard, instance, seq, idx, tenant, adapter, state, owner, attempt, next_at,
                               decided, request, error) WHERE u.g <> ALL (bad) LOOP
    IF r.op = 1 THEN
      INSERT INTO calls (shard, instance, seq, idx, tenant, adapter, state, owner, attempt, next_at, decided_at,
                         request, error)
        VALUES (r.shard, r.instance, r.seq, r.idx, r.tenant, r.adapter, r.state, r.owner, r.attempt, r.next_at,
                r.decided, r.request, r.error);
    ELSIF r.op IN (2, 6) THEN
      DELETE FROM calls c WHERE c.shard = r.shard AND c.instance = r.instance AND c.seq = r.seq AND c.idx = r.idx
         AND (r.op = 2 OR c.state = 2);
    ELSE
      UPDATE calls c SET state = CASE r.op WHEN 3 THEN 2 WHEN 4 THEN 3 ELSE 1 END,
             owner = CASE WHEN r.op = 5 THEN r.owner END,
             attempt = CASE WHEN r.op = 4 THEN c.attempt ELSE r.attempt END,
             next_at = CASE WHEN r.op = 3 THEN r.next_at ELSE c.next_at END,
             error = CASE WHEN r.op = 5 THEN c.error ELSE r.error END
       WHERE c.shard = r.shard AND c.instance = r.instance AND c.seq = r.seq AND c.idx = r.idx;
    END IF;
  END LOOP;
  FOR r IN SELECT u.* FROM unnest(z.o_g, z.o_op, z.o_shard, z.o_from, z.o_seq, z.o_idx, z.o_owner, z.o_event)
                             u(g, op, shard, from_instance, seq, idx, owner, event) WHERE u.g <> ALL (bad) LOOP
    IF r.op = 1 THEN
      INSERT INTO outbox (shard, from_instance, seq, idx, owner, event)
        VALUES (r.shard, r.from_instance, r.seq, r.idx, r.owner, r.event);
    ELSE
      DELETE FROM outbox o WHERE o.shard = r.shard AND o.from_instance = r.from_instance AND o.seq = r.seq
         AND o.idx = r.idx;
    END IF;
  END LOOP;

  FOR r IN SELECT u.* FROM unnest(t.d_g, t.d_shard, t.d_instance) u(g, shard, instance) WHERE u.g <> ALL (bad) LOOP
    DELETE FROM tasks o WHERE o.shard = r.shard AND o.instance = r.instance;
  END LOOP;
  FOR r IN SELECT u.* FROM unnest(t.t_g, t.t_shard, t.t_instance, t.t_seq, t.t_idx, t.t_tenant, t.t_workflow, t.t_key,
                                  t.t_state, t.t_title, t.t_queue, t.t_roles, t.t_assignee, t.t_opened, t.t_claimed,
                                  t.t_due, t.t_level)
                             u(g, shard, instance, seq, idx, tenant, workflow, key, state, title, queue, roles, assignee,
                               opened, claimed, due, level) WHERE u.g <> ALL (bad) LOOP
    INSERT INTO tasks (shard, instance, seq, idx, tenant, workflow, key, state, title, queue, roles, assignee, opened_at,
                       claimed_at, due, level)
      VALUES (r.shard, r.instance, r.seq, r.idx, r.tenant, r.workflow, r.key, r.state, r.title, r.queue,
              CASE WHEN r.roles = '' THEN '{""}' ELSE string_to_array(r.roles, E'\x1f') END, r.assignee, r.opened,
              r.claimed, r.due, r.level);
  END LOOP;

  -- 6. The receipt. A lane whose epoch was raised meanwhile has given this attempt up.
  UPDATE lanes l SET etag = p_etag, used_at = now(),
         bad = CASE WHEN p_first THEN nullif(commit_home_v1.bad, '{}') ELSE l.bad || commit_home_v1.bad END,
         dup_group = CASE WHEN p_first THEN commit_home_v1.dup_group ELSE l.dup_group || commit_home_v1.dup_group END,
         dup_mark = CASE WHEN p_first THEN commit_home_v1.dup_mark ELSE l.dup_mark || commit_home_v1.dup_mark END,
         taken_group = CASE WHEN p_first THEN commit_home_v1.taken_group
                            ELSE l.taken_group || commit_home_v1.taken_group END,
         taken_binding = CASE WHEN p_first THEN commit_home_v1.taken_binding
                              ELSE l.taken_binding || commit_home_v1.taken_binding END,
         claim_tenant = CASE WHEN p_first THEN commit_home_v1.claim_tenant
                             ELSE l.claim_tenant || commit_home_v1.claim_tenant END,
         claim_slot = CASE WHEN p_first THEN commit_home_v1.claim_slot ELSE l.claim_slot || commit_home_v1.claim_slot END,
         claim_key = CASE WHEN p_first THEN commit_home_v1.claim_key ELSE l.claim_key || commit_home_v1.claim_key END
   WHERE l.lane = p_lane AND l.epoch = p_epoch;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the lane has been fenced off' USING ERRCODE = 'VZ002';
  END IF;
END $$;
