// SPDX-License-Identifier: Apache-2.0
// What the driver `service_fulfillment` wants to know: how a provider is found, and what a buyer
// must say and may still change.
#include <set>

#include "adapters/fulfillment/config_schema.h"
#include "engine/types/declare.h"

namespace vozex::fulfillment {
namespace {

using types::Fault;
using types::Value;

std::vector<Fault> rule(std::string_view, const Value& config) {
  std::vector<Fault> faults;
  std::set<std::string_view> names;
  std::size_t number = 0;
  for (const Value& question : config.find("requirements")->as_list()) {
    if (!names.insert(question.text_at("name")).second) {
      faults.push_back(
          {"/requirements/" + std::to_string(number) + "/name", "two requirements have this name"});
    }
    ++number;
  }
  return faults;
}

}  // namespace

ConfigSchema service_fulfillment_config() {
  types::Declarations declare;
  declare.object("requirement",
                 {{"name", "string", {.pattern = "[a-z][a-z0-9_]{0,63}"}},
                  {"title", "string", {.min_length = 1, .max_length = 200}},
                  {"required", "bool", {}, Value::boolean(true)}});
  return {
      "service_fulfillment",
      declare.object("service_fulfillment",
                     {{"assignment", "enum(automatic|manual)"},
                      {"min_rating_percent", "int", {.min = 0, .max = 100}, Value::integer(0)},
                      {"accept_within_hours", "int", {.min = 1, .max = 720}, Value::integer(24)},
                      {"acceptance_days", "int", {.min = 1, .max = 90}, Value::integer(7)},
                      {"change_requests", "int", {.min = 0, .max = 50}, Value::integer(2)},
                      {"requirements", "list<requirement>", {.max_length = 50}, Value::list({})}}),
      rule};
}

}  // namespace vozex::fulfillment
