// SPDX-License-Identifier: Apache-2.0
//
// The page on which a pretended buyer pays, and the one that shows what there is: server-rendered,
// no script, no outside assets, usable by keyboard and screen reader, light and dark. Thread rule:
// pure.
#pragma once

#include <string>

#include "api/sandbox/gateway.h"

namespace vozex::sandbox {

inline constexpr const char* k_page_policy =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

class Core;

// `outcome`: of the last attempt, or "" when there was none.
std::string checkout_page(const Gateway& gateway,
                          const Session& session,
                          const std::string& outcome);
// Its gateways, the last of their payments, and what can be done to them. `now`: the sandbox's
// time.
std::string home_page(const Core& core, Timestamp now);
std::string missing_page();

// "49.00 USD"; currencies without or with three decimals are shown as ISO 4217 has them.
std::string money_text(std::int64_t minor, const std::string& currency);
std::string html_escape(const std::string& text);

}  // namespace vozex::sandbox
