// SPDX-License-Identifier: Apache-2.0
#include "adapters/http/signing.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>

#include "engine/base/assert.h"

namespace vozex::http {

std::string hmac_sha256(std::string_view key, std::string_view content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const auto* done = HMAC(EVP_sha256(),
                          key.data(),
                          static_cast<int>(key.size()),
                          reinterpret_cast<const unsigned char*>(content.data()),
                          content.size(),
                          digest.data(),
                          &size);
  VOZEX_ASSERT(done != nullptr && size == 32);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

bool same_in_constant_time(std::string_view given, std::string_view expected) {
  return given.size() == expected.size() &&
         CRYPTO_memcmp(given.data(), expected.data(), given.size()) == 0;
}

std::optional<std::int64_t> parse_unix_seconds(std::string_view text) {
  if (text.empty() || text.size() > 18 ||
      text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  std::int64_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds;
}

std::int64_t unix_seconds(Timestamp at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

Result<void> check_signing_time(std::int64_t signed_at_s, Timestamp now) {
  const auto tolerance =
      std::chrono::duration_cast<std::chrono::seconds>(k_webhook_tolerance).count();
  const auto age = unix_seconds(now) - signed_at_s;
  if (age > tolerance) {
    return fail(ErrorClass::refused, "webhook_too_old", "the webhook was signed too long ago");
  }
  if (age < -tolerance) {
    return fail(ErrorClass::refused, "webhook_too_new", "the webhook was signed in the future");
  }
  return {};
}

}  // namespace vozex::http
