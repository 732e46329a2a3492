// SPDX-License-Identifier: Apache-2.0
//
// The key that signs licence documents (Ed25519, libsodium). It lives in one file of one line,
// `ed25519-seed:<base64url>`, mode 0600, made on first start; losing it means that documents issued
// before can still be verified but no new ones fit the published key, so it belongs into the
// back-up. The public half is published. Thread rule: immutable.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace vozex::fulfillment {

class PublicKey {
 public:
  // `ed25519:<base64url of 32 bytes>`.
  static Result<PublicKey> parse(std::string_view text);
  explicit PublicKey(const std::array<std::uint8_t, 32>& bytes) : bytes_(bytes) {}

  std::string text() const;
  // Names the key in documents: 16 hex digits of its SHA-256.
  std::string id() const;
  bool verifies(std::string_view message, std::string_view signature) const;

 private:
  std::array<std::uint8_t, 32> bytes_;
};

class SigningKey {
 public:
  // Errors: signing_key_unreadable, signing_key_exposed (others may read the file),
  // signing_key_malformed.
  static Result<SigningKey> load_or_create(const std::filesystem::path& file);
  ~SigningKey();
  SigningKey(SigningKey&&) = default;
  SigningKey& operator=(SigningKey&&) = default;
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;

  const PublicKey& public_key() const { return public_; }
  // 64 bytes.
  std::string sign(std::string_view message) const;

 private:
  explicit SigningKey(const std::array<std::uint8_t, 32>& seed);

  std::array<std::uint8_t, 64> secret_{};
  PublicKey public_;
};

}  // namespace vozex::fulfillment
