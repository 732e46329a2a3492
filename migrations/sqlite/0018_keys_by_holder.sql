-- SPDX-License-Identifier: Apache-2.0
-- Who lives under a key stands in `holders` already, and lists look there as they do in PostgreSQL. An index for the same
-- was one more entry for each start and each end, on a page of its own where those that end lie apart.
DROP INDEX instances_key;
