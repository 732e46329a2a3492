// SPDX-License-Identifier: Apache-2.0
//
// The catalogue in the table of migrations/sqlite/0011_catalog.sql, through the store's own writer:
// one file has one writer. Port and promises: adapters/catalog/catalog_store.h. Thread rule: any
// thread. Tests: tests/unit/catalog_store.
#pragma once

#include "adapters/catalog/catalog_store.h"
#include "adapters/sqlite/sqlite_store.h"

namespace vozex::sqlite {

class SqliteCatalogStore final : public catalog::CatalogStore {
 public:
  // `store` must outlive this.
  explicit SqliteCatalogStore(SqliteStore& store) : store_(store) {}

  Result<std::optional<catalog::Entry>> get(std::string_view tenant,
                                            const catalog::EntryId& id) override;
  Result<std::vector<catalog::Entry>> list(std::string_view tenant,
                                           catalog::EntryKind kind,
                                           std::string_view after,
                                           std::size_t limit) override;
  Result<void> put(std::string_view tenant, const std::vector<catalog::Entry>& entries) override;

 private:
  SqliteStore& store_;
};

}  // namespace vozex::sqlite
