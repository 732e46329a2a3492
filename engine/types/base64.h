// SPDX-License-Identifier: Apache-2.0
//
// Base64 of RFC 4648 section 4: the standard alphabet, padded. Tests: tests/unit/types.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vozex::types {

void append_base64(std::string& out, std::string_view octets);

// Nothing unless the text is exactly what append_base64 would have written.
std::optional<std::string> parse_base64(std::string_view text);

}  // namespace vozex::types
