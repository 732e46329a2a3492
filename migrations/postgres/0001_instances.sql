-- SPDX-License-Identifier: Apache-2.0
-- The tables of engine/ports/store.h. The shard (one of 256 buckets of the root instance's id) leads every key of
-- an instance-bound table; marks and bindings have the shard of their own key, because they are looked up before any
-- instance is known. JSON is text in our own canonical form: jsonb is a third slower, refuses \u0000 and reorders keys.
-- No foreign keys: the one writer is commit_v1, which keeps rows together by construction.

-- Live instances only. One row is the whole truth of an instance. No index on anything that every step changes
-- (state, data, at), so that updates stay heap-only while the timer stands still; and none on the business key, which
-- is found through `bindings`.
CREATE TABLE instances(
  shard int2 NOT NULL,
  id uuid NOT NULL,
  root uuid NOT NULL,
  parent uuid,
  tenant text COLLATE "C" NOT NULL,
  workflow text COLLATE "C" NOT NULL,
  version int4 NOT NULL,
  key text COLLATE "C" NOT NULL,
  etag int8 NOT NULL CHECK (etag <> 0),
  seq int4 NOT NULL,
  life int2 NOT NULL CHECK (life IN (1, 2, 3)),
  state text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  incident bool NOT NULL,
  timer_at timestamptz,
  at timestamptz NOT NULL,
  started_at timestamptz NOT NULL,
  input text COLLATE "C" NOT NULL,
  data text COLLATE "C" NOT NULL,
  rt text COLLATE "C" NOT NULL,
  output text COLLATE "C" NOT NULL,
  PRIMARY KEY (shard, id)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX instances_timer ON instances(timer_at) WHERE timer_at IS NOT NULL;
CREATE INDEX instances_list ON instances(tenant, workflow, id);
CREATE INDEX instances_root ON instances(shard, root) WHERE root <> id;
CREATE INDEX instances_incident ON instances(tenant, id) WHERE incident;

-- Ended ones. "An ended instance has no timer" is structure: there is no column for it.
CREATE TABLE finished(
  shard int2 NOT NULL,
  id uuid NOT NULL,
  root uuid NOT NULL,
  parent uuid,
  tenant text COLLATE "C" NOT NULL,
  workflow text COLLATE "C" NOT NULL,
  version int4 NOT NULL,
  key text COLLATE "C" NOT NULL,
  etag int8 NOT NULL CHECK (etag <> 0),
  seq int4 NOT NULL,
  life int2 NOT NULL CHECK (life IN (10, 11, 12)),
  state text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  incident bool NOT NULL,
  at timestamptz NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz NOT NULL DEFAULT now(),
  input text COLLATE "C" NOT NULL,
  data text COLLATE "C" NOT NULL,
  rt text COLLATE "C" NOT NULL,
  output text COLLATE "C" NOT NULL,
  PRIMARY KEY (shard, id, finished_at)
) PARTITION BY RANGE (finished_at);
CREATE INDEX finished_list ON finished(tenant, workflow, id);
CREATE INDEX finished_key ON finished(tenant, key, id) WHERE key <> '';
CREATE INDEX finished_root ON finished(shard, root) WHERE root <> id;

-- Append-only. `at` is the database's clock, `step_at` the step's. The transaction id is the cursor of streams: a
-- reader stops below pg_snapshot_xmin, because numbers from a sequence skip late commits.
CREATE TABLE history(
  shard int2 NOT NULL,
  id uuid NOT NULL,
  seq int4 NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  step_at timestamptz NOT NULL,
  txid int8 NOT NULL DEFAULT (pg_current_xact_id()::text::int8),
  etag int8 NOT NULL,
  disposition int2 NOT NULL,
  entry text COLLATE "C" NOT NULL,
  PRIMARY KEY (shard, id, seq, at)
) PARTITION BY RANGE (at);
CREATE INDEX history_txid ON history USING brin(txid) WITH (pages_per_range = 32, autosummarize = on);

-- De-duplication: the first answer to each event. The month is the partition; a mark is looked up in all of them.
CREATE TABLE marks(
  shard int2 NOT NULL,
  mark uuid NOT NULL,
  month date NOT NULL DEFAULT date_trunc('month', now() AT TIME ZONE 'UTC')::date,
  instance uuid,
  seq int4 NOT NULL,
  disposition int2 NOT NULL,
  answer text COLLATE "C" NOT NULL,
  PRIMARY KEY (shard, mark, month)
) PARTITION BY RANGE (month);

-- The arbiter between a start that takes a key and an early event that waits on it: both write this row. `id` is the
-- first 128 bits of SHA-256 over tenant, slot and key, as marks are of theirs: one short comparison instead of three
-- long ones, and a third of the index. A key has its holder in the row (live 1, or 0 when it has ended); the holders of
-- an alias are counted, and stand in `holders`. `op` says what the last commit did: 1 took, 2 took a reusable key, 3
-- added a holder, 4 waits. It is there because ON CONFLICT can only see columns.
CREATE TABLE bindings(
  shard int2 NOT NULL,
  id uuid NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  slot text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  op int2 NOT NULL,
  live int4 NOT NULL CHECK (live >= 0),
  parked int4 NOT NULL CHECK (parked >= 0),
  instance_shard int2,
  instance uuid,
  PRIMARY KEY (shard, id)
) WITH (fillfactor = 90);
CREATE INDEX bindings_unclaimed ON bindings(shard) WHERE live > 0 AND parked > 0;

CREATE TABLE holders(
  shard int2 NOT NULL,
  id uuid NOT NULL,
  instance uuid NOT NULL,
  instance_shard int2 NOT NULL,
  ended bool NOT NULL,
  PRIMARY KEY (shard, id, instance)
);

-- Early events, and the keys each of them waits on.
CREATE SEQUENCE arrivals;
CREATE TABLE parked(
  shard int2 NOT NULL,
  mark uuid NOT NULL,
  arrival int8 NOT NULL DEFAULT nextval('arrivals'),
  expires_at timestamptz NOT NULL,
  event text COLLATE "C" NOT NULL,
  PRIMARY KEY (shard, mark)
);
CREATE INDEX parked_expiry ON parked(expires_at);
CREATE TABLE waits(
  shard int2 NOT NULL,
  id uuid NOT NULL,
  mark uuid NOT NULL,
  mark_shard int2 NOT NULL,
  PRIMARY KEY (shard, id, mark)
);
CREATE INDEX waits_mark ON waits(mark);

-- state 1 leased, 2 waiting, 3 dead.
CREATE TABLE calls(
  shard int2 NOT NULL,
  instance uuid NOT NULL,
  seq int4 NOT NULL,
  idx int4 NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  adapter text COLLATE "C" NOT NULL,
  state int2 NOT NULL CHECK (state IN (1, 2, 3)),
  owner uuid,
  attempt int4 NOT NULL,
  next_at timestamptz NOT NULL,
  decided_at timestamptz NOT NULL,
  request text COLLATE "C" NOT NULL,
  error text COLLATE "C" NOT NULL,
  PRIMARY KEY (shard, instance, seq, idx),
  CHECK ((state = 1) = (owner IS NOT NULL))
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX calls_leased ON calls(owner) WHERE state = 1;
CREATE INDEX calls_waiting ON calls(next_at) WHERE state = 2;
CREATE INDEX calls_dead ON calls(tenant, instance) WHERE state = 3;

CREATE TABLE outbox(
  shard int2 NOT NULL,
  from_instance uuid NOT NULL,
  seq int4 NOT NULL,
  idx int4 NOT NULL,
  owner uuid NOT NULL,
  event text COLLATE "C" NOT NULL,
  PRIMARY KEY (shard, from_instance, seq, idx)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX outbox_owner ON outbox(owner);

CREATE TABLE sessions(
  id uuid PRIMARY KEY,
  name text NOT NULL,
  live bool NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  beat_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- The receipt of each lane's last commit, by which settle() knows whether it happened and what the answer was. The
-- epoch is a fence: settle() raises it first, so an attempt that is still on its way can't commit any more.
CREATE TABLE lanes(
  lane uuid PRIMARY KEY,
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
  claim_key text[]
) WITH (fillfactor = 20, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

CREATE TABLE definitions(
  workflow text COLLATE "C" NOT NULL,
  version int4 NOT NULL,
  content_hash text NOT NULL,
  bundle text NOT NULL,
  deployed_at timestamptz NOT NULL,
  PRIMARY KEY (workflow, version)
);

-- Partitions by month from this one to three ahead; called at every start and about once an hour after that. No
-- default partition: it would have to be scanned under a lock for each new one. A table is made on its own and then
-- attached, which stops no writer. Returns how many were made.
CREATE FUNCTION maintain_v1(p_now timestamptz DEFAULT now()) RETURNS int4
LANGUAGE plpgsql AS $$
DECLARE
  made int4 := 0;
  parent text;
  part text;
  month date;
BEGIN
  PERFORM pg_advisory_xact_lock(86900002);
  FOR ahead IN 0..3 LOOP
    month := (date_trunc('month', p_now AT TIME ZONE 'UTC') + make_interval(months => ahead))::date;
    FOREACH parent IN ARRAY ARRAY['history', 'marks', 'finished'] LOOP
      part := format('%s_%s', parent, to_char(month, 'YYYYMM'));
      CONTINUE WHEN to_regclass(part) IS NOT NULL;
      EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
      EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, part,
                     CASE parent WHEN 'marks' THEN month::text ELSE month::text || ' 00:00:00+00' END,
                     CASE parent WHEN 'marks' THEN (month + interval '1 month')::date::text
                                 ELSE (month + interval '1 month')::date::text || ' 00:00:00+00' END);
      made := made + 1;
    END LOOP;
  END LOOP;
  -- Receipts of lanes, and sessions, that are long gone. A lane that comes back registers anew.
  DELETE FROM lanes WHERE used_at < p_now - interval '30 days';
  DELETE FROM sessions WHERE NOT live AND beat_at < p_now - interval '30 days';
  RETURN made;
END $$;
SELECT maintain_v1();

-- Takes parked events off their keys: the rows of `parked`, of `waits`, and the arbiters' counts.
CREATE FUNCTION unpark_v1(p_shard int2[], p_mark uuid[]) RETURNS void
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
  UPDATE bindings b SET parked = b.parked - u.n
    FROM (SELECT shard, id, count(*)::int4 n FROM unnest(w_shard, w_id) u(shard, id) GROUP BY 1, 2) u
    WHERE b.shard = u.shard AND b.id = u.id;
  -- A row that nobody holds and nothing waits on has said what it had to say.
  DELETE FROM bindings b USING unnest(w_shard, w_id) u(shard, id)
    WHERE b.shard = u.shard AND b.id = u.id AND b.live = 0 AND b.parked = 0 AND b.instance IS NULL
      AND NOT EXISTS (SELECT FROM holders h WHERE h.shard = b.shard AND h.id = b.id);
END $$;

-- Events that nobody took in time: off the list, and their marks answered.
CREATE FUNCTION expire_parked_v1(p_now timestamptz, p_limit int8, p_answer text, p_disposition int2) RETURNS int4
LANGUAGE plpgsql AS $$
DECLARE
  shards int2[];
  expired uuid[];
BEGIN
  WITH l AS (SELECT p.shard, p.mark FROM parked p WHERE p.expires_at <= p_now ORDER BY p.expires_at, p.mark
              LIMIT p_limit FOR UPDATE SKIP LOCKED)
  SELECT array_agg(l.shard), array_agg(l.mark) INTO shards, expired FROM l;
  IF expired IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM unpark_v1(shards, expired);
  WITH u AS (SELECT * FROM unnest(shards, expired) u(shard, mark)),
       w AS (UPDATE marks m SET disposition = p_disposition, answer = p_answer
               FROM u WHERE m.shard = u.shard AND m.mark = u.mark RETURNING m.mark)
  INSERT INTO marks(shard, mark, seq, disposition, answer)
    SELECT u.shard, u.mark, 0, p_disposition, p_answer FROM u WHERE u.mark NOT IN (SELECT w.mark FROM w);
  RETURN cardinality(expired);
END $$;
