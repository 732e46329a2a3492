// SPDX-License-Identifier: Apache-2.0
//
// The catalogue in the table of migrations/postgres/0011_catalog.sql, over a small pool of its own.
// Port and promises: adapters/catalog/catalog_store.h. Thread rule: any thread. Tests:
// tests/unit/catalog_store.
#pragma once

#include "adapters/catalog/catalog_store.h"
#include "adapters/postgres/pool.h"

namespace vozex::postgres {

class PostgresCatalogStore final : public catalog::CatalogStore {
 public:
  // The database must be migrated.
  explicit PostgresCatalogStore(std::string url);

  Result<std::optional<catalog::Entry>> get(std::string_view tenant,
                                            const catalog::EntryId& id) override;
  Result<std::vector<catalog::Entry>> list(std::string_view tenant,
                                           catalog::EntryKind kind,
                                           std::string_view after,
                                           std::size_t limit) override;
  Result<void> put(std::string_view tenant, const std::vector<catalog::Entry>& entries) override;

 private:
  Pool pool_;
};

}  // namespace vozex::postgres
