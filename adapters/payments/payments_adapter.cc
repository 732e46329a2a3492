// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/payments_adapter.h"

#include <spdlog/spdlog.h>

#include "adapters/payments/exchange.h"
#include "adapters/payments/shapes.h"
#include "adapters/payments/wire.h"
#include "engine/base/text.h"

namespace vozex::payments {
namespace {

using types::Value;

constexpr Duration k_webhook_lookup = std::chrono::seconds{10};
constexpr Duration k_check = std::chrono::seconds{10};

template <class T>
ports::CallReply reply(const Answer<T>& answer) {
  if (!answer) return tl::unexpected(answer.error());
  return to_value(*answer);
}

ports::CallReply invalid(const std::string& message) {
  return tl::unexpected(call_error("invalid_input", message));
}

ports::CallReply run(Gateway& gateway, const ports::CallRequest& request, Deadline deadline) {
  const Value& input = request.input;
  if (request.operation == "create_checkout" || request.operation == "find_checkout") {
    const auto checkout = read_checkout_request(input);
    if (!checkout)
      return invalid("expected payment_id, order_id and a positive amount with its currency");
    return request.operation == "create_checkout"
               ? reply(gateway.create_checkout(*checkout, deadline))
               : reply(gateway.find_checkout(*checkout, deadline));
  }
  if (request.operation == "get") {
    const auto query = read_payment_query(input);
    if (!query) return invalid("expected gateway_ref, session_ref or payment_id");
    return reply(gateway.payment(*query, deadline));
  }
  if (request.operation == "refund" || request.operation == "find_refund") {
    const auto refund = read_refund_request(input);
    if (!refund)
      return invalid("expected gateway_ref, request_id and a positive amount with its currency");
    return request.operation == "refund" ? reply(gateway.refund(*refund, deadline))
                                         : reply(gateway.find_refund(*refund, deadline));
  }
  return invalid("the adapter payments has no operation " + request.operation);
}

// What a webhook about one refund can't know. A payment that the gateway itself doesn't know has
// nothing but this refund: a test delivery, or one of another account; refusing it would make it
// come again for days.
Answer<std::int64_t> refunded_total(Gateway& gateway,
                                    const WebhookEvent& event,
                                    Deadline deadline) {
  PaymentQuery query;
  query.gateway_ref = std::string(event.data.text_at("gateway_ref"));
  const auto payment = gateway.payment(query, deadline);
  if (payment) return payment->refunded_total;
  if (payment.error().code != "not_found") return tl::unexpected(payment.error());
  return true_at(event.data, "ok") ? int_at(map_at(event.data, "amount"), "minor").value_or(0) : 0;
}

}  // namespace

PaymentsAdapter::PaymentsAdapter(std::vector<std::unique_ptr<Gateway>> gateways,
                                 const ports::Clock& clock)
    : gateways_(std::move(gateways)), clock_(clock) {}

Gateway* PaymentsAdapter::find(std::string_view name) const {
  for (const auto& gateway : gateways_) {
    if (gateway->name() == name) return gateway.get();
  }
  return nullptr;
}

std::vector<std::string> PaymentsAdapter::gateway_names() const {
  std::vector<std::string> names;
  for (const auto& gateway : gateways_) names.emplace_back(gateway->name());
  return names;
}

ports::CallReply PaymentsAdapter::call(const ports::CallRequest& request) {
  const auto name = request.input.text_at("gateway");
  Gateway* gateway = find(name);
  if (gateway == nullptr) {
    return tl::unexpected(
        call_error("not_configured", "the gateway " + std::string(name) + " is not configured"));
  }
  auto answer = run(*gateway, request, clock_.boot() + request.timeout);
  spdlog::log(answer ? spdlog::level::info : spdlog::level::warn,
              "payment call gateway={} operation={} order_id={} payment_id={} call={} attempt={} "
              "outcome={}",
              name,
              request.operation,
              request.input.text_at("order_id"),
              request.input.text_at("payment_id"),
              request.id.text(),
              request.attempt,
              answer ? "ok" : answer.error().code);
  return answer;
}

Result<WebhookEvent> PaymentsAdapter::receive(std::string_view gateway_name,
                                              const http::Headers& headers,
                                              std::string_view body) const {
  Gateway* gateway = find(gateway_name);
  if (gateway == nullptr) {
    return fail(ErrorClass::not_found,
                "unknown_gateway",
                "no such gateway here: expected " + join_or(gateway_names()));
  }
  const auto id = gateway->verify_webhook(headers, body, clock_.now());
  if (!id) {
    spdlog::warn("payment webhook refused gateway={} reason={}", gateway_name, id.error().code);
    return tl::unexpected(id.error());
  }
  auto event = gateway->normalise_webhook(*id, body, clock_.now());
  if (!event) {
    spdlog::warn("payment webhook invalid gateway={} event_id={} reason={}",
                 gateway_name,
                 *id,
                 event.error().message);
    return event;
  }
  if (event->needs_total) {
    const auto total = refunded_total(*gateway, *event, clock_.boot() + k_webhook_lookup);
    if (!total) {
      return fail(ErrorClass::unavailable,
                  "gateway_unavailable",
                  "the refunded total couldn't be read: " + total.error().message);
    }
    event->data = event->data.with("refunded_total", Value::integer(*total));
    event->needs_total = false;
  }
  spdlog::info(
      "payment webhook gateway={} event_id={} type={} order_id={} payment_id={} gateway_ref={}",
      gateway_name,
      event->id,
      event->type,
      event->data.text_at("order_id"),
      event->data.text_at("payment_id"),
      event->data.text_at("gateway_ref"));
  return event;
}

Result<std::string> PaymentsAdapter::check(std::string_view gateway_name) const {
  Gateway* gateway = find(gateway_name);
  if (gateway == nullptr)
    return fail(ErrorClass::not_found, "unknown_gateway", "no such gateway here");
  const auto answer = gateway->check(clock_.boot() + k_check);
  return answer ? std::string() : answer.error().message;
}

}  // namespace vozex::payments
