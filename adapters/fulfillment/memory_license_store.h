// SPDX-License-Identifier: Apache-2.0
//
// MemoryLicenseStore: licences in a map, for tests. Gone with the process. Thread rule: any thread,
// one lock.
#pragma once

#include <map>
#include <mutex>

#include "adapters/fulfillment/license_store.h"

namespace vozex::fulfillment {

class MemoryLicenseStore final : public LicenseStore {
 public:
  Result<License> put_issue(const License& license) override;
  Result<std::optional<License>> get(std::string_view tenant, std::string_view license_id) override;
  Result<std::optional<License>> get_by_item(std::string_view tenant,
                                             std::string_view order_item_id) override;
  Result<std::vector<License>> of_customer(std::string_view tenant,
                                           std::string_view customer_id) override;
  Result<License> set_status(std::string_view tenant,
                             std::string_view license_id,
                             LicenseStatus status) override;
  Result<bool> create_link(const DownloadLink& link) override;
  Result<bool> revoke_links(std::string_view tenant, std::string_view license_id) override;
  Result<DownloadGrant> take_download(std::string_view token_hash,
                                      Timestamp now,
                                      Part part) override;

 private:
  struct Link {
    DownloadLink link;
    int used = 0;
    bool revoked = false;
  };
  License* find(std::string_view tenant, std::string_view license_id);
  bool revoke_links_locked(std::string_view tenant, std::string_view license_id);

  std::mutex mutex_;  // guards what follows
  std::vector<License> licenses_;
  std::map<std::string, Link, std::less<>> links_;
};

}  // namespace vozex::fulfillment
