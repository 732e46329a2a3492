// SPDX-License-Identifier: Apache-2.0
#include "adapters/fulfillment/config_schema.h"

#include <algorithm>
#include <set>

#include "engine/base/text.h"
#include "engine/types/constraints.h"
#include "engine/types/declare.h"

namespace vozex::fulfillment {
namespace {

using types::Fault;
using types::Value;

constexpr std::size_t k_max_paths = 10;

types::TypeRef hybrid_type() {
  types::Declarations declare;
  declare.object("path",
                 {{"path", "string", {.pattern = "[a-z][a-z0-9_]{0,63}"}},
                  {"title", "string", {.min_length = 1, .max_length = 200}},
                  {"delivery_model", "string"},
                  {"config", "json"}});
  return declare.object(
      "hybrid",
      {{"mode", "enum(choose|all)"},
       {"paths", "list<path>", {.min_length = 2, .max_length = std::uint32_t{k_max_paths}}}});
}

// One path: its faults are added with their places; its configuration is completed.
Value check_path(const Value& path, const std::string& place, std::vector<Fault>& faults) {
  const std::string model(path.text_at("delivery_model"));
  if (find_delivery_model(model) == nullptr || model == k_hybrid) {
    faults.push_back({place + "/delivery_model",
                      "expected the delivery model of one path, which can't be hybrid again"});
    return path;
  }
  auto config = check_config(model, *path.find("config"));
  if (config) return path.with("config", *std::move(config));
  for (Fault& fault : config.error())
    faults.push_back({place + "/config" + fault.pointer, std::move(fault.message)});
  return path;
}

tl::expected<Value, std::vector<Fault>> check_hybrid(const Value& config) {
  static const types::TypeRef k_type = hybrid_type();
  auto shaped = types::validate(config, *k_type, types::Unknown::refuse);
  if (!shaped) return shaped;
  std::vector<Fault> faults;
  std::set<std::string_view> names;
  Value::List paths;
  for (const Value& path : shaped->find("paths")->as_list()) {
    const std::string place = "/paths/" + std::to_string(paths.size());
    if (!names.insert(path.text_at("path")).second)
      faults.push_back({place + "/path", "two paths have this name"});
    paths.push_back(check_path(path, place, faults));
  }
  if (!faults.empty()) return tl::unexpected(std::move(faults));
  return shaped->with("paths", Value::list(std::move(paths)));
}

}  // namespace

const std::vector<DeliveryModel>& delivery_models() {
  static const std::vector<DeliveryModel> models = {
      {"saas_multitenant", "multitenant_saas"},
      {"saas_singletenant", "singletenant_provisioning"},
      {"self_hosted_license", "license_download"},
      {"self_hosted_download", "license_download"},
      {"managed_setup", "manual_fulfillment"},
      {"service", "service_fulfillment"},
      {k_hybrid, ""},
  };
  return models;
}

const DeliveryModel* find_delivery_model(std::string_view name) {
  const auto& models = delivery_models();
  const auto found = std::find_if(
      models.begin(), models.end(), [&](const DeliveryModel& one) { return one.name == name; });
  return found == models.end() ? nullptr : &*found;
}

const ConfigSchema* config_schema(std::string_view driver) {
  static const std::vector<ConfigSchema> schemas = {multitenant_saas_config(),
                                                    singletenant_provisioning_config(),
                                                    license_download_config(),
                                                    manual_fulfillment_config(),
                                                    service_fulfillment_config()};
  const auto found = std::find_if(schemas.begin(), schemas.end(), [&](const ConfigSchema& one) {
    return one.driver == driver;
  });
  return found == schemas.end() ? nullptr : &*found;
}

tl::expected<Value, std::vector<Fault>> check_config(std::string_view model, const Value& config) {
  if (model == k_hybrid) return check_hybrid(config);
  const ConfigSchema& schema = *config_schema(find_delivery_model(model)->driver);
  auto shaped = types::validate(config, *schema.type, types::Unknown::refuse);
  if (!shaped || schema.rule == nullptr) return shaped;
  auto faults = schema.rule(model, *shaped);
  if (!faults.empty()) return tl::unexpected(std::move(faults));
  return shaped;
}

types::Constraints secret_name() { return {.pattern = "[A-Z][A-Z0-9_]{0,63}"}; }

bool is_provider_url(std::string_view url) {
  return types::matches_pattern(
      url,
      "https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?|"
      "http://(localhost|127\\.0\\.0\\.1|\\[::1\\])(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?");
}

}  // namespace vozex::fulfillment
