// SPDX-License-Identifier: Apache-2.0
//
// What webhooks are signed with, computed here and not by the code that verifies them. Thread rule:
// pure.
#pragma once

#include <string>

namespace vozex::sandbox {

std::string base64(const std::string& bytes);
// Nothing of a text that is none.
std::string from_base64(const std::string& text);
std::string hex(const std::string& bytes);
std::string hmac_sha256(const std::string& key, const std::string& content);

}  // namespace vozex::sandbox
