// SPDX-License-Identifier: Apache-2.0
//
// The router: which gateway takes the money of an order. Each product says which gateways it
// enables, most wanted first; the installation says which are configured. What the buyer chose
// counts when every product enables it; without a choice it is the first of the first product that
// all others enable, too. Thread rule: pure. Tests: tests/unit/payments/router_test.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/payments/subscription.h"
#include "engine/base/result.h"

namespace vozex::payments {

struct GatewayChoice {
  std::string chosen;  // by the buyer; "" = none
  // For each product what it enables, its default first; an empty list enables all.
  std::vector<std::vector<std::string>> enabled;
  std::vector<std::string> configured;  // in this installation, in the order of preference
};

// Errors: gateway_not_enabled (refused: some product doesn't enable what was chosen),
// gateway_not_configured (refused), no_common_gateway (refused). Messages name what would do.
Result<std::string> pick_gateway(const GatewayChoice& choice);

// Every gateway that this program can talk to, configured or not (registry.cc).
std::vector<std::string> known_gateways();
// How it sells subscriptions; nothing for a gateway that isn't known.
std::optional<RecurringSale> recurring_sale(std::string_view gateway);

}  // namespace vozex::payments
