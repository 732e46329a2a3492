// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/key_ring.h"

#include <openssl/crypto.h>

namespace vozex::handlers {

bool KeyRing::add(std::string name, std::string_view key) {
  if (key.size() < k_min_key_bytes) return false;
  keys_.push_back({std::move(name), sha256(key)});
  return true;
}

std::optional<std::string> KeyRing::find(std::string_view presented) const {
  const Sha256 digest = sha256(presented);
  const Key* found = nullptr;
  for (const Key& key : keys_) {  // all of them, always
    if (CRYPTO_memcmp(key.digest.data(), digest.data(), digest.size()) == 0) found = &key;
  }
  if (found == nullptr) return std::nullopt;
  return found->name;
}

}  // namespace vozex::handlers
