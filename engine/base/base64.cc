// SPDX-License-Identifier: Apache-2.0
#include "engine/base/base64.h"

#include <cstdint>

namespace vozex {
namespace {

constexpr std::string_view k_standard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view k_url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : bytes) {
    buffer = (buffer << 8) | static_cast<unsigned char>(c);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out += alphabet[(buffer >> bits) & 63];
    }
  }
  if (bits > 0) out += alphabet[(buffer << (6 - bits)) & 63];
  return out;
}

std::optional<std::string> decode(std::string_view text,
                                  std::string_view alphabet,
                                  Base64Form form) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    buffer = (buffer << 6) | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>((buffer >> bits) & 255);
    }
  }
  if (form == Base64Form::strict && (buffer & ((1u << bits) - 1)) != 0) return std::nullopt;
  return out;
}

}  // namespace

std::string base64(std::string_view bytes) {
  auto out = encode(bytes, k_standard);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

std::string base64url(std::string_view bytes) { return encode(bytes, k_url); }

std::optional<std::string> parse_base64(std::string_view text, Base64Form form) {
  const auto end = text.find('=');
  if (end == std::string_view::npos) {
    if (text.size() % 4 != 0 && form == Base64Form::strict) return std::nullopt;
    return decode(text, k_standard, form);
  }
  const auto padding = text.substr(end);
  if (text.size() % 4 != 0 || (padding != "=" && padding != "==")) return std::nullopt;
  return decode(text.substr(0, end), k_standard, form);
}

std::optional<std::string> parse_base64url(std::string_view text) {
  return decode(text, k_url, Base64Form::strict);
}

}  // namespace vozex
