// SPDX-License-Identifier: Apache-2.0
//
// Licences and download links in the tables of migrations/sqlite/0002_licenses.sql, through the
// store's own writer: one file has one writer. Port and promises:
// adapters/fulfillment/license_store.h. Thread rule: any thread. Tests: tests/unit/license_store.
#pragma once

#include "adapters/fulfillment/license_store.h"
#include "adapters/sqlite/sqlite_store.h"

namespace vozex::sqlite {

class SqliteLicenseStore final : public fulfillment::LicenseStore {
 public:
  // `store` must outlive this.
  explicit SqliteLicenseStore(SqliteStore& store) : store_(store) {}

  Result<fulfillment::License> put_issue(const fulfillment::License& license) override;
  Result<std::optional<fulfillment::License>> get(std::string_view tenant,
                                                  std::string_view license_id) override;
  Result<std::optional<fulfillment::License>> get_by_item(std::string_view tenant,
                                                          std::string_view order_item_id) override;
  Result<std::vector<fulfillment::License>> of_customer(std::string_view tenant,
                                                        std::string_view customer_id) override;
  Result<fulfillment::License> set_status(std::string_view tenant,
                                          std::string_view license_id,
                                          fulfillment::LicenseStatus status) override;
  Result<bool> create_link(const fulfillment::DownloadLink& link) override;
  Result<bool> revoke_links(std::string_view tenant, std::string_view license_id) override;
  Result<fulfillment::DownloadGrant> take_download(std::string_view token_hash,
                                                   Timestamp now,
                                                   fulfillment::Part part) override;

 private:
  SqliteStore& store_;
};

}  // namespace vozex::sqlite
