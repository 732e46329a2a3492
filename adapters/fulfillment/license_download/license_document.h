// SPDX-License-Identifier: Apache-2.0
//
// The licence document: a JSON object that proves offline what was bought. Members: format
// ("vozex-license-1"), license_id, key, product_id, order_id, order_item_id, customer_id, seats
// (int), features (list of strings), issued_at, optionally expires_at (absent: for ever),
// updates_until, support_plan, key_id (which public key), and signature: base64url of Ed25519 over
// the canonical bytes of all other members. Canonical: UTF-8 JSON, members sorted by code point, no
// blanks, integers only, strings escaped no more than JSON demands. So a document may be
// re-indented and still verifies. Thread rule: pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/fulfillment/license_download/signing_key.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

namespace vozex::fulfillment {

struct LicenseFacts {
  std::string license_id;
  std::string key;
  std::string product_id;
  std::string order_id;
  std::string order_item_id;
  std::string customer_id;
  std::int64_t seats = 1;
  std::vector<std::string> features;
  Timestamp issued_at;
  std::optional<Timestamp> expires_at;
  std::optional<Timestamp> updates_until;
  std::string support_plan;
};

std::string sign_license(const LicenseFacts& facts, const SigningKey& key);

// What the document says, when it is genuine and valid at `now`. Errors: license_malformed,
// license_unknown_key (signed with another key than this), license_signature_wrong,
// license_expired; all class `refused`.
Result<LicenseFacts> verify_license(std::string_view document, const PublicKey& key, Timestamp now);

}  // namespace vozex::fulfillment
