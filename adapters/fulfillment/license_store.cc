// SPDX-License-Identifier: Apache-2.0
#include "adapters/fulfillment/license_store.h"

#include "engine/base/assert.h"

namespace vozex::fulfillment {

const char* to_string(LicenseStatus status) {
  switch (status) {
    case LicenseStatus::active: return "active";
    case LicenseStatus::suspended: return "suspended";
    case LicenseStatus::revoked: return "revoked";
  }
  VOZEX_ASSERT(!"a licence status has a word");
}

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::granted: return "granted";
    case Verdict::expired: return "expired";
    case Verdict::used_up: return "used_up";
    case Verdict::revoked: return "revoked";
    case Verdict::unknown: return "unknown";
    case Verdict::suspended: return "suspended";
  }
  VOZEX_ASSERT(!"a verdict has a word");
}

Verdict judge(const LinkState& link, Timestamp now, Part part) {
  if (link.revoked || link.license == LicenseStatus::revoked) return Verdict::revoked;
  if (link.license == LicenseStatus::suspended) return Verdict::suspended;
  if (now >= link.expires_at) return Verdict::expired;
  if (part == Part::later && link.used > 0) return Verdict::granted;
  // Also `later` of a link nobody began to use: bytes must not be had without being counted.
  if (link.used >= link.max_downloads || part == Part::later) return Verdict::used_up;
  return Verdict::granted;
}

}  // namespace vozex::fulfillment
