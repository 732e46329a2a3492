// SPDX-License-Identifier: Apache-2.0
#include "adapters/fulfillment/license_download/license_service.h"

#include <sodium.h>

#include <array>

#include "adapters/fulfillment/download_service.h"
#include "adapters/fulfillment/license_download/license_key.h"
#include "engine/base/assert.h"
#include "engine/base/base64.h"
#include "engine/base/sha256.h"

namespace vozex::fulfillment {
namespace {

std::string random_text(std::size_t bytes) {
  VOZEX_ASSERT(sodium_init() >= 0);
  std::string raw(bytes, '\0');
  randombytes_buf(raw.data(), raw.size());
  return base64url(raw);
}

ports::CallError error_of(std::string code, std::string message) {
  ports::CallError error;
  error.code = std::move(code);
  error.message = std::move(message);
  return error;
}

// Every use of the store may be repeated, so an unknown outcome is merely unavailable.
ports::CallError error_of(const Error& fault) {
  if (fault.kind == ErrorClass::not_found) return error_of("not_found", fault.message);
  if (fault.kind == ErrorClass::refused) return error_of("revoked", fault.message);
  const bool again = fault.kind == ErrorClass::unavailable ||
                     fault.kind == ErrorClass::outcome_unknown ||
                     fault.kind == ErrorClass::conflict;
  auto error = error_of(again ? "unavailable" : "internal", fault.message);
  error.retryable = again;
  return error;
}

}  // namespace

LicenseService::LicenseService(LicenseStore& store,
                               const ports::Clock& clock,
                               SigningKey key,
                               LicenseConfig config)
    : store_(store), clock_(clock), key_(std::move(key)), config_(std::move(config)) {
  while (config_.public_url.ends_with('/')) config_.public_url.pop_back();
}

License LicenseService::make_license(const IssueRequest& request,
                                     const std::string& artefact) const {
  License license;
  license.tenant = request.tenant;
  license.license_id = "lic_" + random_text(15);
  license.order_id = request.order_id;
  license.order_item_id = request.order_item_id;
  license.customer_id = request.customer_id;
  license.product_id = request.product_id;
  license.key = new_license_key();
  license.artefact = artefact;
  license.issued_at = std::chrono::floor<std::chrono::seconds>(clock_.now());
  if (request.valid_for) license.expires_at = license.issued_at + *request.valid_for;
  LicenseFacts facts;
  facts.license_id = license.license_id;
  facts.key = license.key;
  facts.product_id = license.product_id;
  facts.order_id = license.order_id;
  facts.order_item_id = license.order_item_id;
  facts.customer_id = license.customer_id;
  facts.seats = request.seats;
  facts.features = request.features;
  facts.issued_at = license.issued_at;
  facts.expires_at = license.expires_at;
  if (request.updates_for) facts.updates_until = license.issued_at + *request.updates_for;
  facts.support_plan = request.support_plan;
  license.document = sign_license(facts, key_);
  return license;
}

LicenseReply<Issued> LicenseService::issue(const IssueRequest& request) {
  auto kept = store_.get_by_item(request.tenant, request.order_item_id);
  if (!kept) return tl::unexpected(error_of(kept.error()));
  if (!kept->has_value()) {
    const std::string artefact =
        request.artefact.empty() ? request.product_id + ".zip" : request.artefact;
    if (!find_artefact(config_.artefact_folder, artefact)) {
      return tl::unexpected(error_of(
          "no_artefact", "there is no file " + artefact + " to deliver in the artefact folder"));
    }
    auto put = store_.put_issue(make_license(request, artefact));
    if (!put) return tl::unexpected(error_of(put.error()));
    *kept = *std::move(put);
  }
  if ((*kept)->status == LicenseStatus::revoked) {
    return tl::unexpected(error_of("revoked", "the licence of this order item was revoked"));
  }
  auto link = make_link(**kept);
  if (!link) return tl::unexpected(link.error());
  return Issued{**std::move(kept), *std::move(link)};
}

LicenseReply<Link> LicenseService::make_link(const License& license) {
  const std::string token = random_text(32);
  DownloadLink link;
  link.token_hash = sha256_hex(token);
  link.tenant = license.tenant;
  link.license_id = license.license_id;
  link.artefact = license.artefact;
  link.created_at = clock_.now();
  link.expires_at = link.created_at + config_.link_life;
  link.max_downloads = config_.max_downloads;
  const auto created = store_.create_link(link);
  if (!created) return tl::unexpected(error_of(created.error()));
  return Link{config_.public_url + "/download/" + token, link.expires_at};
}

LicenseReply<License> LicenseService::set_status(const std::string& tenant,
                                                 const std::string& license_id,
                                                 LicenseStatus status) {
  auto license = store_.set_status(tenant, license_id, status);
  if (!license) return tl::unexpected(error_of(license.error()));
  return *std::move(license);
}

LicenseReply<Link> LicenseService::new_link(const std::string& tenant,
                                            const std::string& license_id,
                                            bool revoke_earlier) {
  const auto license = store_.get(tenant, license_id);
  if (!license) return tl::unexpected(error_of(license.error()));
  if (!license->has_value())
    return tl::unexpected(error_of("not_found", "there is no licence " + license_id));
  if ((*license)->status != LicenseStatus::active) {
    const bool revoked = (*license)->status == LicenseStatus::revoked;
    return tl::unexpected(error_of(revoked ? "revoked" : "suspended", "the licence is not active"));
  }
  if (revoke_earlier) {
    const auto gone = store_.revoke_links(tenant, license_id);
    if (!gone) return tl::unexpected(error_of(gone.error()));
  }
  return make_link(**license);
}

LicenseReply<std::optional<License>> LicenseService::of_item(const std::string& tenant,
                                                             const std::string& order_item_id) {
  auto license = store_.get_by_item(tenant, order_item_id);
  if (!license) return tl::unexpected(error_of(license.error()));
  return *std::move(license);
}

}  // namespace vozex::fulfillment
