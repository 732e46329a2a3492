// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/router.h"

#include <algorithm>

#include "engine/base/text.h"

namespace vozex::payments {
namespace {

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Configured gateways that every product enables, in the order of the first product that has one.
std::vector<std::string> common(const GatewayChoice& choice) {
  const auto first = std::find_if(
      choice.enabled.begin(), choice.enabled.end(), [](const auto& one) { return !one.empty(); });
  const auto& order = first == choice.enabled.end() ? choice.configured : *first;
  std::vector<std::string> out;
  for (const auto& name : order) {
    const bool everywhere =
        std::all_of(choice.enabled.begin(), choice.enabled.end(), [&](const auto& one) {
          return one.empty() || has(one, name);
        });
    if (everywhere && has(choice.configured, name) && !has(out, name)) out.push_back(name);
  }
  return out;
}

std::string would_do(const std::vector<std::string>& names) {
  return names.empty() ? std::string() : ": expected " + join_or(names);
}

}  // namespace

Result<std::string> pick_gateway(const GatewayChoice& choice) {
  const auto able = common(choice);
  if (choice.chosen.empty()) {
    if (!able.empty()) return able.front();
    return fail(ErrorClass::refused,
                "no_common_gateway",
                "no configured gateway is enabled by every product of the order: sell them apart, "
                "or enable one of " +
                    (choice.configured.empty() ? std::string("those you configure")
                                               : join_or(choice.configured)));
  }
  if (has(able, choice.chosen)) return choice.chosen;
  if (!has(choice.configured, choice.chosen)) {
    return fail(ErrorClass::refused,
                "gateway_not_configured",
                "the gateway " + choice.chosen + " is not configured here" + would_do(able));
  }
  return fail(
      ErrorClass::refused,
      "gateway_not_enabled",
      "a product of the order doesn't enable the gateway " + choice.chosen + would_do(able));
}

}  // namespace vozex::payments
