// SPDX-License-Identifier: Apache-2.0
//
// The gateways there are. A new one is one folder beside this file and one line here.
#include "adapters/payments/dodo/dodo_gateway.h"
#include "adapters/payments/gateway.h"
#include "adapters/payments/paypal/paypal_gateway.h"
#include "adapters/payments/router.h"
#include "adapters/payments/stripe/stripe_gateway.h"
#include "engine/base/text.h"

namespace vozex::payments {
namespace {

struct Entry {
  std::string_view name;
  RecurringSale sale;
  Result<std::unique_ptr<Gateway>> (*make)(const types::Value& config, const Surroundings& outside);
};

constexpr Entry k_gateways[] = {
    {"dodo", RecurringSale::by_product, make_dodo},
    {"paypal", RecurringSale::by_plan, make_paypal},
    {"stripe", RecurringSale::by_amount, make_stripe},
};

const Entry* find(std::string_view name) {
  for (const Entry& entry : k_gateways) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> known_gateways() {
  std::vector<std::string> names;
  for (const Entry& entry : k_gateways) names.emplace_back(entry.name);
  return names;
}

std::optional<RecurringSale> recurring_sale(std::string_view gateway) {
  const Entry* entry = find(gateway);
  return entry == nullptr ? std::nullopt : std::optional(entry->sale);
}

Result<std::vector<std::unique_ptr<Gateway>>> make_gateways(const types::Value& config,
                                                            const Surroundings& outside) {
  std::vector<std::unique_ptr<Gateway>> gateways;
  if (config.is_null()) return gateways;
  if (!config.is_map())
    return fail(ErrorClass::invalid, "config_invalid", "payments must be a map of gateways");
  for (const auto& [name, settings] : config.as_map()) {
    const Entry* entry = name.is_string() ? find(name.as_string()) : nullptr;
    if (entry == nullptr) {
      return fail(ErrorClass::invalid,
                  "config_invalid",
                  "unknown gateway in payments: expected " + join_or(known_gateways()) + ", got " +
                      (name.is_string() ? name.as_string() : "no name"));
    }
    auto gateway = entry->make(settings, outside);
    if (!gateway) return tl::unexpected(gateway.error());
    gateways.push_back(*std::move(gateway));
  }
  return gateways;
}

}  // namespace vozex::payments
