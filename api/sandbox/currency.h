// SPDX-License-Identifier: Apache-2.0
//
// Amounts as decimals of ISO 4217's currencies, exactly. Thread rule: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace vozex::sandbox {

// 0, 2 or 3.
int decimals_of(const std::string& currency);
// 4900 USD as "49.00".
std::string decimal_text(std::int64_t minor, const std::string& currency);
// "49" or "49.00" USD as 4900; nothing of what has too many decimals or is no number.
std::optional<std::int64_t> minor_of(const std::string& decimal, const std::string& currency);

}  // namespace vozex::sandbox
