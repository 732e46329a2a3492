// SPDX-License-Identifier: Apache-2.0
//
// Base64 (RFC 4648): the standard alphabet with padding, and the URL alphabet without. Reading is
// strict: one text per byte string (no blanks, no foreign letters, spare bits zero). Thread rule:
// pure. Tests: tests/unit/base.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vozex {

std::string base64(std::string_view bytes);
std::string base64url(std::string_view bytes);

// lenient: padding may be left out and spare bits are ignored, as secrets in the wild have it;
// wrong padding never passes.
enum class Base64Form { strict, lenient };
std::optional<std::string> parse_base64(std::string_view text,
                                        Base64Form form = Base64Form::strict);
std::optional<std::string> parse_base64url(std::string_view text);

}  // namespace vozex
