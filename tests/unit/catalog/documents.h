// SPDX-License-Identifier: Apache-2.0
//
// Documents of a catalogue for tests: one product of each kind that is right, to be made wrong.
#pragma once

#include <string>

#include "adapters/catalog/check.h"
#include "engine/base/assert.h"
#include "engine/types/json.h"

namespace vozex::catalog::test {

inline types::Value json(const std::string& text) {
  auto value = types::parse_json(text);
  VOZEX_ASSERT(value.has_value());
  return *std::move(value);
}

// Software as a service with plans, features that need each other, and support.
inline types::Value pos() {
  return json(R"({
    "product": "pos", "title": "Point of sale", "type": "restaurant_pos", "category": "saas",
    "delivery_model": "saas_multitenant", "recurring": true,
    "cycles": ["monthly", "quarterly", "annual"], "trial_days": 14,
    "price": {"USD": 1000, "JPY": 150},
    "plans": [
      {"plan": "starter", "title": "Starter", "price": {"USD": 2900, "JPY": 4000},
       "features": ["orders"], "limits": {"terminals": 1},
       "sold_as": {"dodo": {"monthly": {"USD": "pdt_s1"}, "quarterly": {"USD": "pdt_s3"},
                            "annual": {"USD": "pdt_s12"}}}},
      {"plan": "pro", "title": "Pro", "price": {"USD": 5900, "JPY": 8000},
       "features": ["orders", "kitchen"],
       "sold_as": {"dodo": {"monthly": {"USD": "pdt_p1"}, "quarterly": {"USD": "pdt_p3"},
                            "annual": {"USD": "pdt_p12"}}}}],
    "features": [
      {"feature": "orders", "title": "Orders", "price": {"USD": 0, "JPY": 0}},
      {"feature": "kitchen", "title": "Kitchen display", "price": {"USD": 900, "JPY": 1200},
       "requires": ["orders"]},
      {"feature": "loyalty", "title": "Loyalty", "price": {"USD": 1500, "JPY": 2000},
       "requires": ["orders"], "plans": ["pro"]}],
    "support_plans": [
      {"support_plan": "priority", "title": "Priority", "price": {"USD": 1999, "JPY": 2500},
       "response_hours": 4}],
    "gateways": {"enabled": ["dodo", "stripe"], "default": "stripe"},
    "fulfillment_config": {"provider": "tables", "base_url": "https://api.tables.example",
      "auth_mode": "hmac", "credentials_ref": "TABLES_SECRET"}})");
}

// A licence that is paid once.
inline types::Value editor() {
  return json(R"({
    "product": "editor", "title": "Editor", "type": "development_tools",
    "category": "self_hosted", "delivery_model": "self_hosted_license",
    "price": {"USD": 0, "TND": 0}, "max_quantity": 20,
    "license_types": [
      {"license_type": "personal", "title": "Personal", "price": {"USD": 4900, "TND": 15125},
       "updates_days": 365},
      {"license_type": "team", "title": "Team", "price": {"USD": 19900, "TND": 61500},
       "seats": 5, "updates_days": 365}],
    "support_plans": [
      {"support_plan": "mail", "title": "Mail", "price": {"USD": 1000, "TND": 3100},
       "response_hours": 48}],
    "gateways": {"enabled": ["dodo"]},
    "fulfillment_config": {"artefact": "editor.zip"}})");
}

// Project work.
inline types::Value design() {
  return json(R"({
    "product": "design", "title": "Design", "type": "design", "category": "services",
    "delivery_model": "service", "price": {"USD": 0},
    "service_packages": [
      {"package": "logo", "title": "A logo", "price": {"USD": 30001}, "days": 10,
       "milestones": [{"title": "Draft", "percent": 40}, {"title": "Final", "percent": 60}]}],
    "timelines": [{"timeline": "standard"}, {"timeline": "rush", "percent": 50}],
    "required_skills": ["graphic_design"],
    "gateways": {"enabled": ["stripe", "paypal"]},
    "fulfillment_config": {"assignment": "automatic"}})");
}

// `document` with what its plan of this number is sold as.
inline types::Value sold_as(const types::Value& document, std::size_t plan, const char* text) {
  types::Value::List plans = document.find("plans")->as_list();
  plans[plan] = plans[plan].with("sold_as", json(text));
  return document.with("plans", types::Value::list(std::move(plans)));
}

// The same document with one member of its top replaced.
inline types::Value with(const types::Value& document, const char* member, const char* text) {
  return document.with(member, json(text));
}

inline const std::vector<std::string>& gateways() {
  static const std::vector<std::string> names = {"dodo", "paypal", "stripe"};
  return names;
}

// "pointer: message" of each fault, in order; "" when the document is taken.
inline std::string faults_of(const types::Value& document) {
  const auto checked = check_entry(document, gateways());
  return checked ? "" : types::describe(checked.error());
}

}  // namespace vozex::catalog::test
