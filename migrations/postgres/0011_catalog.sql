-- SPDX-License-Identifier: Apache-2.0
-- The catalogue: products, coupons, taxes (adapters/catalog/catalog_store.h). kind: 1 product, 2 coupon, 3 tax. A
-- document is whole in its row; what it says is checked before it gets here. Text, not jsonb: its bytes are compared.
-- Not of an instance, so no shard leads its key.

CREATE TABLE catalog_entries(
  tenant text COLLATE "C" NOT NULL,
  kind int2 NOT NULL CHECK (kind IN (1, 2, 3)),
  id text COLLATE "C" NOT NULL CHECK (length(id) > 0),
  revision int8 NOT NULL CHECK (revision > 0),
  status text NOT NULL CHECK (status IN ('draft', 'active', 'retired')),
  document text NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL,
  PRIMARY KEY (tenant, kind, id)
);
