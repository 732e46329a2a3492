// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/crypto.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "engine/base/assert.h"

namespace vozex::sandbox {
namespace {

const unsigned char* bytes_of(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string base64(const std::string& bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length =
      EVP_EncodeBlock(bytes_of(out), bytes_of(bytes), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

std::string from_base64(const std::string& text) {
  if (text.empty() || text.size() % 4 != 0) return "";
  std::string out(text.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(bytes_of(out), bytes_of(text), static_cast<int>(text.size()));
  if (length < 0) return "";
  out.resize(out.size() - static_cast<std::size_t>(std::count(text.end() - 2, text.end(), '=')));
  return out;
}

std::string hex(const std::string& bytes) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += k_digits[static_cast<unsigned char>(c) >> 4];
    out += k_digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string hmac_sha256(const std::string& key, const std::string& content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  VOZEX_ASSERT(HMAC(EVP_sha256(),
                    key.data(),
                    static_cast<int>(key.size()),
                    bytes_of(content),
                    content.size(),
                    digest.data(),
                    &size) != nullptr);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace vozex::sandbox
