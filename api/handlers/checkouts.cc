// SPDX-License-Identifier: Apache-2.0
// POST /v1/checkouts: starts an order and answers with the page to pay on (checkout_wait.h). The
// same order again gets the same answer.
#include <functional>

#include "api/handlers/checkout_input.h"
#include "api/handlers/checkout_wait.h"
#include "api/handlers/routes.h"
#include "engine/types/json.h"

namespace vozex::handlers {
namespace {

using types::Value;

http::Response taken(const std::string& order_id) {
  return http::problem(
      Error{ErrorClass::conflict,
            "order_exists",
            "There is an order \"" + order_id +
                "\" with other content. Send the same again, or choose another order_id.",
            {}});
}

// The order exists. The same content: a repetition, answered like the first time.
void answer_again(const Services& services,
                  const CheckoutInput& checkout,
                  const http::Responder& respond) {
  const auto view = services.engine->find(k_tenant, k_order_workflow, checkout.order_id);
  if (!view) return respond(http::problem(view.error()));
  if (!*view) return respond(taken(checkout.order_id));
  const auto input = types::parse_json((*view)->row.input);
  if (!input || !(types::to_json(*input) == types::to_json(checkout.input)))
    return respond(taken(checkout.order_id));
  answer_with_page(services, {(*view)->row.root, checkout.order_id, true}, respond);
}

void begin(const Services& services,
           const CheckoutInput& checkout,
           const http::Responder& respond) {
  runtime::StartOrder order;
  order.tenant = k_tenant;
  order.workflow = k_order_workflow;
  order.input = checkout.input;
  order.source = "checkout";
  order.id = checkout.order_id;
  services.engine->start(
      std::move(order), [&services, checkout, respond](Result<runtime::EventAnswer> result) {
        const bool is_new = result && result->disposition == machine::Disposition::created &&
                            !result->deliveries.empty();
        if (is_new) {
          return answer_with_page(
              services, {result->deliveries[0].instance, checkout.order_id, false}, respond);
        }
        if (!result && result.error().kind != ErrorClass::conflict)
          return respond(http::problem(result.error()));
        run_or_refuse(*services.workers, respond, [&services, checkout, respond] {
          answer_again(services, checkout, respond);
        });
      });
}

// Without an order_id, an Idempotency-Key names the order.
std::string new_order_id(const Services& services, const http::Request& request) {
  const std::string_view key = request.header("idempotency-key");
  if (!key.empty()) return "ord_" + uuid_text(digest128({"order", request.caller, key}));
  return "ord_" + services.random->new_instance_id(services.clock->now()).text();
}

void checkout(const Services& services,
              const http::Request& request,
              const http::Responder& respond) {
  auto body = json_body(request);
  if (!body) return respond(std::move(body.error()));
  auto input = checkout_input(*body, new_order_id(services, request));
  if (!input) return respond(std::move(input.error()));
  const machine::MachineRef machine = services.engine->newest(k_order_workflow);
  if (!machine) {
    return respond(http::problem(Error{ErrorClass::unavailable,
                                       "workflow_not_found",
                                       "No workflow \"order\" is deployed here.",
                                       {}}));
  }
  auto checked = types::validate(input->input, *machine->input, types::Unknown::refuse);
  if (!checked) return respond(invalid_body(checked.error()));
  input->input = *std::move(checked);
  begin(services, *input, respond);
}

}  // namespace

void add_checkouts(http::Router& router, const Services& services) {
  router.add({"POST",
              "/v1/checkouts",
              once_at_a_time(services.in_flight, std::bind_front(checkout, std::cref(services))),
              false,
              http::k_default_body_limit});
}

}  // namespace vozex::handlers
