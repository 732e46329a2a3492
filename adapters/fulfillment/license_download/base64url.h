// SPDX-License-Identifier: Apache-2.0
//
// Base64url without padding (RFC 4648 section 5), by libsodium: keys, signatures and tokens as
// text. Thread rule: pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vozex::fulfillment {

std::string to_base64url(std::string_view bytes);
// Strict: one text per byte string.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace vozex::fulfillment
