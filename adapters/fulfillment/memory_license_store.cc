// SPDX-License-Identifier: Apache-2.0
#include "adapters/fulfillment/memory_license_store.h"

namespace vozex::fulfillment {

constexpr std::size_t k_max_listed = 1000;

Result<License> MemoryLicenseStore::put_issue(const License& license) {
  const std::lock_guard lock(mutex_);
  for (const auto& kept : licenses_) {
    if (kept.tenant == license.tenant && kept.order_item_id == license.order_item_id) return kept;
  }
  licenses_.push_back(license);
  return license;
}

License* MemoryLicenseStore::find(std::string_view tenant, std::string_view license_id) {
  for (auto& license : licenses_) {
    if (license.tenant == tenant && license.license_id == license_id) return &license;
  }
  return nullptr;
}

Result<std::optional<License>> MemoryLicenseStore::get(std::string_view tenant,
                                                       std::string_view license_id) {
  const std::lock_guard lock(mutex_);
  const License* license = find(tenant, license_id);
  return license == nullptr ? std::nullopt : std::optional(*license);
}

Result<std::optional<License>> MemoryLicenseStore::get_by_item(std::string_view tenant,
                                                               std::string_view order_item_id) {
  const std::lock_guard lock(mutex_);
  for (const auto& license : licenses_) {
    if (license.tenant == tenant && license.order_item_id == order_item_id)
      return std::optional(license);
  }
  return std::optional<License>();
}

Result<std::vector<License>> MemoryLicenseStore::of_customer(std::string_view tenant,
                                                             std::string_view customer_id) {
  const std::lock_guard lock(mutex_);
  std::vector<License> found;
  for (auto it = licenses_.rbegin(); it != licenses_.rend() && found.size() < k_max_listed; ++it) {
    if (it->tenant == tenant && it->customer_id == customer_id) found.push_back(*it);
  }
  return found;
}

Result<License> MemoryLicenseStore::set_status(std::string_view tenant,
                                               std::string_view license_id,
                                               LicenseStatus status) {
  const std::lock_guard lock(mutex_);
  License* license = find(tenant, license_id);
  if (license == nullptr)
    return fail(ErrorClass::not_found, "license_not_found", "there is no such licence");
  if (license->status == LicenseStatus::revoked && status != LicenseStatus::revoked) {
    return fail(
        ErrorClass::refused, "license_revoked", "a revoked licence stays revoked: issue a new one");
  }
  license->status = status;
  if (status == LicenseStatus::revoked) revoke_links_locked(tenant, license_id);
  return *license;
}

Result<bool> MemoryLicenseStore::create_link(const DownloadLink& link) {
  const std::lock_guard lock(mutex_);
  return links_.try_emplace(link.token_hash, Link{link}).second;
}

bool MemoryLicenseStore::revoke_links_locked(std::string_view tenant, std::string_view license_id) {
  bool any = false;
  for (auto& [hash, entry] : links_) {
    if (entry.link.tenant != tenant || entry.link.license_id != license_id || entry.revoked)
      continue;
    entry.revoked = true;
    any = true;
  }
  return any;
}

Result<bool> MemoryLicenseStore::revoke_links(std::string_view tenant,
                                              std::string_view license_id) {
  const std::lock_guard lock(mutex_);
  return revoke_links_locked(tenant, license_id);
}

Result<DownloadGrant> MemoryLicenseStore::take_download(std::string_view token_hash,
                                                        Timestamp now,
                                                        Part part) {
  const std::lock_guard lock(mutex_);
  const auto found = links_.find(token_hash);
  if (found == links_.end()) return DownloadGrant{};
  Link& entry = found->second;
  const License* license = find(entry.link.tenant, entry.link.license_id);
  const LinkState state{entry.revoked || license == nullptr,
                        license == nullptr ? LicenseStatus::revoked : license->status,
                        entry.link.expires_at,
                        entry.used,
                        entry.link.max_downloads};
  DownloadGrant grant;
  grant.verdict = judge(state, now, part);
  if (grant.verdict != Verdict::granted) return grant;
  if (part == Part::first) ++entry.used;
  grant.artefact = entry.link.artefact;
  grant.license_id = entry.link.license_id;
  grant.remaining = entry.link.max_downloads - entry.used;
  return grant;
}

}  // namespace vozex::fulfillment
