// SPDX-License-Identifier: Apache-2.0
//
// The page on which a pretended buyer pays: server-rendered, no script, no outside assets, usable
// by keyboard and screen reader, light and dark. Thread rule: pure.
#pragma once

#include <string>

#include "api/sandbox/world.h"

namespace vozex::sandbox {

inline constexpr const char* k_page_policy =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

// `outcome`: of the last attempt, or "" when there was none.
std::string checkout_page(const Session& session, const std::string& outcome);
std::string missing_page();

// "49.00 USD"; currencies without or with three decimals are shown as ISO 4217 has them.
std::string money_text(std::int64_t minor, const std::string& currency);
std::string html_escape(const std::string& text);

}  // namespace vozex::sandbox
