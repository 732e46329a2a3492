// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/payments_adapter.h"

#include <spdlog/spdlog.h>

#include "adapters/payments/exchange.h"
#include "adapters/payments/fact.h"
#include "adapters/payments/router.h"
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

// Whether a change without an answer was done: the subscription is as the change wants it.
ports::CallReply find_change(Gateway& gateway,
                             const SubscriptionChange& change,
                             Deadline deadline) {
  auto state = gateway.subscription(change.subscription_ref, deadline);
  if (!state) return tl::unexpected(state.error());
  Settled<SubscriptionState> settled;
  settled.outcome = is_done(change, *state) ? Outcome::happened : Outcome::not_happened;
  if (settled.outcome == Outcome::happened) settled.result = *std::move(state);
  return to_value(settled);
}

Answer<std::vector<std::string>> compare_at(Gateway& gateway,
                                            const Promise& promise,
                                            Deadline deadline) {
  const auto sale = recurring_sale(gateway.name());
  const auto offer = gateway.offer(promise.product_ref, deadline);
  if (!offer && offer.error().code == "not_supported") return std::vector<std::string>();
  if (!offer && offer.error().code == "not_found") {
    return std::vector<std::string>{std::string(gateway.name()) + " has no product " +
                                    promise.product_ref};
  }
  if (!offer) return tl::unexpected(offer.error());
  return differences(sale.value_or(RecurringSale::by_product), promise, *offer);
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
  if (request.operation == "capture") {
    auto capture = read_capture_request(input);
    if (!capture) return invalid("expected gateway_ref or session_ref");
    capture->attempt = request.idempotency_key;
    return reply(gateway.capture(*capture, deadline));
  }
  if (request.operation == "get_subscription") {
    const std::string ref(input.text_at("subscription_ref"));
    if (ref.empty()) return invalid("expected subscription_ref");
    return reply(gateway.subscription(ref, deadline));
  }
  if (request.operation == "change_subscription" ||
      request.operation == "find_subscription_change") {
    const auto change = read_subscription_change(input);
    if (!change)
      return invalid(
          "expected subscription_ref, request_id, an action (change_plan, pause, resume, cancel, "
          "keep) and for change_plan a product_ref or a price");
    return request.operation == "change_subscription"
               ? reply(gateway.change_subscription(*change, deadline))
               : find_change(gateway, *change, deadline);
  }
  if (request.operation == "compare_offer") {
    const auto promise = read_promise(input);
    if (!promise) return invalid("expected product_ref and a price with its currency");
    return reply(compare_at(gateway, *promise, deadline));
  }
  if (request.operation == "collect") {
    const auto collect = read_collect_request(input);
    if (!collect) return invalid("expected subscription_ref and request_id");
    return reply(gateway.collect(*collect, deadline));
  }
  return invalid("the adapter payments has no operation " + request.operation);
}

// A gateway may repeat a part of a key in its complaint, so none of its words are shown.
Connection told(const ports::CallError& error, std::string_view gateway) {
  const std::string name(gateway);
  const std::string keys =
      gateway == "paypal" ? "client_id and client_secret" : std::string("api_key");
  const std::string where = "gateways." + name + ".";
  if (error.code == "wrong_environment") {
    return {false,
            error.code,
            "the key of " + name + " is of another environment than the one configured",
            "a test key belongs to environment: test, a live key to environment: live; " + where +
                "base_url must be of the same side"};
  }
  if (error.details.text_at("missing") == "secret") {
    return {false,
            "no_secret",
            error.message,
            "set the variable or the file that " + where + keys + " names"};
  }
  if (error.code == "not_configured") {
    return {false,
            "wrong_key",
            name + " doesn't accept our key",
            "compare " + where + keys + " with the dashboard of " + name +
                "; a key of the test side doesn't open the live one (" + where + "base_url)"};
  }
  if (error.code == "unavailable" || error.code == "timeout") {
    return {
        false,
        "unreachable",
        name + " can't be reached: " +
            (error.code == "timeout" ? "no answer in time"
                                     : "no connection, or an error of its own"),
        "check " + where + "base_url, the network and its proxy, and the gateway's status page"};
  }
  return {false,
          "gateway_error",
          name + " answered, but not as a gateway does (" + error.code + ")",
          "check " + where + "base_url"};
}

}  // namespace

PaymentsAdapter::PaymentsAdapter(std::vector<std::unique_ptr<Gateway>> gateways,
                                 const ports::Clock& clock)
    : gateways_(std::move(gateways)), clock_(clock), telemetry_(gateway_names()) {}

Gateway* PaymentsAdapter::find(std::string_view name) const {
  for (const auto& gateway : gateways_) {
    if (gateway->name() == name) return gateway.get();
  }
  return nullptr;
}

std::vector<std::string> PaymentsAdapter::gateway_names() const {
  std::vector<std::string> names;
  names.reserve(gateways_.size());
  for (const auto& gateway : gateways_) names.emplace_back(gateway->name());
  return names;
}

ports::CallReply PaymentsAdapter::choose(const Value& input) const {
  GatewayChoice choice;
  choice.chosen = std::string(input.text_at("chosen"));
  choice.configured = gateway_names();
  for (const auto& product : list_at(input, "enabled")) {
    choice.enabled.emplace_back();
    if (!product.is_list()) return invalid("expected for each product a list of gateways");
    for (const auto& name : product.as_list()) {
      if (!name.is_string()) return invalid("expected for each product a list of gateways");
      choice.enabled.back().push_back(name.as_string());
    }
  }
  const auto picked = pick_gateway(choice);
  if (!picked) return tl::unexpected(call_error(picked.error().code, picked.error().message));
  return Object().text("gateway", *picked).done();
}

ports::CallReply PaymentsAdapter::call(const ports::CallRequest& request) {
  if (request.operation == "choose_gateway") return choose(request.input);
  const auto name = request.input.text_at("gateway");
  Gateway* gateway = find(name);
  if (gateway == nullptr) {
    return tl::unexpected(
        call_error("not_configured", "the gateway " + std::string(name) + " is not configured"));
  }
  if (request.operation == "report_mismatch") return mismatch(name, request.input);
  const auto begun = clock_.boot();
  auto answer = run(*gateway, request, begun + request.timeout);
  const auto took = clock_.boot() - begun;
  telemetry_.called(name, request.operation, answer ? "ok" : answer.error().code, took);
  spdlog::log(answer ? spdlog::level::info : spdlog::level::warn,
              "payment call gateway={} operation={} order_id={} payment_id={} call={} attempt={} "
              "ms={} outcome={}",
              name,
              request.operation,
              request.input.text_at("order_id"),
              request.input.text_at("payment_id"),
              request.id.text(),
              request.attempt,
              std::chrono::duration_cast<std::chrono::milliseconds>(took).count(),
              answer ? "ok" : answer.error().code);
  return answer;
}

// Nothing is asked at the gateway, so it is no attempt. A lifecycle may say it again when its first
// call got lost with its process: then it is counted twice.
ports::CallReply PaymentsAdapter::mismatch(std::string_view gateway, const Value& input) {
  const auto kind = input.text_at("kind");
  if (!telemetry_.mismatched(gateway, kind)) return invalid("expected kind: amount or currency");
  spdlog::warn("payment mismatch gateway={} kind={} order_id={} payment_id={}",
               gateway,
               kind,
               input.text_at("order_id"),
               input.text_at("payment_id"));
  return Value::object({{"counted", Value::boolean(true)}});
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
    telemetry_.refused(gateway_name, id.error().code);
    spdlog::warn("payment webhook refused gateway={} reason={}", gateway_name, id.error().code);
    return tl::unexpected(id.error());
  }
  auto event = gateway->normalise_webhook(*id, body, clock_.now());
  if (!event) {
    telemetry_.refused(gateway_name, event.error().code);
    spdlog::warn("payment webhook invalid gateway={} event_id={} reason={}",
                 gateway_name,
                 *id,
                 event.error().message);
    return event;
  }
  if (event->needs_lookup) {
    auto whole =
        gateway->complete_webhook(*std::move(event), body, clock_.boot() + k_webhook_lookup);
    if (!whole) {
      telemetry_.refused(gateway_name, "gateway_unavailable");
      spdlog::warn("payment webhook not looked up gateway={} event_id={} reason={}",
                   gateway_name,
                   *id,
                   whole.error().code);
      return fail(ErrorClass::unavailable,
                  "gateway_unavailable",
                  "the event couldn't be looked up at its gateway: " + whole.error().message);
    }
    event = *std::move(whole);
  }
  event->fact = fact_of(*event);
  telemetry_.heard(gateway_name, event->type, clock_.now() - event->time);
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

Answer<std::vector<std::string>> PaymentsAdapter::compare(std::string_view gateway_name,
                                                          const Promise& promise) const {
  Gateway* gateway = find(gateway_name);
  if (gateway == nullptr) {
    return tl::unexpected(call_error(
        "not_configured", "the gateway " + std::string(gateway_name) + " is not configured"));
  }
  return compare_at(*gateway, promise, clock_.boot() + k_check);
}

Result<Connection> PaymentsAdapter::check(std::string_view gateway_name) const {
  Gateway* gateway = find(gateway_name);
  if (gateway == nullptr) {
    return fail(ErrorClass::not_found,
                "unknown_gateway",
                "no such gateway here: expected " + join_or(gateway_names()));
  }
  const auto answer = gateway->check(clock_.boot() + k_check);
  return answer ? Connection{true, "ok", "the gateway takes our key", ""}
                : told(answer.error(), gateway_name);
}

}  // namespace vozex::payments
