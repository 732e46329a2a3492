// SPDX-License-Identifier: Apache-2.0
//
// Catalog: what is for sale, kept in a CatalogStore. Documents are applied together: all of them
// are checked, compared with what is there, and written in one change, or nothing is. Applying the
// same again writes nothing. Thread rule: any thread. Specification: docs/catalog.md. Tests:
// tests/unit/catalog, tests/unit/catalog_store, tests/api/catalog_test.cc.
#pragma once

#include <string>
#include <vector>

#include "adapters/catalog/catalog_store.h"
#include "adapters/catalog/check.h"
#include "engine/ports/clock.h"

namespace vozex::catalog {

inline constexpr std::size_t k_max_applied = 500;  // documents at once

struct ApplyOrder {
  std::vector<types::Value> documents;
  bool dry_run = false;
  std::string by;                         // who changes it
  std::optional<std::uint64_t> revision;  // of a single document: what its author saw
};

enum class Applied : std::uint8_t { created = 1, updated = 2, unchanged = 3 };
const char* to_string(Applied applied);

struct AppliedEntry {
  EntryId id;
  Applied applied = Applied::unchanged;
  std::uint64_t revision = 0;  // after the change; with dry_run too
  std::vector<Difference> differences;
};

class Catalog {
 public:
  // `gateways`: the names that a product may enable. All must outlive this.
  Catalog(CatalogStore& store, const ports::Clock& clock, std::vector<std::string> gateways);

  // In the order of the documents. Errors, details with places below /documents/<number>:
  // catalog_invalid (invalid), breaks_offers (refused), catalog_changed (conflict), and the
  // store's.
  Result<std::vector<AppliedEntry>> apply(std::string_view tenant, const ApplyOrder& order);

  Result<std::optional<Entry>> get(std::string_view tenant, const EntryId& id);
  Result<std::vector<Entry>> list(std::string_view tenant,
                                  EntryKind kind,
                                  std::string_view after,
                                  std::size_t limit);

 private:
  CatalogStore& store_;
  const ports::Clock& clock_;
  const std::vector<std::string> gateways_;
};

// The document of an entry. Error corrupt.
Result<types::Value> document_of(const Entry& entry);

}  // namespace vozex::catalog
