// SPDX-License-Identifier: Apache-2.0
//
// LicenseStore: where licences and download links are kept. Two promises carry everything else: one
// licence per order item whoever asks how often, and a link's downloads are counted atomically.
// Errors are those of stores: unavailable, outcome_unknown (safe to repeat: every method is),
// corrupt. Thread rule: any thread. Implementations: memory_license_store.h,
// adapters/sqlite/license_store.h, adapters/postgres/license_store.h; one suite shows all
// (tests/unit/fulfillment/license_store_suite.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"

namespace vozex::fulfillment {

// Persisted: values are never reordered.
enum class LicenseStatus : std::uint8_t { active = 1, suspended = 2, revoked = 3 };
const char* to_string(LicenseStatus status);

struct License {
  std::string tenant;
  std::string license_id;
  std::string order_id;
  std::string order_item_id;
  std::string customer_id;
  std::string product_id;
  std::string key;
  LicenseStatus status = LicenseStatus::active;
  std::string artefact;  // relative to the artefact folder; "" when there is nothing to download
  std::string document;  // the signed licence document
  Timestamp issued_at;
  std::optional<Timestamp> expires_at;

  bool operator==(const License&) const = default;
};

struct DownloadLink {
  std::string token_hash;  // SHA-256 of the token, lower-case hex
  std::string tenant;
  std::string license_id;
  std::string artefact;
  Timestamp created_at;
  Timestamp expires_at;
  int max_downloads = 5;
};

// What a request wants of a link. `first`: bytes from the start, counted. `later`: bytes further
// on, the rest of a download that was counted; not counted, and good as long as the link has been
// used. `look`: none at all.
enum class Part : std::uint8_t { first = 1, later = 2, look = 3 };

enum class Verdict : std::uint8_t {
  granted = 1,
  expired = 2,
  used_up = 3,
  revoked = 4,
  unknown = 5,
  suspended = 6
};
const char* to_string(Verdict verdict);

// Everything but the verdict is set only when granted.
struct DownloadGrant {
  Verdict verdict = Verdict::unknown;
  std::string artefact;
  std::string license_id;
  int remaining = 0;  // downloads left after this one
};

class LicenseStore {
 public:
  virtual ~LicenseStore() = default;

  // Keeps the licence, or returns the one that this tenant's order item has already.
  virtual Result<License> put_issue(const License& license) = 0;
  virtual Result<std::optional<License>> get(std::string_view tenant,
                                             std::string_view license_id) = 0;
  virtual Result<std::optional<License>> get_by_item(std::string_view tenant,
                                                     std::string_view order_item_id) = 0;
  // Newest first, at most 1,000.
  virtual Result<std::vector<License>> of_customer(std::string_view tenant,
                                                   std::string_view customer_id) = 0;
  // Error license_not_found (not_found), license_revoked (refused: a revoked one stays so).
  // Revoking revokes its links.
  virtual Result<License> set_status(std::string_view tenant,
                                     std::string_view license_id,
                                     LicenseStatus status) = 0;

  virtual Result<bool> create_link(const DownloadLink& link) = 0;
  // True when there was something to revoke.
  virtual Result<bool> revoke_links(std::string_view tenant, std::string_view license_id) = 0;
  // Judged and counted in one atomic step. The order of reasons: unknown, revoked (the link, or its
  // licence), suspended (its licence rests), expired, used_up.
  virtual Result<DownloadGrant> take_download(std::string_view token_hash,
                                              Timestamp now,
                                              Part part) = 0;
};

// The rule of take_download, for every implementation: whether the state of a link allows the part.
struct LinkState {
  bool revoked = false;  // the link itself, or it has no licence
  LicenseStatus license = LicenseStatus::active;
  Timestamp expires_at;
  int used = 0;
  int max_downloads = 0;
};
Verdict judge(const LinkState& link, Timestamp now, Part part);

}  // namespace vozex::fulfillment
