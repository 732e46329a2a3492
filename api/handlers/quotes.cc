// SPDX-License-Identifier: Apache-2.0
// /v1/quotes: a price that is kept; /v1/quotes/preview: one that isn't; /v1/quotes/{id}/checkout:
// the order at that price. A quote is an instance of the workflow `quote`, so it is accepted once.
#include "api/handlers/body.h"
#include "api/handlers/catalog.h"
#include "api/handlers/idempotency.h"
#include "api/handlers/quote_order.h"
#include "api/handlers/stored_quote.h"
#include "engine/types/json.h"

namespace vozex::handlers {
namespace {

using types::Value;

Value to_value(const std::vector<Obstacle>& obstacles) {
  Value::List list;
  for (const Obstacle& one : obstacles) {
    list.push_back(Value::object({{"code", Value::string(one.code)},
                                  {"pointer", Value::string(one.pointer)},
                                  {"detail", Value::string(one.message)}}));
  }
  return Value::list(std::move(list));
}

http::Response refused(const std::vector<Obstacle>& obstacles) {
  Error error{ErrorClass::invalid, "quote_refused", "This can't be bought as it is.", {}};
  for (const Obstacle& one : obstacles) error.details.push_back({one.pointer, one.message});
  return http::problem(error, Value::object({{"refusals", to_value(obstacles)}}));
}

// How often the limit's name was counted: docs/catalog.md.
Result<std::int64_t> uses_of(const Services& services, const std::string& quota_id) {
  const auto view = services.engine->find(k_tenant, "quota", quota_id);
  if (!view) return Failure(view.error());
  if (!*view) return 0;
  const auto data = types::parse_json((*view)->row.data);
  const Value* used = data ? data->find("used") : nullptr;
  return used != nullptr && used->kind() == types::Kind::integer ? used->as_integer() : 0;
}

// A quote takes no use of its coupon, but one that has none left is said at once.
Result<bool> look_at_coupon(const CatalogServices& with, PricedQuote& quote) {
  if (quote.coupon.empty()) return true;
  for (const CouponLimit& one : with.catalog->coupon_limits(quote.coupon, quote.customer_id)) {
    const auto used = uses_of(*with.services, one.quota_id);
    if (!used) return Failure(used.error());
    if (*used < one.limit) continue;
    quote.obstacles.push_back({"coupon_used_up",
                               "/coupon",
                               "the coupon " + quote.coupon + " was used " + std::to_string(*used) +
                                   " of " + std::to_string(one.limit) + " times (" + one.quota_id +
                                   ")"});
    break;
  }
  return true;
}

// The price, and everything that stands in the way of an order.
Asked<PricedQuote> priced(const CatalogServices& with,
                          const http::Request& request,
                          Gateways gateways) {
  const auto body = json_body(request);
  if (!body) return Refusal(body.error());
  auto quote = with.catalog->quote(*body, gateways);
  if (!quote) return Refusal(http::problem(quote.error()));
  for (Obstacle& one : order_obstacles(*with.services, *quote))
    quote->obstacles.push_back(std::move(one));
  if (const auto looked = look_at_coupon(with, *quote); !looked)
    return Refusal(http::problem(looked.error()));
  return *std::move(quote);
}

http::Response preview(const CatalogServices& with, const http::Request& request) {
  const auto quote = priced(with, request, Gateways::asked);
  if (!quote) return quote.error();
  return answer(200,
                Object()
                    .put("ready", Value::boolean(quote->obstacles.empty()))
                    .put("refusals", to_value(quote->obstacles))
                    .put("quote", quote->shown)
                    .done());
}

// ---- quotes that are kept ----

http::Response quote_answer(unsigned status, const StoredQuote& quote) {
  http::Response response = answer(status, shown(quote));
  response.headers.emplace_back("location", "/v1/quotes/" + quote.view.row.key);
  if (status == 200) response.headers.emplace_back("idempotency-replayed", "true");
  return response;
}

// An Idempotency-Key names the quote.
std::string new_quote_id(const Services& services, const http::Request& request) {
  const std::string_view key = request.header("idempotency-key");
  const std::string prefix(k_quote_prefix);
  if (!key.empty()) return prefix + uuid_text(digest128({"quote", request.caller, key}));
  return prefix + services.random->new_instance_id(services.clock->now()).text();
}

Value input_of(const PricedQuote& quote,
               const std::string& id,
               const std::string& fingerprint,
               Timestamp expires_at) {
  Object input;
  if (!quote.recurring.is_null()) input.put("recurring", quote.recurring);
  return input.text("quote_id", id)
      .put("total",
           Value::object({{"minor", Value::integer(quote.total_minor)},
                          {"currency", Value::string(quote.currency)}}))
      .put("items", quote.order_items)
      .put("gateways", types::list_of(quote.gateways))
      .put("priced", quote.shown)
      .put("metadata", quote.metadata.with("quote_id", Value::string(id)))
      .put("expires_at", Value::timestamp(expires_at))
      .text("fingerprint", fingerprint)
      .done();
}

http::Response kept(const Services& services, const std::string& id, unsigned status) {
  const auto quote = find_quote(services, id);
  if (!quote) return http::problem(quote.error());
  return *quote ? quote_answer(status, **quote) : no_quote(id);
}

void create(const CatalogServices& with,
            const http::Request& request,
            const http::Responder& respond) {
  const Services& services = *with.services;
  const std::string id = new_quote_id(services, request);
  const std::string fingerprint = fingerprint_of(request);
  const auto before = find_quote(services, id);
  if (!before) return respond(http::problem(before.error()));
  if (*before) {
    if ((*before)->input.text_at("fingerprint") == fingerprint)
      return respond(quote_answer(200, **before));
    return respond(http::problem(422,
                                 "idempotency_key_reused",
                                 "The Idempotency-Key was used for another quote",
                                 "Quote " + id + " has this key and another request."));
  }
  const auto quote = priced(with, request, Gateways::unasked);
  if (!quote) return respond(quote.error());
  if (!quote->obstacles.empty()) return respond(refused(quote->obstacles));
  runtime::StartOrder order;
  order.tenant = k_tenant;
  order.workflow = k_quote_workflow;
  order.input = input_of(*quote, id, fingerprint, services.clock->now() + quote->valid_for);
  order.source = "quote";
  order.id = id;
  services.engine->start(std::move(order),
                         [&services, id, respond](Result<runtime::EventAnswer> started) {
                           if (!started && started.error().kind != ErrorClass::conflict)
                             return respond(http::problem(started.error()));
                           run_or_refuse(*services.workers, respond, [&services, id, respond] {
                             respond(kept(services, id, 201));
                           });
                         });
}

http::Response get(const CatalogServices& with, const http::Request& request) {
  const std::string id(request.parameter("id"));
  const auto quote = find_quote(*with.services, id);
  if (!quote) return http::problem(quote.error());
  return *quote ? answer(200, shown(**quote)) : no_quote(id);
}

using Handle = void (*)(const CatalogServices&, const http::Request&, const http::Responder&);

// A handler that answers later, its first part on a worker.
http::Handler on_worker(const CatalogServices& with, Handle handle) {
  return once_at_a_time(with.services->in_flight,
                        [&with, handle](http::Request request, const http::Responder& respond) {
                          run_or_refuse(*with.services->workers,
                                        respond,
                                        [&with, handle, request = std::move(request), respond] {
                                          handle(with, request, respond);
                                        });
                        });
}

}  // namespace

void add_quotes(http::Router& router, const CatalogServices& with) {
  const auto add = [&](const char* method, const char* pattern, http::Handler handler) {
    router.add({method, pattern, std::move(handler), false, http::k_default_body_limit});
  };
  const auto reading = [&](http::Response (*handle)(const CatalogServices&, const http::Request&)) {
    return blocking(*with.services->workers, [&with, handle](const http::Request& request) {
      return handle(with, request);
    });
  };
  add("POST", "/v1/quotes", on_worker(with, create));
  add("POST", "/v1/quotes/preview", reading(preview));
  add("GET", "/v1/quotes/{id}", reading(get));
  add("POST", "/v1/quotes/{id}/checkout", on_worker(with, checkout_quote));
}

}  // namespace vozex::handlers
