// SPDX-License-Identifier: Apache-2.0
//
// Storage: the engine's store, the licences' and the catalogue's behind one URL: sqlite:///path or
// postgresql://... Opening migrates. Errors are those of the stores, and `store_url` for what is
// neither. Thread rule: owner's.
#pragma once

#include <memory>
#include <string>

#include "adapters/catalog/catalog_store.h"
#include "adapters/fulfillment/license_store.h"
#include "engine/ports/audit.h"
#include "engine/ports/batches.h"
#include "engine/ports/retention.h"
#include "engine/ports/store.h"

namespace vozex::program {

class Storage {
 public:
  virtual ~Storage() = default;
  virtual ports::Store& store() = 0;
  virtual ports::RetentionStore& retention() = 0;
  virtual fulfillment::LicenseStore& licenses() = 0;
  virtual ports::BatchStore& batches() = 0;
  virtual ports::AuditLog& audit() = 0;
  virtual catalog::CatalogStore& catalog_entries() = 0;
};

Result<std::unique_ptr<Storage>> open_storage(const std::string& url);

// Spreads the tables of a migrated PostgreSQL over its Citus cluster; how many were spread now.
// Errors: those of adapters/postgres/distribute.h, and invalid `store_url` for SQLite.
Result<std::size_t> distribute_storage(const std::string& url);

// The URL without a password, for people and logs.
std::string public_text(const std::string& url);

}  // namespace vozex::program
