-- SPDX-License-Identifier: Apache-2.0
-- Licences and their download links (adapters/fulfillment/license_store.h). One licence per order item and tenant is a
-- constraint, so that two issues at once end as one. Not of an instance, so no shard leads these keys.

CREATE TABLE licenses(
  tenant text NOT NULL,
  license_id text NOT NULL,
  order_id text NOT NULL,
  order_item_id text NOT NULL,
  customer_id text NOT NULL,
  product_id text NOT NULL,
  license_key text NOT NULL,
  status int2 NOT NULL CHECK (status IN (1, 2, 3)),
  artefact text NOT NULL,
  document text NOT NULL,
  issued_at timestamptz NOT NULL,
  expires_at timestamptz,
  PRIMARY KEY (tenant, license_id),
  UNIQUE (tenant, order_item_id)
);
CREATE INDEX licenses_customer ON licenses(tenant, customer_id, issued_at);

-- Tokens are kept as SHA-256 only: who reads this table can't download.
CREATE TABLE download_links(
  token_hash text PRIMARY KEY CHECK (length(token_hash) > 0),
  tenant text NOT NULL,
  license_id text NOT NULL,
  artefact text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  max_downloads int4 NOT NULL,
  used int4 NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND max_downloads),
  revoked boolean NOT NULL DEFAULT false,
  FOREIGN KEY (tenant, license_id) REFERENCES licenses
);
CREATE INDEX download_links_license ON download_links(tenant, license_id);
