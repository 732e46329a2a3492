// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/memory_catalog_store.h"

namespace vozex::catalog {

Result<std::optional<Entry>> MemoryCatalogStore::get(std::string_view tenant, const EntryId& id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find({std::string(tenant), id});
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

Result<std::vector<Entry>> MemoryCatalogStore::list(std::string_view tenant,
                                                    EntryKind kind,
                                                    std::string_view after,
                                                    std::size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<Entry> page;
  auto at = entries_.upper_bound({std::string(tenant), EntryId{kind, std::string(after)}});
  for (; at != entries_.end() && page.size() < limit; ++at) {
    if (at->first.first != tenant || at->first.second.kind != kind) break;
    page.push_back(at->second);
  }
  return page;
}

Result<void> MemoryCatalogStore::put(std::string_view tenant, const std::vector<Entry>& entries) {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries) {
    const auto stored = entries_.find({std::string(tenant), entry.id});
    const std::uint64_t revision = stored == entries_.end() ? 0 : stored->second.revision;
    if (entry.revision != revision + 1) return catalog_changed(entry.id);
  }
  for (const Entry& entry : entries)
    entries_.insert_or_assign({std::string(tenant), entry.id}, entry);
  return {};
}

}  // namespace vozex::catalog
