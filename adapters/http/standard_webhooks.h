// SPDX-License-Identifier: Apache-2.0
//
// Standard Webhooks 1.0.0 (https://github.com/standard-webhooks/standard-webhooks,
// spec/standard-webhooks.md): HMAC-SHA256 over `id.timestamp.raw body`, as headers webhook-id,
// webhook-timestamp (unix seconds of the attempt) and webhook-signature (`v1,<base64>`, several
// separated by blanks). Only v1 is looked at. Secrets are `whsec_` and base64, prefix optional,
// padding optional; several are valid at once while one is rotated. The body is bytes: never parse
// and print it before verifying. Comparison takes constant time. Thread rule: pure. Tests:
// tests/unit/http, against the published vectors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/http_client.h"
#include "adapters/http/signing.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

namespace vozex::http {

// The key's bytes. Error `webhook_secret_invalid`: empty or no base64.
Result<std::string> parse_webhook_secret(std::string_view secret);

// The three headers of one attempt, one signature per key, newest key first. `id` must not hold a
// dot.
Headers sign_webhook(const std::vector<std::string>& keys,
                     std::string_view id,
                     Timestamp attempt_at,
                     std::string_view body);

// Returns the webhook-id. Errors, all class `refused`: webhook_header_missing,
// webhook_timestamp_invalid, webhook_too_old, webhook_too_new, webhook_signature_wrong; class
// `invalid`: webhook_secret_invalid (no secret is usable; an unusable one beside a usable one is
// passed over).
Result<std::string> verify_webhook(const std::vector<std::string>& secrets,
                                   const Headers& headers,
                                   std::string_view body,
                                   Timestamp now);

}  // namespace vozex::http
