// SPDX-License-Identifier: Apache-2.0
#include "adapters/system/secrets.h"

#include <cstdlib>
#include <fstream>

namespace vozex::system {
namespace {

constexpr std::size_t k_max_bytes = 64u << 10;

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(k_max_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return std::nullopt;
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > k_max_bytes) return std::nullopt;
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace

std::optional<std::string> SystemSecrets::get(std::string_view name) const {
  std::optional<std::string> secret;
  if (name.starts_with("env:")) {
    const char* text = std::getenv(std::string(name.substr(4)).c_str());
    if (text != nullptr) secret = text;
  } else if (name.starts_with("file:")) {
    secret = read_file(std::string(name.substr(5)));
  }
  return secret && !secret->empty() ? secret : std::nullopt;
}

}  // namespace vozex::system
