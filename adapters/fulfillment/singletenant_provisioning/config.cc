// SPDX-License-Identifier: Apache-2.0
// What the driver `singletenant_provisioning` wants to know: the server a buyer gets, its name, and
// who makes it.
#include "adapters/fulfillment/config_schema.h"
#include "engine/types/declare.h"

namespace vozex::fulfillment {
namespace {

using types::Fault;
using types::Value;

std::vector<Fault> rule(std::string_view, const Value& config) {
  std::vector<Fault> faults;
  const bool subdomain = config.text_at("domain_strategy") == "subdomain";
  const bool has_domain = !config.text_at("base_domain").empty();
  if (subdomain && !has_domain)
    faults.push_back({"/base_domain", "expected the domain below which each buyer gets a name"});
  if (!subdomain && has_domain) {
    faults.push_back(
        {"/base_domain", "only the domain strategy `subdomain` has one: buyers bring their own"});
  }
  const std::string_view url = config.find("provisioner")->text_at("base_url");
  if (!is_provider_url(url))
    faults.push_back({"/provisioner/base_url", "expected https:// and a host, perhaps a path"});
  return faults;
}

}  // namespace

ConfigSchema singletenant_provisioning_config() {
  const types::Constraints name = {.pattern = "[a-z0-9][a-z0-9_.-]{0,63}"};
  types::Declarations declare;
  declare.object("resource_limits",
                 {{"cpu_millis", "int", {.min = 100, .max = 256000}},
                  {"memory_mb", "int", {.min = 128, .max = 4194304}},
                  {"disk_gb", "int", {.min = 1, .max = 100000}}});
  declare.object(
      "provisioner",
      {{"base_url", "string", {.max_length = 500}}, {"credentials_ref", "string", secret_name()}});
  return {
      "singletenant_provisioning",
      declare.object("singletenant_provisioning",
                     {{"server_profile", "string", name},
                      {"resource_limits", "resource_limits"},
                      {"region", "optional<string>", name},
                      {"domain_strategy", "enum(subdomain|custom)"},
                      {"base_domain", "optional<string>", {.format = "hostname"}},
                      {"provisioner", "provisioner"},
                      {"poll_seconds", "int", {.min = 5, .max = 3600}, Value::integer(30)},
                      {"ready_within_minutes", "int", {.min = 1, .max = 1440}, Value::integer(60)},
                      {"health_path", "string", {.pattern = "/.*"}, Value::string("/health")}}),
      rule};
}

}  // namespace vozex::fulfillment
