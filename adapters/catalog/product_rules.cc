// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/product_rules.h"

#include <algorithm>
#include <map>
#include <set>

#include "adapters/catalog/product.h"
#include "adapters/fulfillment/config_schema.h"
#include "engine/base/text.h"

namespace vozex::catalog {
namespace {

using types::Value;

// The delivery models that a product has: one, or those of a hybrid's paths.
std::set<std::string, std::less<>> models_of(const Value& product) {
  const std::string model(product.text_at("delivery_model"));
  if (model != fulfillment::k_hybrid) return {model};
  std::set<std::string, std::less<>> models;
  const Value* paths = product.find("fulfillment_config")->find("paths");
  if (paths == nullptr || !paths->is_list()) return models;  // said by the configuration's check
  for (const Value& path : paths->as_list()) models.emplace(path.text_at("delivery_model"));
  return models;
}

bool any_of(const std::set<std::string, std::less<>>& models,
            std::initializer_list<std::string_view> wanted) {
  return std::any_of(wanted.begin(), wanted.end(), [&](auto one) { return models.contains(one); });
}

bool is_empty(const Value& product, std::string_view list) {
  return product.find(list)->as_list().empty();
}

bool is_recurring(const Value& product) { return product.find("recurring")->as_boolean(); }

void check_category(const Value& product, Faults& faults) {
  static const std::map<std::string, std::vector<std::string>, std::less<>> k_models = {
      {"saas", {"saas_multitenant", "saas_singletenant", "managed_setup", "hybrid"}},
      {"self_hosted", {"self_hosted_license", "self_hosted_download", "managed_setup", "hybrid"}},
      {"services", {"service", "managed_setup", "hybrid"}}};
  const auto& able = k_models.find(product.text_at("category"))->second;
  const std::string model(product.text_at("delivery_model"));
  if (std::find(able.begin(), able.end(), model) != able.end()) return;
  faults.push_back({"/delivery_model",
                    "a product of the category " + std::string(product.text_at("category")) +
                        " is delivered as " + join_or(able) + ", not as " + model});
}

// Parts that only some models can deliver, and parts that some can't be without.
void check_parts(const Value& product, Faults& faults) {
  const auto models = models_of(product);
  const bool licensed = any_of(models, {"self_hosted_license", "self_hosted_download"});
  const bool worked = any_of(models, {"service", "managed_setup"});
  if (!licensed && !is_empty(product, "license_types")) {
    faults.push_back(
        {"/license_types", "only self_hosted_license and self_hosted_download deliver licences"});
  }
  if (models.contains("self_hosted_license") && is_empty(product, "license_types"))
    faults.push_back({"/license_types", "expected at least one: self_hosted_license sells them"});
  if (!worked && !is_empty(product, "service_packages"))
    faults.push_back({"/service_packages", "only service and managed_setup deliver work"});
  if (models.contains("service") && is_empty(product, "service_packages"))
    faults.push_back({"/service_packages", "expected at least one: it says what is done"});
  if (is_empty(product, "service_packages") && !is_empty(product, "timelines"))
    faults.push_back({"/timelines", "a timeline is of a service package, and there is none"});
  if (!models.contains("service") && !is_empty(product, "required_skills"))
    faults.push_back({"/required_skills", "only the delivery model service looks for a provider"});
  if (models.contains("service") && is_empty(product, "required_skills")) {
    faults.push_back(
        {"/required_skills", "expected at least one: a provider is chosen by what it can do"});
  }
  if (any_of(models, {"saas_multitenant", "saas_singletenant"}) && is_empty(product, "plans"))
    faults.push_back({"/plans", "expected at least one: software as a service is sold by plan"});
}

void check_billing(const Value& product, Faults& faults) {
  const bool recurring = is_recurring(product);
  const bool download = product.text_at("delivery_model") == "self_hosted_download";
  if (recurring && download) {
    faults.push_back(
        {"/recurring", "a download can't be taken back, so it is paid once: use a licence"});
  }
  if (recurring && is_empty(product, "cycles")) {
    faults.push_back(
        {"/cycles", "expected at least one of monthly, quarterly or annual: it is recurring"});
  }
  if (!recurring && !is_empty(product, "cycles"))
    faults.push_back({"/cycles", "only a recurring product has billing cycles"});
  if (!recurring && product.find("trial_days") != nullptr)
    faults.push_back({"/trial_days", "only a recurring product has a trial"});
  std::size_t number = 0;
  for (const Value& package : product.find("service_packages")->as_list()) {
    const std::string place = "/service_packages/" + std::to_string(number++) + "/milestones";
    const auto& milestones = package.find("milestones")->as_list();
    if (milestones.empty()) continue;
    if (recurring) faults.push_back({place, "work that is paid every month has no milestones"});
    std::int64_t percent = 0;
    for (const Value& one : milestones) percent += one.find("percent")->as_integer();
    if (percent != 100) {
      faults.push_back(
          {place, "expected percents that make 100 together, got " + std::to_string(percent)});
    }
  }
}

}  // namespace

void check_combinations(const Value& product, Faults& faults) {
  if (fulfillment::find_delivery_model(product.text_at("delivery_model")) == nullptr) return;
  check_category(product, faults);
  check_parts(product, faults);
  check_billing(product, faults);
}

void check_gateways(const Value& product, const std::vector<std::string>& known, Faults& faults) {
  const Value& gateways = *product.find("gateways");
  std::set<std::string> enabled;
  std::size_t number = 0;
  for (const std::string& name : texts(gateways.find("enabled"))) {
    const std::string place = "/gateways/enabled/" + std::to_string(number++);
    if (std::find(known.begin(), known.end(), name) == known.end())
      faults.push_back({place, "expected " + join_or(known) + ", got " + name});
    if (!enabled.insert(name).second) faults.push_back({place, "this gateway stands here twice"});
  }
  const std::string first(gateways.text_at("default"));
  if (!first.empty() && !enabled.contains(first))
    faults.push_back({"/gateways/default", "expected one that is enabled, got " + first});
}

void check_coupon(const Value& coupon, Faults& faults) {
  const Value* percent = coupon.find("percent");
  const Value* amount = coupon.find("amount");
  if ((percent == nullptr) == (amount == nullptr))
    faults.push_back({"/percent", "expected either a percent or an amount"});
  if (amount != nullptr) check_price_map(*amount, "/amount", faults);
  const Value* from = coupon.find("valid_from");
  const Value* until = coupon.find("valid_until");
  if (from != nullptr && until != nullptr && !(from->to_timestamp() < until->to_timestamp()))
    faults.push_back({"/valid_until", "expected a time after valid_from"});
}

}  // namespace vozex::catalog
