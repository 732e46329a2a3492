// SPDX-License-Identifier: Apache-2.0
//
// Stripe's webhook signature (https://docs.stripe.com/webhooks#verify-manually): `Stripe-Signature:
// t=<unix seconds>,v1=<hex>[,v1=<hex>...]`, HMAC-SHA256 over `t.raw body`. The key is the secret's
// text as it is, `whsec_` included. Several v1 while a secret is rolled; other schemes are passed
// over (v0 is a decoy of test mode). Too old and too new are refused. Thread rule: pure. Tests:
// tests/unit/payments/stripe_webhooks_test.cc, against published vectors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/http_client.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

namespace vozex::payments {

// HMAC-SHA256 in lower-case hex.
std::string stripe_digest(std::string_view secret, std::string_view content);

// The header of one attempt, one signature per secret.
std::string sign_stripe(const std::vector<std::string>& secrets,
                        Timestamp attempt_at,
                        std::string_view body);

// Errors, class `refused`: webhook_header_missing, webhook_timestamp_invalid, webhook_too_old,
// webhook_too_new, webhook_signature_wrong; class `invalid`: webhook_secret_invalid (every secret
// is empty).
Result<void> verify_stripe(const std::vector<std::string>& secrets,
                           const http::Headers& headers,
                           std::string_view body,
                           Timestamp now);

}  // namespace vozex::payments
