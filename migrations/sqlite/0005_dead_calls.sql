-- SPDX-License-Identifier: Apache-2.0
-- Dead calls are listed, and looked up for one instance, by their ids: the index by tenant served neither, so a batch of
-- retries read all dead calls for each of its instances.

DROP INDEX calls_dead;
CREATE INDEX calls_dead_of ON calls(instance, seq, idx) WHERE state = 3;
