// SPDX-License-Identifier: Apache-2.0
//
// The audit log: every request that changes something by hand is written down before it is tried,
// with who and why, and again with what came of it. What machines send (events, checkouts, starts,
// webhooks) stands in histories instead. A new route is in it unless is_by_hand() knows better.
// /v1/audit reads it. Contract: docs/audit.md.
#pragma once

#include <string>
#include <string_view>

#include "api/handlers/services.h"
#include "api/http/router.h"

namespace vozex::handlers {

inline constexpr std::size_t k_max_audit_text = 1000;  // bytes of each text; the rest is cut

void add_audit(http::Router& router, const Services& services);

// Wraps the routes that `router` has now. A request whose entry can't be written is not tried: 503.
void keep_audit(http::Router& router, const Services& services);

bool is_by_hand(std::string_view method, std::string_view pattern);
// "instances.cancel" of POST /v1/instances/{id}/cancel, "batches.create" of POST /v1/batches.
std::string action_name(std::string_view method, std::string_view pattern);

}  // namespace vozex::handlers
