// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/stripe/signature.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <optional>

#include "adapters/http/standard_webhooks.h"
#include "engine/base/assert.h"

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

// Digits only, at most 18 of them: fits int64 whatever they are.
std::optional<std::int64_t> parse_seconds(std::string_view text) {
  if (text.empty() || text.size() > 18 ||
      text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  std::int64_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds;
}

bool matches(std::string_view given, std::string_view expected) {
  return given.size() == expected.size() &&
         CRYPTO_memcmp(given.data(), expected.data(), given.size()) == 0;
}

std::int64_t seconds_of(Timestamp at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

}  // namespace

std::string stripe_digest(std::string_view secret, std::string_view content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const auto* done = HMAC(EVP_sha256(),
                          secret.data(),
                          static_cast<int>(secret.size()),
                          reinterpret_cast<const unsigned char*>(content.data()),
                          content.size(),
                          digest.data(),
                          &size);
  VOZEX_ASSERT(done != nullptr && size == 32);
  constexpr std::string_view k_hex = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += k_hex[digest[i] >> 4];
    text += k_hex[digest[i] & 15];
  }
  return text;
}

std::string sign_stripe(const std::vector<std::string>& secrets,
                        Timestamp attempt_at,
                        std::string_view body) {
  const std::string timestamp = std::to_string(seconds_of(attempt_at));
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
  const auto sent_at = parse_seconds(said.timestamp);
  if (!sent_at)
    return refused("webhook_timestamp_invalid", "Stripe-Signature must have t= with unix seconds");
  if (said.digests.empty())
    return refused("webhook_header_missing", "Stripe-Signature must have a signature v1=");
  const auto tolerance =
      std::chrono::duration_cast<std::chrono::seconds>(http::k_webhook_tolerance).count();
  const auto age = seconds_of(now) - *sent_at;
  if (age > tolerance) return refused("webhook_too_old", "the webhook was signed too long ago");
  if (age < -tolerance) return refused("webhook_too_new", "the webhook was signed in the future");
  const std::string content = std::string(said.timestamp) + "." + std::string(body);
  bool usable = false;
  bool found = false;
  for (const auto& secret : secrets) {
    if (secret.empty()) continue;
    usable = true;
    const std::string expected = stripe_digest(secret, content);
    for (const auto digest : said.digests) found = matches(digest, expected) || found;
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
