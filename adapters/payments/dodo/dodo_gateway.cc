// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/dodo/dodo_gateway.h"

#include <algorithm>

#include "adapters/http/standard_webhooks.h"
#include "adapters/payments/dodo/normalise.h"
#include "adapters/payments/dodo/refunds.h"
#include "adapters/payments/dodo/subscriptions.h"
#include "adapters/payments/wire.h"

namespace vozex::payments {
namespace {

using http::percent_encode;
using types::Value;

constexpr std::size_t k_max_metadata_value = 500;
constexpr int k_page_size = 100;
constexpr int k_max_pages = 5;
// A session lives 24 hours; the rest is slack for clocks.
constexpr Duration k_session_life = std::chrono::hours{26};

Value cart(const CheckoutRequest& request, const DodoConfig& config) {
  Value::List items;
  if (request.items.empty()) {
    items.push_back(Object()
                        .text("product_id", config.product_ref)
                        .number("quantity", 1)
                        .number("amount", request.amount.minor)
                        .done());
  }
  for (const auto& item : request.items) {
    Object line;
    line.text("product_id", item.product_ref).number("quantity", item.quantity);
    if (!request.recurring) line.number("amount", item.unit_minor);  // there, its product says it
    items.push_back(line.done());
  }
  return Value::list(std::move(items));
}

Value checkout_body(const CheckoutRequest& request, const DodoConfig& config) {
  Object body;
  body.put("product_cart", cart(request, config))
      .text("billing_currency", request.amount.currency)
      .text("return_url", request.return_url)
      .put("metadata",
           Object()
               .text("payment_id", request.payment_id)
               .text("order_id", request.order_id)
               .text("subscription_id",
                     request.recurring ? request.recurring->subscription_id : std::string())
               .text("title", std::string_view(request.title).substr(0, k_max_metadata_value))
               .done());
  if (request.recurring && request.recurring->trial_days > 0) {
    body.put("subscription_data",
             Object().number("trial_period_days", request.recurring->trial_days).done());
  }
  if (!request.customer_email.empty()) {
    body.put(
        "customer",
        Object().text("email", request.customer_email).text("name", request.customer_name).done());
  }
  return body.done();
}

PaymentStatus status_of(std::string_view word) {
  if (word == "succeeded" || word == "partially_captured") return PaymentStatus::captured;
  if (word == "failed") return PaymentStatus::failed;
  if (word == "cancelled") return PaymentStatus::cancelled;
  return PaymentStatus::pending;
}

PaymentState state_of(const Value& payment) {
  PaymentState state;
  state.status = status_of(payment.text_at("status"));
  state.gateway_ref = std::string(payment.text_at("payment_id"));
  state.session_ref = std::string(payment.text_at("checkout_session_id"));
  state.amount = {int_at(payment, "total_amount").value_or(0),
                  upper_currency(payment.text_at("currency"))};
  state.captured_total = state.status == PaymentStatus::captured ? state.amount.minor : 0;
  state.refunded_total = refunded_of(payment);
  state.disputed = is_disputed(payment);
  return state;
}

// A payment that succeeded says more than a newer one that didn't.
int rank(const Value& payment) {
  const auto status = status_of(payment.text_at("status"));
  return status == PaymentStatus::captured ? 2 : status == PaymentStatus::pending ? 1 : 0;
}

std::string path_of(const std::string& collection, const std::string& id) {
  return "/" + collection + "/" + percent_encode(id);
}

Refund refund_of(const Value& answer, std::int64_t refunded_before) {
  Refund refund;
  refund.refund_ref = std::string(answer.text_at("refund_id"));
  const auto status = answer.text_at("status");
  refund.status = status == "succeeded" || status == "failed" ? std::string(status) : "pending";
  refund.minor = int_at(answer, "amount").value_or(0);
  refund.refunded_total = refunded_before + (refund.status == "failed" ? 0 : refund.minor);
  return refund;
}

}  // namespace

DodoGateway::DodoGateway(DodoConfig config, const Surroundings& outside)
    : api_(std::move(config), outside) {}

Answer<Checkout> DodoGateway::create_checkout(const CheckoutRequest& request, Deadline deadline) {
  if (request.items.empty() && api_.config().product_ref.empty()) {
    return tl::unexpected(call_error(
        "not_configured",
        "the order names no Dodo product and payments.dodo.product_ref is not configured"));
  }
  if (request.recurring && (request.items.empty() || request.items.front().product_ref.empty())) {
    return tl::unexpected(call_error(
        "invalid_input", "Dodo sells what recurs by a product of its own, the order names none"));
  }
  const auto answer = api_.post("/checkouts", checkout_body(request, api_.config()), deadline);
  if (!answer) return tl::unexpected(answer.error());
  Checkout checkout{std::string(answer->text_at("checkout_url")),
                    std::string(answer->text_at("session_id")),
                    std::string(answer->text_at("payment_id"))};
  if (checkout.url.empty() || checkout.session_ref.empty()) {
    return tl::unexpected(
        bad_reply("Dodo's new session lacks session_id or checkout_url", Effect::changes));
  }
  return checkout;
}

Answer<std::optional<Value::List>> DodoGateway::payments_of(const std::string& payment_id,
                                                            Deadline deadline) const {
  const auto since = api_.outside().clock.now() - k_session_life;
  const std::string query = "/payments?created_at_gte=" + percent_encode(format_timestamp(since)) +
                            "&page_size=" + std::to_string(k_page_size) + "&page_number=";
  Value::List found;
  for (int page = 0; page < k_max_pages; ++page) {
    const auto answer = api_.get(query + std::to_string(page), deadline);
    if (!answer) return tl::unexpected(answer.error());
    const auto items = list_at(*answer, "items");
    for (const auto& item : items) {
      if (map_at(item, "metadata").text_at("payment_id") == payment_id) found.push_back(item);
    }
    if (items.size() < static_cast<std::size_t>(k_page_size))
      return std::optional(std::move(found));
  }
  if (!found.empty()) return std::optional(std::move(found));
  return std::optional<Value::List>();
}

Answer<Settled<Checkout>> DodoGateway::find_checkout(const CheckoutRequest& request,
                                                     Deadline deadline) {
  const auto payments = payments_of(request.payment_id, deadline);
  if (!payments) return tl::unexpected(payments.error());
  // Also when there were too many to look through: see the header for why asking again is harmless.
  if (!payments->has_value() || (*payments)->empty())
    return Settled<Checkout>{Outcome::not_happened, std::nullopt};
  const auto best = std::max_element(
      (*payments)->begin(), (*payments)->end(), [](const Value& a, const Value& b) {
        return rank(a) < rank(b);
      });
  // Somebody has the page, or there would be no payment; its URL is not shown again.
  return Settled<Checkout>{Outcome::happened,
                           Checkout{std::string(best->text_at("payment_link")),
                                    std::string(best->text_at("checkout_session_id")),
                                    std::string(best->text_at("payment_id"))}};
}

Answer<PaymentState> DodoGateway::payment(const PaymentQuery& query, Deadline deadline) {
  std::string gateway_ref = query.gateway_ref;
  if (gateway_ref.empty() && !query.session_ref.empty()) {
    const auto session = api_.get(path_of("checkouts", query.session_ref), deadline);
    if (!session) return tl::unexpected(session.error());
    gateway_ref = std::string(session->text_at("payment_id"));
    if (gateway_ref.empty()) {
      PaymentState untouched;
      untouched.session_ref = query.session_ref;
      return untouched;
    }
  }
  if (gateway_ref.empty()) {
    const auto payments = payments_of(query.payment_id, deadline);
    if (!payments) return tl::unexpected(payments.error());
    if (!payments->has_value()) {
      return tl::unexpected(
          call_error("unavailable", "too many payments to look through for one without a session"));
    }
    if ((*payments)->empty()) return PaymentState{};
    const auto best = std::max_element(
        (*payments)->begin(), (*payments)->end(), [](const Value& a, const Value& b) {
          return rank(a) < rank(b);
        });
    gateway_ref = std::string(best->text_at("payment_id"));
  }
  const auto answer = api_.get(path_of("payments", gateway_ref), deadline);
  if (!answer) return tl::unexpected(answer.error());
  auto state = state_of(*answer);
  if (state.session_ref.empty()) state.session_ref = query.session_ref;
  return state;
}

Answer<Refund> DodoGateway::refund(const RefundRequest& request, Deadline deadline) {
  const auto payment = api_.get(path_of("payments", request.gateway_ref), deadline);
  if (!payment) return tl::unexpected(payment.error());
  const auto state = state_of(*payment);
  if (auto refusal = refuse_refund(request, state)) return tl::unexpected(*std::move(refusal));
  Object body;
  body.text("payment_id", request.gateway_ref)
      .text("reason", request.reason)
      .put("metadata",
           Object()
               .text("request_id", request.request_id)
               .text("payment_id", map_at(*payment, "metadata").text_at("payment_id"))
               .text("order_id", map_at(*payment, "metadata").text_at("order_id"))
               .done());
  if (request.minor < state.captured_total) {
    const auto lines = api_.get(path_of("payments", request.gateway_ref) + "/line-items", deadline);
    if (!lines) return tl::unexpected(lines.error());
    auto items = spread_refund(*lines, request.minor);
    if (!items)
      return tl::unexpected(
          call_error("amount_too_high", "the line items have less than that to refund"));
    body.put("items", Value::list(*std::move(items)));
  }
  const auto answer = api_.post("/refunds", body.done(), deadline);
  if (!answer) return tl::unexpected(answer.error());
  auto refund = refund_of(*answer, state.refunded_total);
  if (refund.refund_ref.empty()) {
    return tl::unexpected(bad_reply("Dodo's refund lacks a refund_id", Effect::changes));
  }
  return refund;
}

Answer<Settled<Refund>> DodoGateway::find_refund(const RefundRequest& request, Deadline deadline) {
  const auto payment = api_.get(path_of("payments", request.gateway_ref), deadline);
  if (!payment) return tl::unexpected(payment.error());
  for (const auto& listed : list_at(*payment, "refunds")) {
    const auto refund =
        api_.get(path_of("refunds", std::string(listed.text_at("refund_id"))), deadline);
    if (!refund) return tl::unexpected(refund.error());
    if (map_at(*refund, "metadata").text_at("request_id") != request.request_id) continue;
    auto found = refund_of(*refund, 0);
    found.refunded_total = refunded_of(*payment);
    return Settled<Refund>{Outcome::happened, std::move(found)};
  }
  return Settled<Refund>{Outcome::not_happened, std::nullopt};
}

Result<std::string> DodoGateway::verify_webhook(const http::Headers& headers,
                                                std::string_view body,
                                                Timestamp now) const {
  std::vector<std::string> secrets;
  for (const auto& name : api_.config().webhook_secrets) {
    if (auto secret = api_.outside().secrets.get(name)) secrets.push_back(*std::move(secret));
  }
  return http::verify_webhook(secrets, headers, body, now);
}

Result<WebhookEvent> DodoGateway::normalise_webhook(std::string_view id,
                                                    std::string_view body,
                                                    Timestamp now) const {
  return normalise_dodo(id, body, now);
}

// The body knows one refund; the total is what the payment says. A payment that Dodo doesn't know
// has nothing but this refund: a test delivery, or one of another account; refusing it would make
// it come again for days.
Answer<WebhookEvent> DodoGateway::complete_webhook(WebhookEvent event,
                                                   std::string_view,
                                                   Deadline deadline) {
  const auto known = payment({std::string(event.data.text_at("gateway_ref")), "", ""}, deadline);
  if (!known && known.error().code != "not_found") return tl::unexpected(known.error());
  const auto of_this =
      true_at(event.data, "ok") ? int_at(map_at(event.data, "amount"), "minor").value_or(0) : 0;
  event.data =
      event.data.with("refunded_total", Value::integer(known ? known->refunded_total : of_this));
  event.needs_lookup = false;
  return event;
}

Answer<Offer> DodoGateway::offer(const std::string& product_ref, Deadline deadline) {
  const auto answer = api_.get(path_of("products", product_ref), deadline);
  if (!answer) return tl::unexpected(answer.error());
  return dodo_offer(*answer);
}

Answer<SubscriptionState> DodoGateway::subscription(const std::string& subscription_ref,
                                                    Deadline deadline) {
  const auto answer = api_.get(path_of("subscriptions", subscription_ref), deadline);
  if (!answer) return tl::unexpected(answer.error());
  return subscription_state(*answer);
}

Answer<SubscriptionState> DodoGateway::change_subscription(const SubscriptionChange& change,
                                                           Deadline deadline) {
  const auto path = path_of("subscriptions", change.subscription_ref);
  const auto answer = change.action == SubscriptionAction::change_plan
                          ? api_.post(path + "/change-plan", plan_change_body(change), deadline)
                          : api_.patch(path, status_change_body(change), deadline);
  if (!answer) return tl::unexpected(answer.error());
  return subscription(change.subscription_ref, deadline);
}

Answer<bool> DodoGateway::check(Deadline deadline) {
  const auto answer = api_.get("/payments?page_size=1&page_number=0", deadline);
  if (!answer) return tl::unexpected(answer.error());
  return true;
}

Result<std::unique_ptr<Gateway>> make_dodo(const Value& config, const Surroundings& outside) {
  auto parsed = parse_dodo_config(config);
  if (!parsed) return tl::unexpected(parsed.error());
  return std::make_unique<DodoGateway>(*std::move(parsed), outside);
}

}  // namespace vozex::payments
