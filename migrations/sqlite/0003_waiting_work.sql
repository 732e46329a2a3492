-- SPDX-License-Identifier: Apache-2.0
-- Waiting calls are claimed for one adapter at a time, so that a slow one keeps nobody waiting.

DROP INDEX calls_waiting;
CREATE INDEX calls_waiting_of ON calls(adapter, next_at) WHERE state = 2;

-- How many leases of a call were lost with their process: those are no tries of its retry policy.
ALTER TABLE calls ADD COLUMN losses INTEGER NOT NULL DEFAULT 0;
