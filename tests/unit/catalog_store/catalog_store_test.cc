// SPDX-License-Identifier: Apache-2.0
//
// The suite of CatalogStore on both databases.
#include "tests/unit/catalog_store/catalog_store_suite.h"

#include "adapters/postgres/catalog_store.h"
#include "adapters/sqlite/catalog_store.h"
#include "tests/support/side_store.h"

namespace vozex::catalog {
namespace {

using OnSqlite = test::OnSqlite<sqlite::SqliteCatalogStore>;
using OnPostgres = test::OnPostgres<postgres::PostgresCatalogStore>;

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, CatalogStoreSuite, OnSqlite);
INSTANTIATE_TYPED_TEST_SUITE_P(Postgres, CatalogStoreSuite, OnPostgres);

}  // namespace
}  // namespace vozex::catalog
