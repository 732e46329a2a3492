// SPDX-License-Identifier: Apache-2.0
//
// CatalogStore: where the catalogue is kept. One promise carries the rest: a change of several
// entries is made whole or not at all, and only of the revisions that its author saw. Errors are
// those of stores: unavailable, outcome_unknown (read the revisions back), corrupt. Thread rule:
// any thread. Implementations: memory_catalog_store.h, adapters/sqlite/catalog_store.h,
// adapters/postgres/catalog_store.h; one suite shows all
// (tests/unit/catalog_store/catalog_store_suite.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/catalog/entry.h"
#include "engine/base/result.h"

namespace vozex::catalog {

class CatalogStore {
 public:
  virtual ~CatalogStore() = default;

  virtual Result<std::optional<Entry>> get(std::string_view tenant, const EntryId& id) = 0;
  // By id, of one kind; `after` is the last id of the page before, "" the first page.
  virtual Result<std::vector<Entry>> list(std::string_view tenant,
                                          EntryKind kind,
                                          std::string_view after,
                                          std::size_t limit) = 0;
  // Each entry with `revision` one more than the stored one (1: it is new). Error
  // `catalog_changed` (conflict) names the first that somebody else has changed; then nothing is
  // written.
  virtual Result<void> put(std::string_view tenant, const std::vector<Entry>& entries) = 0;
};

// The error of put().
Failure catalog_changed(const EntryId& id);

}  // namespace vozex::catalog
