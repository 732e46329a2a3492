// SPDX-License-Identifier: Apache-2.0
// The order at the price of a quote: whoever accepts it first has it, and hears the same again.
#include "api/handlers/checkout_wait.h"
#include "api/handlers/quote_order.h"
#include "api/handlers/stored_quote.h"
#include "engine/types/json.h"

namespace vozex::handlers {
namespace {

using types::Value;

struct Acceptance {
  std::string quote_id;
  std::string order_id;
  std::string gateway;
  CheckoutInput order;
};

http::Response gone(const char* code, const std::string& detail) {
  return http::problem(Error{ErrorClass::conflict, code, detail, {}});
}

// The quote is not open: the order it became, when that is the one meant; else why not.
void answer_closed(const Services& services,
                   const StoredQuote& quote,
                   const Acceptance& acceptance,
                   const http::Responder& respond) {
  const Value& accepted = accepted_of(quote);
  const std::string status = quote.view.row.status;
  if (status == "coupon_used_up") return respond(coupon_used_up());
  if (accepted.is_map()) {
    const Value* customer = accepted.find("customer");
    const bool same =
        accepted.text_at("order_id") == acceptance.order_id &&
        accepted.text_at("gateway") == acceptance.gateway &&
        types::to_json(*customer) == types::to_json(*acceptance.order.input.find("customer"));
    if (same)
      return answer_with_page(services, {quote.view.row.root, acceptance.order_id, true}, respond);
    return respond(gone("quote_accepted",
                        "The quote was accepted as order " +
                            std::string(accepted.text_at("order_id")) +
                            ". Ask for a new one to buy it again."));
  }
  if (status == "withdrawn")
    return respond(gone("quote_withdrawn", "The quote was withdrawn. Ask for a new one."));
  respond(gone("quote_expired", "The quote has expired. Ask for a new one."));
}

void accept(const Services& services,
            const Acceptance& acceptance,
            const InstanceId& root,
            const http::Responder& respond) {
  const Value& input = acceptance.order.input;
  machine::Event event;
  event.id = acceptance.quote_id + "/" + acceptance.order_id;
  event.source = "checkout";
  event.name = "quote.accept";
  event.time = services.clock->now();
  event.tenant = k_tenant;
  event.data = Value::object({{"quote_id", Value::string(acceptance.quote_id)},
                              {"order_id", Value::string(acceptance.order_id)},
                              {"gateway", Value::string(acceptance.gateway)},
                              {"customer", *input.find("customer")},
                              {"items", *input.find("items")}});
  if (const Value* approval = input.find("approval"))
    event.data = event.data.with("approval", *approval);
  services.engine->post(
      std::move(event), [&services, acceptance, root, respond](Result<runtime::EventAnswer> said) {
        if (said && said->disposition == machine::Disposition::transitioned)
          return answer_with_page(services, {root, acceptance.order_id, false}, respond);
        if (!said && said.error().kind != ErrorClass::refused)
          return respond(http::problem(said.error()));
        // Somebody was quicker, or time was.
        run_or_refuse(*services.workers, respond, [&services, acceptance, respond] {
          const auto quote = find_quote(services, acceptance.quote_id);
          if (!quote) return respond(http::problem(quote.error()));
          if (!*quote) return respond(no_quote(acceptance.quote_id));
          answer_closed(services, **quote, acceptance, respond);
        });
      });
}

Asked<Acceptance> acceptance_of(const CatalogServices& with,
                                const StoredQuote& quote,
                                const http::Request& request) {
  static const types::TypeRef k_body = body_type({{"customer", "json"},
                                                  {"gateway", "optional<string>"},
                                                  {"order_id", "optional<string>"},
                                                  {"approval", "optional<json>"}});
  const auto body = json_body(request, *k_body);
  if (!body) return Refusal(body.error());
  QuoteOrder order;
  order.quote_id = quote.view.row.key;
  order.order_id = std::string(body->text_at("order_id"));
  if (order.order_id.empty())
    order.order_id = "ord_" + order.quote_id.substr(k_quote_prefix.size());
  std::vector<std::string> able;
  for (const Value& name : quote.input.find("gateways")->as_list())
    able.push_back(name.as_string());
  const auto gateway = with.catalog->choose_gateway(std::string(body->text_at("gateway")), able);
  if (!gateway) {
    Error error = gateway.error();
    error.details.push_back({"/gateway", error.message});
    error.kind = ErrorClass::invalid;
    return Refusal(http::problem(error));
  }
  order.gateway = *gateway;
  order.customer = *body->find("customer");
  order.items = *quote.input.find("items");
  order.total = *quote.input.find("total");
  order.metadata = *quote.input.find("metadata");
  if (const Value* recurring = quote.input.find("recurring")) order.recurring = *recurring;
  if (const Value* approval = body->find("approval")) order.approval = *approval;
  auto input = order_input(*with.services, order);
  if (!input) return Refusal(input.error());
  return Acceptance{order.quote_id, order.order_id, order.gateway, *std::move(input)};
}

}  // namespace

void checkout_quote(const CatalogServices& with,
                    const http::Request& request,
                    const http::Responder& respond) {
  const Services& services = *with.services;
  const std::string id(request.parameter("id"));
  const auto quote = find_quote(services, id);
  if (!quote) return respond(http::problem(quote.error()));
  if (!*quote) return respond(no_quote(id));
  const auto acceptance = acceptance_of(with, **quote, request);
  if (!acceptance) return respond(acceptance.error());
  if ((*quote)->view.row.status != "open")
    return answer_closed(services, **quote, *acceptance, respond);
  const auto order = services.engine->find(k_tenant, k_order_workflow, acceptance->order_id);
  if (!order) return respond(http::problem(order.error()));
  if (*order) {
    return respond(gone("order_exists",
                        "There is an order \"" + acceptance->order_id +
                            "\" that isn't of this quote. Choose another order_id."));
  }
  accept(services, *acceptance, (*quote)->view.row.root, respond);
}

}  // namespace vozex::handlers
