// SPDX-License-Identifier: Apache-2.0
//
// Licence keys people can read aloud: 120 random bits and a check symbol in Crockford's base32
// (https://www.crockford.com/base32.html), five groups of five: `7ZK2M-...`. Reading forgives case,
// missing or extra hyphens and blanks, O for 0, I and L for 1; the check symbol (modulo 37) catches
// every single wrong symbol and every swap of neighbours. Thread rule: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vozex::fulfillment {

// From libsodium's generator.
std::string new_license_key();

// The key as it was issued; nothing when the check fails.
std::optional<std::string> normalise_license_key(std::string_view text);

}  // namespace vozex::fulfillment
