// SPDX-License-Identifier: Apache-2.0
#include "engine/base/sha256.h"

#include <openssl/evp.h>

#include <memory>

#include "engine/base/assert.h"

namespace vozex {
namespace {

// Looking the algorithm up and making a context take longer than the digest of a short text.
const EVP_MD* algorithm() {
  static const EVP_MD* const found = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return found;
}

EVP_MD_CTX* own_context() {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  return context.get();
}

}  // namespace

Sha256 sha256(std::string_view bytes) {
  Sha256 digest{};
  EVP_MD_CTX* const context = own_context();
  const bool done = EVP_DigestInit_ex2(context, algorithm(), nullptr) == 1 &&
                    EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
                    EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1;
  VOZEX_ASSERT(done);
  return digest;
}

std::string sha256_hex(std::string_view bytes) {
  constexpr char k_digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(64);
  for (std::uint8_t byte : sha256(bytes)) {
    text += k_digits[byte >> 4];
    text += k_digits[byte & 15];
  }
  return text;
}

}  // namespace vozex
