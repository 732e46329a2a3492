// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/stripe/signature.h"

#include "adapters/http/signing.h"

namespace vozex::payments {
namespace {

constexpr std::size_t k_max_entries = 20;

Failure refused(std::string code, std::string message) {
  return fail(ErrorClass::refused, std::move(code), std::move(message));
}

struct Signed {
  std::string_view timestamp;
  std::vector<std::string_view> digests;  // of scheme v1
};

Signed parse_header(std::string_view header) {
  Signed out;
  for (std::size_t count = 0; !header.empty() && count < k_max_entries; ++count) {
    const auto comma = header.find(',');
    const auto entry = header.substr(0, comma);
    header = comma == std::string_view::npos ? std::string_view{} : header.substr(comma + 1);
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    const auto name = entry.substr(0, equals);
    const auto value = entry.substr(equals + 1);
    if (name == "t") out.timestamp = value;
    if (name == "v1" && !value.empty()) out.digests.push_back(value);
  }
  return out;
}

}  // namespace

std::string stripe_digest(std::string_view secret, std::string_view content) {
  const std::string digest = http::hmac_sha256(secret, content);
  constexpr std::string_view k_hex = "0123456789abcdef";
  std::string text;
  for (const char byte : digest) {
    text += k_hex[static_cast<unsigned char>(byte) >> 4];
    text += k_hex[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

std::string sign_stripe(const std::vector<std::string>& secrets,
                        Timestamp attempt_at,
                        std::string_view body) {
  const std::string timestamp = std::to_string(http::unix_seconds(attempt_at));
  std::string header = "t=" + timestamp;
  for (const auto& secret : secrets)
    header += ",v1=" + stripe_digest(secret, timestamp + "." + std::string(body));
  return header;
}

Result<void> verify_stripe(const std::vector<std::string>& secrets,
                           const http::Headers& headers,
                           std::string_view body,
                           Timestamp now) {
  const auto* header = http::find_header(headers, "stripe-signature");
  if (header == nullptr || header->empty())
    return refused("webhook_header_missing", "expected the header Stripe-Signature");
  const Signed said = parse_header(*header);
  const auto sent_at = http::parse_unix_seconds(said.timestamp);
  if (!sent_at)
    return refused("webhook_timestamp_invalid", "Stripe-Signature must have t= with unix seconds");
  if (said.digests.empty())
    return refused("webhook_header_missing", "Stripe-Signature must have a signature v1=");
  if (const auto in_time = http::check_signing_time(*sent_at, now); !in_time)
    return tl::unexpected(in_time.error());
  const std::string content = std::string(said.timestamp) + "." + std::string(body);
  bool usable = false;
  bool found = false;
  for (const auto& secret : secrets) {
    if (secret.empty()) continue;
    usable = true;
    const std::string expected = stripe_digest(secret, content);
    for (const auto digest : said.digests)
      found = http::same_in_constant_time(digest, expected) || found;
  }
  if (!usable) {
    return fail(ErrorClass::invalid,
                "webhook_secret_invalid",
                "there is no usable secret to verify webhooks of Stripe with");
  }
  if (!found)
    return refused("webhook_signature_wrong",
                   "no signature of the webhook fits any of our secrets");
  return {};
}

}  // namespace vozex::payments
