// SPDX-License-Identifier: Apache-2.0
#include "api/storage.h"

#include "adapters/postgres/audit_log.h"
#include "adapters/postgres/batch_store.h"
#include "adapters/postgres/catalog_store.h"
#include "adapters/postgres/distribute.h"
#include "adapters/postgres/license_store.h"
#include "adapters/postgres/postgres_store.h"
#include "adapters/sqlite/audit_log.h"
#include "adapters/sqlite/batch_store.h"
#include "adapters/sqlite/catalog_store.h"
#include "adapters/sqlite/license_store.h"
#include "adapters/sqlite/sqlite_store.h"

namespace vozex::program {
namespace {

class SqliteStorage final : public Storage {
 public:
  explicit SqliteStorage(std::unique_ptr<sqlite::SqliteStore> store)
      : store_(std::move(store)),
        licenses_(*store_),
        batches_(*store_),
        audit_(*store_),
        catalog_(*store_) {}
  ports::Store& store() override { return *store_; }
  ports::RetentionStore& retention() override { return store_->retention(); }
  fulfillment::LicenseStore& licenses() override { return licenses_; }
  ports::BatchStore& batches() override { return batches_; }
  ports::AuditLog& audit() override { return audit_; }
  catalog::CatalogStore& catalog_entries() override { return catalog_; }

 private:
  std::unique_ptr<sqlite::SqliteStore> store_;
  sqlite::SqliteLicenseStore licenses_;
  sqlite::SqliteBatchStore batches_;
  sqlite::SqliteAuditLog audit_;
  sqlite::SqliteCatalogStore catalog_;
};

class PostgresStorage final : public Storage {
 public:
  PostgresStorage(std::unique_ptr<postgres::PostgresStore> store, const std::string& url)
      : store_(std::move(store)),
        licenses_(url),
        batches_(*store_),
        audit_(store_->pool()),
        catalog_(url) {}
  ports::Store& store() override { return *store_; }
  ports::RetentionStore& retention() override { return store_->retention(); }
  fulfillment::LicenseStore& licenses() override { return licenses_; }
  ports::BatchStore& batches() override { return batches_; }
  ports::AuditLog& audit() override { return audit_; }
  catalog::CatalogStore& catalog_entries() override { return catalog_; }

 private:
  std::unique_ptr<postgres::PostgresStore> store_;
  postgres::PostgresLicenseStore licenses_;
  postgres::PostgresBatchStore batches_;
  postgres::PostgresAuditLog audit_;
  postgres::PostgresCatalogStore catalog_;
};

}  // namespace

Result<std::unique_ptr<Storage>> open_storage(const std::string& url) {
  if (url.starts_with("sqlite://")) {
    auto store = sqlite::open_store(url);
    if (!store) return tl::unexpected(store.error());
    return std::make_unique<SqliteStorage>(*std::move(store));
  }
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    auto store = postgres::open_store(url);
    if (!store) return tl::unexpected(store.error());
    return std::make_unique<PostgresStorage>(*std::move(store), url);
  }
  return fail(ErrorClass::invalid,
              "store_url",
              "Expected a store like sqlite:///var/lib/vozex/vozex.db or "
              "postgresql://user@host/database, got \"" +
                  public_text(url) + "\".");
}

Result<std::size_t> distribute_storage(const std::string& url) {
  if (url.starts_with("sqlite://")) {
    return fail(ErrorClass::invalid,
                "store_url",
                "SQLite is one file on one machine: --distribute wants postgresql://...");
  }
  auto connection = postgres::Connection::open(url, postgres::Profile::setup);
  if (!connection) return tl::unexpected(connection.error());
  return postgres::distribute(**connection);
}

std::string public_text(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t at = url.rfind('@');
  if (scheme == std::string::npos || at == std::string::npos) return url;
  const std::size_t colon = url.find(':', scheme + 3);
  if (colon == std::string::npos || colon > at) return url;
  return url.substr(0, colon) + url.substr(at);
}

}  // namespace vozex::program
