// SPDX-License-Identifier: Apache-2.0
// What the driver `manual_fulfillment` wants to know: whose task a delivery is, how soon, and what
// the team is told.
#include "adapters/fulfillment/config_schema.h"
#include "engine/types/declare.h"

namespace vozex::fulfillment {
namespace {

using types::Fault;
using types::Value;

std::vector<Fault> rule(std::string_view, const Value& config) {
  const Value* escalation = config.find("escalation");
  if (escalation == nullptr) return {};
  const std::int64_t after = escalation->find("after_hours")->as_integer();
  if (after <= config.find("sla_hours")->as_integer()) return {};
  return {{"/escalation/after_hours",
           "expected at most sla_hours: somebody must hear of it before the promise is broken"}};
}

}  // namespace

ConfigSchema manual_fulfillment_config() {
  const types::Constraints queue = {.pattern = "[a-z][a-z0-9_-]{0,63}"};
  types::Declarations declare;
  declare.object("escalation",
                 {{"after_hours", "int", {.min = 1, .max = 2000}}, {"queue", "string", queue}});
  return {"manual_fulfillment",
          declare.object("manual_fulfillment",
                         {{"queue", "string", queue},
                          {"sla_hours", "int", {.min = 1, .max = 2000}},
                          {"instruction_template", "string", {.min_length = 1, .max_length = 5000}},
                          {"escalation", "optional<escalation>"}}),
          rule};
}

}  // namespace vozex::fulfillment
