-- SPDX-License-Identifier: Apache-2.0
-- People's inbox. What is true of a task stands in its instance's row; here it is repeated where it can be searched,
-- by the commit that writes the instance. `due` of a task without a due time is the year 9999: it stands last.
-- The roles of one that anybody may take are {''}, so that one index answers "what may these roles take".

CREATE TABLE tasks(
  shard int2 NOT NULL,
  instance uuid NOT NULL,
  seq int4 NOT NULL,
  idx int4 NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  workflow text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  title text COLLATE "C" NOT NULL,
  queue text COLLATE "C" NOT NULL,
  roles text[] NOT NULL,
  assignee text COLLATE "C" NOT NULL,
  opened_at timestamptz NOT NULL,
  claimed_at timestamptz,
  due timestamptz NOT NULL,
  level int4 NOT NULL,
  PRIMARY KEY (shard, instance, seq, idx)
) WITH (autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX tasks_due ON tasks(tenant, due, instance, seq, idx);
CREATE INDEX tasks_queue ON tasks(tenant, queue, due, instance, seq, idx);
CREATE INDEX tasks_assignee ON tasks(tenant, assignee, due, instance, seq, idx) WHERE assignee <> '';
CREATE INDEX tasks_roles ON tasks USING gin(roles);

-- A batch that changes the inbox: commit_v1, and then the tasks of the groups that it did not leave out. d_* are the
-- instances whose tasks are replaced, t_* what replaces them; t_roles are joined by unit separators. Batches without
-- tasks call commit_v1 itself. The instance's row is locked by then, so nobody else writes the same tasks.
CREATE TYPE tasks_v1 AS (
  d_g int4[], d_shard int2[], d_instance uuid[],
  t_g int4[], t_shard int2[], t_instance uuid[], t_seq int4[], t_idx int4[], t_tenant text[], t_workflow text[],
  t_key text[], t_state text[], t_title text[], t_queue text[], t_roles text[], t_assignee text[],
  t_opened timestamptz[], t_claimed timestamptz[], t_due timestamptz[], t_level int4[]);

CREATE FUNCTION commit_tasks_v1(
  p_lane uuid, p_epoch int4, p_etag int8, p_first bool, p_careful bool, p_wait bool, p_n int4[], z batch_v1,
  t tasks_v1,
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
    FROM commit_v1(p_lane, p_epoch, p_etag, p_first, p_careful, p_wait, p_n, z) c;
  left_out := coalesce(bad, '{}');
  DELETE FROM tasks o USING unnest(t.d_g, t.d_shard, t.d_instance) u(g, shard, instance)
   WHERE u.g <> ALL (left_out) AND o.shard = u.shard AND o.instance = u.instance;
  INSERT INTO tasks(shard, instance, seq, idx, tenant, workflow, key, state, title, queue, roles, assignee, opened_at,
                    claimed_at, due, level)
    SELECT shard, instance, seq, idx, tenant, workflow, key, state, title, queue,
           CASE roles WHEN '' THEN '{""}' ELSE string_to_array(roles, E'\x1f') END, assignee, opened, claimed, due, level
      FROM unnest(t.t_g, t.t_shard, t.t_instance, t.t_seq, t.t_idx, t.t_tenant, t.t_workflow, t.t_key, t.t_state,
                  t.t_title, t.t_queue, t.t_roles, t.t_assignee, t.t_opened, t.t_claimed, t.t_due, t.t_level)
             u(g, shard, instance, seq, idx, tenant, workflow, key, state, title, queue, roles, assignee, opened,
               claimed, due, level)
     WHERE g <> ALL (left_out);
END $$;
