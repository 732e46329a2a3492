-- SPDX-License-Identifier: Apache-2.0
-- Waiting calls are claimed for one adapter at a time, so that a slow one keeps nobody waiting.

DROP INDEX calls_waiting;
CREATE INDEX calls_waiting_of ON calls(adapter, next_at) WHERE state = 2;
