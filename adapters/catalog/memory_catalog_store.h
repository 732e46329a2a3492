// SPDX-License-Identifier: Apache-2.0
//
// MemoryCatalogStore: a catalogue in a map, for tests and for what is only looked at. Gone with the
// process. Thread rule: any thread, one lock.
#pragma once

#include <map>
#include <mutex>

#include "adapters/catalog/catalog_store.h"

namespace vozex::catalog {

class MemoryCatalogStore final : public CatalogStore {
 public:
  Result<std::optional<Entry>> get(std::string_view tenant, const EntryId& id) override;
  Result<std::vector<Entry>> list(std::string_view tenant,
                                  EntryKind kind,
                                  std::string_view after,
                                  std::size_t limit) override;
  Result<void> put(std::string_view tenant, const std::vector<Entry>& entries) override;

 private:
  std::mutex mutex_;  // guards entries_
  std::map<std::pair<std::string, EntryId>, Entry> entries_;
};

}  // namespace vozex::catalog
