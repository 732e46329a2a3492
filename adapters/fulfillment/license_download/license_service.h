// SPDX-License-Identifier: Apache-2.0
//
// LicenseService: issuing, suspending, restoring and revoking licences, and making download links.
// The adapter `licenses` and the driver `license_download` are thin over it. Every method is safe
// to repeat; issuing an order item again returns its licence with a fresh link (the earlier link's
// token was only ever in the lost answer, and lapses by itself). Thread rule: any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "adapters/fulfillment/license_download/license_document.h"
#include "adapters/fulfillment/license_store.h"
#include "engine/ports/adapter.h"
#include "engine/ports/clock.h"

namespace vozex::fulfillment {

struct LicenseConfig {
  std::filesystem::path artefact_folder;
  std::string public_url = "http://127.0.0.1:8080";  // under which this installation is reached
  Duration link_life = std::chrono::hours{24};
  int max_downloads = 5;
};

struct IssueRequest {
  std::string tenant;
  std::string order_id;
  std::string order_item_id;
  std::string customer_id;
  std::string product_id;
  std::int64_t seats = 1;
  std::vector<std::string> features;
  std::string artefact;  // in the artefact folder; "" = <product_id>.zip
  std::string support_plan;
  std::optional<Duration> valid_for;    // nothing: for ever
  std::optional<Duration> updates_for;  // nothing: for life
};

struct Link {
  std::string url;
  Timestamp expires_at;
};

struct Issued {
  License license;
  Link link;
};

template <class T>
using LicenseReply = tl::expected<T, ports::CallError>;

class LicenseService {
 public:
  // `store` and `clock` must outlive this.
  LicenseService(LicenseStore& store,
                 const ports::Clock& clock,
                 SigningKey key,
                 LicenseConfig config);

  // Errors: no_artefact (the file to deliver isn't there), revoked (the item's licence was taken
  // back).
  LicenseReply<Issued> issue(const IssueRequest& request);
  // Errors of these: not_found, revoked.
  LicenseReply<License> set_status(const std::string& tenant,
                                   const std::string& license_id,
                                   LicenseStatus status);
  LicenseReply<Link> new_link(const std::string& tenant,
                              const std::string& license_id,
                              bool revoke_earlier);
  LicenseReply<std::optional<License>> of_item(const std::string& tenant,
                                               const std::string& order_item_id);

  const PublicKey& public_key() const { return key_.public_key(); }

 private:
  LicenseReply<Link> make_link(const License& license);
  License make_license(const IssueRequest& request, const std::string& artefact) const;

  LicenseStore& store_;
  const ports::Clock& clock_;
  SigningKey key_;
  LicenseConfig config_;
};

}  // namespace vozex::fulfillment
