// SPDX-License-Identifier: Apache-2.0
//
// What each driver wants to know about a product: the delivery models there are, the driver that
// delivers each, and the declared type of that driver's `fulfillment_config`. A catalogue refuses a
// product whose configuration its driver couldn't work with, also for drivers that are not part of
// this installation. Each driver's schema stands in its own folder (<driver>/config.cc). Thread
// rule: pure. Tests: tests/unit/fulfillment/config_schema_test.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/types/type.h"
#include "engine/types/validate.h"

namespace vozex::fulfillment {

// A way of delivery. `hybrid` has no driver of its own: its configuration is {mode, paths}, each
// path with a delivery model and a configuration of its own.
struct DeliveryModel {
  std::string_view name;
  std::string_view driver;
};
const std::vector<DeliveryModel>& delivery_models();
inline constexpr std::string_view k_hybrid = "hybrid";

// nullptr when there is no such model.
const DeliveryModel* find_delivery_model(std::string_view name);

// What a driver's configuration must be, beyond its type: places in the configuration.
using ConfigRule = std::vector<types::Fault> (*)(std::string_view model, const types::Value&);

struct ConfigSchema {
  std::string_view driver;
  types::TypeRef type;
  ConfigRule rule = nullptr;
};
// nullptr for a driver that nobody knows.
const ConfigSchema* config_schema(std::string_view driver);

// The configuration with its defaults filled in, or everything that is wrong with it. `model` is a
// known one.
tl::expected<types::Value, std::vector<types::Fault>> check_config(std::string_view model,
                                                                   const types::Value& config);

// The schemas, one for each driver.
ConfigSchema multitenant_saas_config();
ConfigSchema singletenant_provisioning_config();
ConfigSchema license_download_config();
ConfigSchema manual_fulfillment_config();
ConfigSchema service_fulfillment_config();

// A secret's name, never the secret, and no place either: where it is, only the installation says
// (docs/language/adapters.md, "The service"). Else a document could send any secret anywhere.
types::Constraints secret_name();
// https with a host, or http on this machine.
bool is_provider_url(std::string_view url);

}  // namespace vozex::fulfillment
