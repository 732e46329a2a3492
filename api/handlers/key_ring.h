// SPDX-License-Identifier: Apache-2.0
//
// KeyRing: the API keys of this installation, kept as SHA-256 and compared in constant time: how
// long a comparison takes says nothing about a key. Thread rule: built before the server runs, read
// after.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/sha256.h"

namespace vozex::handlers {

class KeyRing {
 public:
  // Keys shorter than this are refused: they could be guessed.
  static constexpr std::size_t k_min_key_bytes = 16;

  // False when the key is too short.
  bool add(std::string name, std::string_view key);
  // Name of the key's owner; nothing when nobody has it.
  std::optional<std::string> find(std::string_view presented) const;
  bool empty() const { return keys_.empty(); }

 private:
  struct Key {
    std::string name;
    Sha256 digest;
  };
  std::vector<Key> keys_;
};

}  // namespace vozex::handlers
