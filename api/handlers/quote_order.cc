// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/quote_order.h"

#include "api/handlers/checkout_wait.h"

namespace vozex::handlers {
namespace {

using types::Value;

// The plan as the gateway calls it: what workflows/commerce/quote.yaml passes on, too.
Value recurring_at(const Value& kept, const std::string& gateway) {
  if (!kept.is_map()) return Value();
  const std::string ref(kept.find("product_refs")->text_at(gateway));
  return Value::object({{"plan", kept.find("plan")->with("product_ref", Value::string(ref))},
                        {"trial_days", *kept.find("trial_days")}});
}

Value body_of(const QuoteOrder& order) {
  return Object()
      .put("recurring", recurring_at(order.recurring, order.gateway))
      .text("order_id", order.order_id)
      .text("gateway", order.gateway)
      .text("quote_id", order.quote_id)
      .put("customer", order.customer)
      .put("items", order.items)
      .put("total", order.total)
      .put("metadata", order.metadata)
      .put("approval", order.approval)
      .done();
}

}  // namespace

Asked<CheckoutInput> order_input(const Services& services, const QuoteOrder& order) {
  const machine::MachineRef machine = services.engine->newest(k_order_workflow);
  if (!machine) {
    return Refusal(http::problem(Error{ErrorClass::unavailable,
                                       "workflow_not_found",
                                       "No workflow \"order\" is deployed here.",
                                       {}}));
  }
  auto input = checkout_input(body_of(order), order.order_id);
  if (!input) return input;
  auto checked = types::validate(input->input, *machine->input, types::Unknown::refuse);
  if (!checked) return Refusal(invalid_body(checked.error()));
  input->input = *std::move(checked);
  return input;
}

std::vector<Obstacle> order_obstacles(const Services& services, const PricedQuote& quote) {
  const machine::MachineRef machine = services.engine->newest(k_order_workflow);
  if (!machine) return {{"order_not_deployed", "", "no workflow \"order\" is deployed here"}};
  QuoteOrder order;
  order.quote_id = "preview";
  order.order_id = "preview";
  order.gateway = quote.gateways.empty() ? "" : quote.gateways.front();
  order.customer = Value::object({{"email", Value::string("preview@example.com")}});
  order.items = quote.order_items;
  order.metadata = quote.metadata;
  order.recurring = quote.recurring;
  const auto input = checkout_input(body_of(order), order.order_id);
  if (!input) return {};  // nothing is priced: that has its own reasons
  const auto checked = types::validate(input->input, *machine->input, types::Unknown::refuse);
  if (checked) return {};
  std::vector<Obstacle> obstacles;
  for (const types::Fault& fault : checked.error()) {
    if (fault.pointer == "/gateway") continue;  // no gateway: that has its own reason
    obstacles.push_back({"not_deliverable_here",
                         "/order" + fault.pointer,
                         "the workflow order doesn't take it: " + fault.message});
  }
  return obstacles;
}

}  // namespace vozex::handlers
