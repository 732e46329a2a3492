// SPDX-License-Identifier: Apache-2.0
// What the driver `multitenant_saas` wants to know: where a provider has the marketplace contract,
// and how requests to it are signed.
#include "adapters/fulfillment/config_schema.h"
#include "engine/types/declare.h"

namespace vozex::fulfillment {
namespace {

using types::Fault;
using types::Value;

Value text(const char* value) { return Value::string(value); }

std::vector<Fault> rule(std::string_view, const Value& config) {
  std::vector<Fault> faults;
  if (!is_provider_url(config.text_at("base_url"))) {
    faults.push_back(
        {"/base_url",
         "expected https:// and a host, perhaps a path, such as https://api.example.com"});
  }
  const std::string_view status = config.find("endpoints")->text_at("status");
  if (status.find("{external_reference}") == std::string_view::npos) {
    faults.push_back(
        {"/endpoints/status",
         "expected {external_reference} in it: the status is asked for one workspace"});
  }
  return faults;
}

}  // namespace

ConfigSchema multitenant_saas_config() {
  const types::Constraints path = {.max_length = 500, .pattern = "/[A-Za-z0-9._~/{}-]*"};
  types::Declarations declare;
  declare.object(
      "endpoints",
      {{"onboard", "string", path, text("/api/marketplace/onboard")},
       {"suspend", "string", path, text("/api/marketplace/suspend")},
       {"cancel", "string", path, text("/api/marketplace/cancel")},
       {"upgrade", "string", path, text("/api/marketplace/upgrade")},
       {"status", "string", path, text("/api/marketplace/status/{external_reference}")}});
  const Value endpoints =
      Value::object({{"onboard", text("/api/marketplace/onboard")},
                     {"suspend", text("/api/marketplace/suspend")},
                     {"cancel", text("/api/marketplace/cancel")},
                     {"upgrade", text("/api/marketplace/upgrade")},
                     {"status", text("/api/marketplace/status/{external_reference}")}});
  return {"multitenant_saas",
          declare.object("multitenant_saas",
                         {{"provider", "string", {.pattern = "[a-z][a-z0-9_]{0,63}"}},
                          {"base_url", "string", {.max_length = 500}},
                          {"endpoints", "endpoints", {}, endpoints},
                          {"auth_mode", "enum(hmac|bearer)"},
                          {"credentials_ref", "string", secret_name()},
                          {"timeout_seconds", "int", {.min = 1, .max = 120}, Value::integer(20)}}),
          rule};
}

}  // namespace vozex::fulfillment
