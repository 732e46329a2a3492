// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 (FIPS 180-4, by OpenSSL) of bytes in memory, and its first 128 bits as a key.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace vozex {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);

// Lower-case hexadecimal of all 32 bytes.
std::string sha256_hex(std::string_view bytes);

}  // namespace vozex
