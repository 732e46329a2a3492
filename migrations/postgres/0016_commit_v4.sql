-- SPDX-License-Identifier: Apache-2.0
-- commit_v4: commit_v3 with less to begin. What a commit costs before its first row is mostly the start of its
-- statements, so here
--   - rows of groups that are left out are taken out of the arrays, once and only when there are such groups, so that
--     no statement asks for them;
--   - a statement that writes is counted by itself; who was left out is looked for only when the count says so;
--   - what a batch seldom has stands behind p_rest;
--   - rows have the attributes that are used: ten of those of a key or a call that ends were not;
--   - the answer is one value, null when all of it was written and nobody waited.
-- The contract is that of commit_v3: written as if all of it could be, counted, VZ001 when something was not as it was
-- read, then again with p_careful. Arrays are null where there is nothing, rows in the order of their keys.
--
-- Processes that know older functions go on with them beside this one.
CREATE TYPE start_v4 AS (
  g int4, shard int2, id uuid, root uuid, parent uuid, tenant text, workflow text, version int4, key text, seq int4,
  life int2, state text, status text, incident bool, timer timestamptz, at timestamptz, started timestamptz, input text,
  data text, rt text, output text);
CREATE TYPE over_v4 AS (g int4, shard int2, id uuid, instance uuid);
CREATE TYPE call_v4 AS (
  g int4, shard int2, instance uuid, seq int4, idx int4, tenant text, adapter text, state int2, owner uuid,
  attempt int4, next_at timestamptz, decided timestamptz, request text, error text);
CREATE TYPE called_v4 AS (g int4, shard int2, instance uuid, seq int4, idx int4, owner uuid, attempt int4);
CREATE TYPE said_v4 AS (
  bad int4[], dup_group int4[], dup_mark uuid[], dup_disposition int2[], dup_answer text[], taken_group int4[],
  taken_binding int4[], claim_tenant text[], claim_slot text[], claim_key text[]);

-- The text of a CHECK is parsed again by each statement that writes its table, so counts are checked where they are
-- made smaller.
ALTER TABLE bindings DROP CONSTRAINT bindings_counts;
CREATE FUNCTION counted_v4(p_count int4) RETURNS int4 LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF p_count < 0 THEN
    RAISE EXCEPTION 'the count of a key would fall below zero' USING ERRCODE = 'numeric_value_out_of_range';
  END IF;
  RETURN p_count;
END $$;

-- As before, but for the count.
CREATE OR REPLACE FUNCTION unpark_v1(p_shard int2[], p_mark uuid[]) RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
AS $$
DECLARE
  w_shard int2[];
  w_id uuid[];
BEGIN
  DELETE FROM parked p USING unnest(p_shard, p_mark) u(shard, mark) WHERE p.shard = u.shard AND p.mark = u.mark;
  WITH w AS (DELETE FROM waits w USING unnest(p_mark) u(mark) WHERE w.mark = u.mark RETURNING w.shard, w.id)
  SELECT array_agg(shard), array_agg(id) INTO w_shard, w_id FROM w;
  -- In the order of the key, as everywhere.
  PERFORM 1 FROM unnest(w_shard, w_id) u(shard, id) JOIN bindings b ON b.shard = u.shard AND b.id = u.id
    ORDER BY u.shard, u.id FOR NO KEY UPDATE OF b;
  UPDATE bindings b SET parked = counted_v4(b.parked - u.n)
    FROM (SELECT shard, id, count(*)::int4 n FROM unnest(w_shard, w_id) u(shard, id) GROUP BY 1, 2) u
    WHERE b.shard = u.shard AND b.id = u.id;
  -- A row that nobody holds and nothing waits on has said what it had to say.
  DELETE FROM bindings b USING unnest(w_shard, w_id) u(shard, id)
    WHERE b.shard = u.shard AND b.id = u.id AND b.live = 0 AND b.parked = 0 AND b.instance IS NULL
      AND NOT EXISTS (SELECT FROM holders h WHERE h.shard = b.shard AND h.id = b.id);
END $$;
