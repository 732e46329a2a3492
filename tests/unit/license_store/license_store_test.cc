// SPDX-License-Identifier: Apache-2.0
//
// The suite of LicenseStore on both databases.
#include "adapters/postgres/license_store.h"
#include "adapters/sqlite/license_store.h"
#include "tests/support/side_store.h"
#include "tests/unit/fulfillment/license_store_suite.h"

namespace vozex::fulfillment {
namespace {

using OnSqlite = test::OnSqlite<sqlite::SqliteLicenseStore>;
using OnPostgres = test::OnPostgres<postgres::PostgresLicenseStore>;

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, LicenseStoreSuite, OnSqlite);
INSTANTIATE_TYPED_TEST_SUITE_P(Postgres, LicenseStoreSuite, OnPostgres);

}  // namespace
}  // namespace vozex::fulfillment
