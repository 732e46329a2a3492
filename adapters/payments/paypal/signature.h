// SPDX-License-Identifier: Apache-2.0
//
// What PayPal signs of a webhook (https://developer.paypal.com/api/rest/webhooks/rest/): RSA
// PKCS#1 v1.5 with SHA-256 over `transmission id|transmission time|webhook id|CRC-32 of the raw
// body in decimal`, with the key of a certificate that a header names. The webhook id is ours,
// never the request's. A CRC can be forged: a signature alone proves a transmission, not a body
// (transmissions.h, complete_webhook). Thread rule: pure. Tests:
// tests/unit/payments/paypal_webhooks_test.cc, against published vectors.
#pragma once

#include <string>
#include <string_view>

#include "adapters/http/http_client.h"
#include "adapters/payments/settings.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

namespace vozex::payments {

// PayPal repeats an event for three days; whether a repetition is signed anew isn't documented.
inline constexpr Duration k_paypal_tolerance = std::chrono::hours{24 * 4};

struct Transmission {
  std::string id;
  std::string time;       // as it was sent: it is part of what is signed
  std::string signature;  // bytes
  std::string certificate_url;
};

// Errors, class `refused`: webhook_header_missing, webhook_algorithm_unknown (SHA256withRSA is the
// only one), webhook_timestamp_invalid, webhook_too_old, webhook_too_new, webhook_signature_wrong
// (no base64).
Result<Transmission> read_transmission(const http::Headers& headers, Timestamp now);

// Which certificates are fetched: PayPal's own hosts of the environment, https, the documented
// path, nothing else in the URL; or those of `origin` ("http://127.0.0.1:9100") when it isn't
// empty. The result is the certificate's name ("CERT-360caa42-..."). Error, class `refused`:
// webhook_certificate_url.
Result<std::string> certificate_name(std::string_view url,
                                     Environment environment,
                                     std::string_view origin);

// CRC-32 as zlib has it, unsigned decimal.
std::string crc32_decimal(std::string_view bytes);

std::string signed_text(const Transmission& transmission,
                        std::string_view webhook_id,
                        std::string_view body);

}  // namespace vozex::payments
