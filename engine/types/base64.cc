// SPDX-License-Identifier: Apache-2.0
#include "engine/types/base64.h"

#include <cstdint>

namespace vozex::types {
namespace {

constexpr std::string_view k_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::uint32_t octet(std::string_view octets, std::size_t at) {
  return at < octets.size() ? static_cast<std::uint8_t>(octets[at]) : 0;
}

}  // namespace

void append_base64(std::string& out, std::string_view octets) {
  out.reserve(out.size() + (octets.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < octets.size(); at += 3) {
    const std::uint32_t group =
        octet(octets, at) << 16 | octet(octets, at + 1) << 8 | octet(octets, at + 2);
    out += k_alphabet[group >> 18];
    out += k_alphabet[group >> 12 & 63];
    out += at + 1 < octets.size() ? k_alphabet[group >> 6 & 63] : '=';
    out += at + 2 < octets.size() ? k_alphabet[group & 63] : '=';
  }
}

std::optional<std::string> parse_base64(std::string_view text) {
  std::string octets;
  octets.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text.substr(0, text.find('='))) {
    const std::size_t digit = k_alphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    octets += static_cast<char>(bits >> count & 0xFF);
  }
  // One comparison refuses wrong padding, stray bits and what follows the padding.
  std::string canonical;
  append_base64(canonical, octets);
  if (canonical != text) return std::nullopt;
  return octets;
}

}  // namespace vozex::types
