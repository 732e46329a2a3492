-- SPDX-License-Identifier: Apache-2.0
-- The catalogue: products, coupons, taxes (adapters/catalog/catalog_store.h). kind: 1 product, 2 coupon, 3 tax. Times
-- are microseconds since 1970. A document is whole in its row; what it says is checked before it gets here.

CREATE TABLE catalog_entries(
  tenant TEXT NOT NULL,
  kind INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
  id TEXT NOT NULL CHECK (length(id) > 0),
  revision INTEGER NOT NULL CHECK (revision > 0),
  status TEXT NOT NULL CHECK (status IN ('draft', 'active', 'retired')),
  document TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  PRIMARY KEY (tenant, kind, id)
) STRICT, WITHOUT ROWID;
