-- SPDX-License-Identifier: Apache-2.0
-- Waiting calls are claimed for one adapter at a time, so that a slow one keeps nobody waiting. And the keys on which
-- events wait are counted by tenant, and looked through for those whose holder has ended: `parked` was in the predicate
-- of an index before, so this one takes no heap-only update away.

DROP INDEX calls_waiting;
CREATE INDEX calls_waiting_of ON calls(adapter, next_at) WHERE state = 2;
CREATE INDEX bindings_parked ON bindings(tenant) INCLUDE (parked) WHERE parked > 0;

-- How many leases of a call were lost with their process: those are no tries of its retry policy.
ALTER TABLE calls ADD COLUMN losses int2 NOT NULL DEFAULT 0;
