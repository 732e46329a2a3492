// SPDX-License-Identifier: Apache-2.0
#include "adapters/fulfillment/license_download/license_key.h"

#include <sodium.h>

#include <array>
#include <cctype>
#include <cstdint>

#include "engine/base/assert.h"

namespace vozex::fulfillment {
namespace {

constexpr std::string_view k_digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view k_check_digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";
constexpr std::size_t k_symbols = 24;  // 120 bits
constexpr std::size_t k_group = 5;

char check_symbol(std::string_view symbols) {
  std::size_t remainder = 0;
  for (const char c : symbols) remainder = (remainder * 32 + k_digits.find(c)) % 37;
  return k_check_digits[remainder];
}

std::string grouped(std::string_view symbols) {
  std::string out;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (i > 0 && i % k_group == 0) out += '-';
    out += symbols[i];
  }
  return out;
}

char canonical(char c) {
  const auto upper = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (upper == 'O') return '0';
  if (upper == 'I' || upper == 'L') return '1';
  return upper;
}

}  // namespace

std::string new_license_key() {
  VOZEX_ASSERT(sodium_init() >= 0);
  std::array<std::uint8_t, k_symbols> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  std::string symbols;
  for (const auto byte : bytes) symbols += k_digits[byte & 31];  // five of its eight bits
  symbols += check_symbol(symbols);
  return grouped(symbols);
}

std::optional<std::string> normalise_license_key(std::string_view text) {
  std::string symbols;
  for (const char c : text) {
    if (c == '-' || c == ' ') continue;
    if (symbols.size() == k_symbols + 1) return std::nullopt;
    symbols += canonical(c);
  }
  if (symbols.size() != k_symbols + 1) return std::nullopt;
  const std::string_view body = std::string_view(symbols).substr(0, k_symbols);
  if (body.find_first_not_of(k_digits) != std::string_view::npos) return std::nullopt;
  if (symbols.back() != check_symbol(body)) return std::nullopt;
  return grouped(symbols);
}

}  // namespace vozex::fulfillment
