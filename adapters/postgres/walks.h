// SPDX-License-Identifier: Apache-2.0
//
// Common table expressions that walk an index from one value to the next, because there are few
// values and many rows ("loose index scan"). For WITH RECURSIVE.
#pragma once

// <name>(owner): who owns rows of `table` that meet `condition`; the last one is null.
#define VOZEX_PG_OWNERS(name, table, condition)                                                   \
  name "(owner) AS ((SELECT owner FROM " table " WHERE " condition                                \
       " ORDER BY owner LIMIT 1) UNION ALL SELECT (SELECT x.owner FROM " table                    \
       " x WHERE " condition " AND x.owner > " name ".owner ORDER BY x.owner LIMIT 1) FROM " name \
       " WHERE " name ".owner IS NOT NULL)"
#define VOZEX_PG_CALL_OWNERS(name) VOZEX_PG_OWNERS(name, "calls", "state = 1")
#define VOZEX_PG_OUTBOX_OWNERS(name) VOZEX_PG_OWNERS(name, "outbox", "true")

// <name>(adapter, next_at): the earliest waiting call of each adapter.
#define VOZEX_PG_WAITING(name)                                                               \
  name "(adapter, next_at) AS ((SELECT adapter, next_at FROM calls WHERE state = 2 "         \
       "ORDER BY adapter, next_at LIMIT 1) UNION ALL SELECT c.adapter, c.next_at FROM " name \
       " w CROSS JOIN LATERAL (SELECT adapter, next_at FROM calls WHERE state = 2 "          \
       "AND adapter > w.adapter ORDER BY adapter, next_at LIMIT 1) c)"

// Of `bindings`: keys that are held and on which events wait, by the index bindings_unclaimed_of.
#define VOZEX_PG_UNCLAIMED "live > 0 AND parked > 0 AND op <> 4"
