-- SPDX-License-Identifier: Apache-2.0
-- Licences and their download links (adapters/fulfillment/license_store.h). Times are microseconds since 1970.
-- One licence per order item and tenant is a constraint, so that two issues at once end as one.

CREATE TABLE licenses(
  tenant TEXT NOT NULL,
  license_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  order_item_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  license_key TEXT NOT NULL,
  status INTEGER NOT NULL CHECK (status IN (1, 2, 3)),
  artefact TEXT NOT NULL,
  document TEXT NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER,
  PRIMARY KEY (tenant, license_id),
  UNIQUE (tenant, order_item_id)
) STRICT;
CREATE INDEX licenses_customer ON licenses(tenant, customer_id, issued_at);

-- Tokens are kept as SHA-256 only: who reads this table can't download.
CREATE TABLE download_links(
  token_hash TEXT NOT NULL PRIMARY KEY CHECK (length(token_hash) > 0),
  tenant TEXT NOT NULL,
  license_id TEXT NOT NULL,
  artefact TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  max_downloads INTEGER NOT NULL,
  used INTEGER NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND max_downloads),
  revoked INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1))
) STRICT;
CREATE INDEX download_links_license ON download_links(tenant, license_id);
