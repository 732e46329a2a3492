// SPDX-License-Identifier: Apache-2.0
#include "adapters/fulfillment/license_download/signing_key.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "engine/base/assert.h"
#include "engine/base/base64.h"
#include "engine/base/sha256.h"

namespace vozex::fulfillment {
namespace {

namespace fs = std::filesystem;
using Seed = std::array<std::uint8_t, 32>;

constexpr std::string_view k_seed_prefix = "ed25519-seed:";
constexpr std::string_view k_public_prefix = "ed25519:";

std::optional<Seed> parse_bytes(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  const auto bytes = parse_base64url(text.substr(prefix.size()));
  Seed out{};
  if (!bytes || bytes->size() != out.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), out.begin());
  return out;
}

std::string_view view(const Seed& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Written beside and linked into place, so that of two first starts one wins and both read the
// winner's.
bool create(const fs::path& file) {
  Seed seed{};
  randombytes_buf(seed.data(), seed.size());
  std::string line = std::string(k_seed_prefix) + base64url(view(seed)) + "\n";
  std::string pattern = file.string() + ".XXXXXX";
  const int fd = ::mkstemp(pattern.data());  // mode 0600
  bool done = fd >= 0;
  if (done) {
    done = ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
           ::fsync(fd) == 0;
    ::close(fd);
    done = done && (::link(pattern.c_str(), file.c_str()) == 0 || errno == EEXIST);
    ::unlink(pattern.c_str());
  }
  sodium_memzero(seed.data(), seed.size());
  sodium_memzero(line.data(), line.size());
  return done;
}

}  // namespace

Result<PublicKey> PublicKey::parse(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  const auto bytes = parse_bytes(text, k_public_prefix);
  if (!bytes) {
    return fail(ErrorClass::invalid,
                "public_key_malformed",
                "a public key is ed25519: and 43 characters of base64url");
  }
  return PublicKey(*bytes);
}

std::string PublicKey::text() const {
  return std::string(k_public_prefix) + base64url(view(bytes_));
}

std::string PublicKey::id() const { return sha256_hex(view(bytes_)).substr(0, 16); }

bool PublicKey::verifies(std::string_view message, std::string_view signature) const {
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(reinterpret_cast<const unsigned char*>(signature.data()),
                                     reinterpret_cast<const unsigned char*>(message.data()),
                                     message.size(),
                                     bytes_.data()) == 0;
}

SigningKey::SigningKey(const Seed& seed) : public_(Seed{}) {
  Seed bytes{};
  VOZEX_ASSERT(crypto_sign_seed_keypair(bytes.data(), secret_.data(), seed.data()) == 0);
  public_ = PublicKey(bytes);
}

SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

Result<SigningKey> SigningKey::load_or_create(const fs::path& file) {
  VOZEX_ASSERT(sodium_init() >= 0);
  const auto unreadable = [&](const char* what) {
    return fail(
        ErrorClass::unavailable, "signing_key_unreadable", std::string(what) + " " + file.string());
  };
  std::error_code fault;
  if (!fs::exists(file, fault)) {
    if (file.has_parent_path()) fs::create_directories(file.parent_path(), fault);
    if (!create(file)) return unreadable("can't create the signing key");
  }
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) return unreadable("can't read the signing key");
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(ErrorClass::refused,
                "signing_key_exposed",
                "others may read the signing key: chmod 600 " + file.string());
  }
  std::ifstream stream(file);
  std::string line;
  if (!std::getline(stream, line)) return unreadable("can't read the signing key");
  auto seed = parse_bytes(line, k_seed_prefix);
  sodium_memzero(line.data(), line.size());
  if (!seed) {
    return fail(ErrorClass::corrupt,
                "signing_key_malformed",
                "expected ed25519-seed:<base64url> in " + file.string());
  }
  SigningKey key(*seed);
  sodium_memzero(seed->data(), seed->size());
  return key;
}

std::string SigningKey::sign(std::string_view message) const {
  std::string signature(crypto_sign_BYTES, '\0');
  VOZEX_ASSERT(crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()),
                                    nullptr,
                                    reinterpret_cast<const unsigned char*>(message.data()),
                                    message.size(),
                                    secret_.data()) == 0);
  return signature;
}

}  // namespace vozex::fulfillment
