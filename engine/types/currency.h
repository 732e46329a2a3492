// SPDX-License-Identifier: Apache-2.0
//
// The currencies of ISO 4217 (list one, 2026-01) in which something can be paid, and how many
// digits their minor units have. Metals, funds that nobody is paid in (XDR, XSU, XUA), XTS and XXX
// are left out; what was money until lately (ANG, BGN) is in: it is given back in refunds. Thread
// rule: pure. Tests: tests/unit/types/currency_test.cc.
#pragma once

#include <optional>
#include <string_view>

namespace vozex::types {

// Digits after the point, 0 to 4; nothing for what isn't a currency. `code` is in capitals.
std::optional<int> currency_exponent(std::string_view code);

inline bool is_currency(std::string_view code) { return currency_exponent(code).has_value(); }

}  // namespace vozex::types
