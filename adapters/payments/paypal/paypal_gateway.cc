// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/paypal/paypal_gateway.h"

#include "adapters/payments/paypal/bodies.h"
#include "adapters/payments/paypal/normalise.h"
#include "adapters/payments/paypal/resources.h"
#include "adapters/payments/paypal/signature.h"
#include "adapters/payments/wire.h"
#include "engine/types/json.h"

namespace vozex::payments {
namespace {

using http::percent_encode;
using types::Value;

constexpr std::string_view k_live_name = "messageverificationcerts.paypal.com";
constexpr std::string_view k_test_name = "messageverificationcerts.sandbox.paypal.com";

std::string capture_path(const std::string& id) {
  return "/v2/payments/captures/" + percent_encode(id);
}
std::string order_path(const std::string& id) {
  return "/v2/checkout/orders/" + percent_encode(id);
}
std::string subscription_path(const std::string& id) {
  return "/v1/billing/subscriptions/" + percent_encode(id);
}

Refund refund_of(const Value& answer, std::int64_t refunded_before) {
  Refund refund;
  refund.refund_ref = std::string(answer.text_at("id"));
  const auto status = answer.text_at("status");
  refund.status = status == "COMPLETED"                         ? "succeeded"
                  : status == "FAILED" || status == "CANCELLED" ? "failed"
                                                                : "pending";
  refund.minor = paypal_money(map_at(answer, "amount")).value_or(Money{}).minor;
  const auto total =
      paypal_money(map_at(map_at(answer, "seller_payable_breakdown"), "total_refunded_amount"));
  refund.refunded_total =
      total ? total->minor : refunded_before + (refund.status == "failed" ? 0 : refund.minor);
  return refund;
}

// The same event about nothing that PayPal knows: kept and acknowledged, and no money counts.
WebhookEvent unconfirmed(WebhookEvent event) {
  event.data = Object()
                   .text("gateway", "paypal")
                   .text("gateway_event", event.wire_type)
                   .text("claimed", event.type)
                   .text("reason", "PayPal knows of no such thing")
                   .done();
  event.type = "gateway.unconfirmed";
  event.needs_lookup = false;
  return event;
}

}  // namespace

PaypalGateway::PaypalGateway(const PaypalConfig& config, const Surroundings& outside)
    : api_(config, outside),
      certificates_({config.certificates, config.ca_file, !config.certificate_origin.empty()},
                    outside) {}

Answer<Checkout> PaypalGateway::create_checkout(const CheckoutRequest& request, Deadline deadline) {
  const auto& config = api_.config();
  const auto body =
      request.recurring ? subscription_body(request, config) : order_body(request, config);
  if (!body) return tl::unexpected(body.error());
  const auto answer =
      api_.post(request.recurring ? "/v1/billing/subscriptions" : "/v2/checkout/orders",
                *body,
                "checkout/" + request.payment_id,
                deadline);
  if (!answer) return tl::unexpected(answer.error());
  Checkout checkout;
  checkout.url = link_at(*answer, "payer-action");
  if (checkout.url.empty()) checkout.url = link_at(*answer, "approve");
  checkout.session_ref = std::string(answer->text_at("id"));
  if (checkout.url.empty() || checkout.session_ref.empty()) {
    return tl::unexpected(
        bad_reply("PayPal's new order lacks its id or the link to approve it", Effect::changes));
  }
  return checkout;
}

Answer<Settled<Checkout>> PaypalGateway::find_checkout(const CheckoutRequest&, Deadline) {
  return Settled<Checkout>{Outcome::not_happened, std::nullopt};  // see the header
}

Answer<PaymentState> PaypalGateway::payment_of_capture(const std::string& capture_id,
                                                       Deadline deadline) {
  const auto capture = api_.get(capture_path(capture_id), deadline);
  if (!capture) return tl::unexpected(capture.error());
  auto state = state_of_capture(*capture);
  if (state.session_ref.empty() || state.status != PaymentStatus::captured) return state;
  const auto order = api_.get(order_path(state.session_ref), deadline);
  // Orders are kept for a while only; the capture itself says when all of it went back.
  if (!order) {
    if (order.error().code == "not_found") return state;
    return tl::unexpected(order.error());
  }
  const auto whole = state_of_order(*order);
  if (whole.gateway_ref == state.gateway_ref) state.refunded_total = whole.refunded_total;
  return state;
}

Answer<PaymentState> PaypalGateway::payment(const PaymentQuery& query, Deadline deadline) {
  if (!query.gateway_ref.empty()) return payment_of_capture(query.gateway_ref, deadline);
  if (query.session_ref.empty()) {
    return tl::unexpected(
        call_error("not_found", "PayPal finds payments by capture or order, not by our id alone"));
  }
  const auto order = api_.get(order_path(query.session_ref), deadline);
  if (!order) return tl::unexpected(order.error());
  return state_of_order(*order);
}

Answer<PaymentState> PaypalGateway::capture(const CaptureRequest& request, Deadline deadline) {
  if (request.session_ref.empty()) return payment({request.gateway_ref, "", ""}, deadline);
  const auto answer = api_.post(order_path(request.session_ref) + "/capture",
                                Value::map({}),
                                "capture/" + request.session_ref + "/" + request.attempt,
                                deadline);
  if (answer) return state_of_order(*answer);
  // An order that was captured before says so with an error: what counts is how it stands.
  if (answer.error().code == "already_captured")
    return payment({"", request.session_ref, ""}, deadline);
  return tl::unexpected(answer.error());
}

Answer<Refund> PaypalGateway::refund(const RefundRequest& request, Deadline deadline) {
  const auto before = payment({request.gateway_ref, "", ""}, deadline);
  if (!before) return tl::unexpected(before.error());
  if (auto refusal = refuse_refund(request, *before)) return tl::unexpected(*std::move(refusal));
  const auto body = refund_body(request, before->amount.currency);
  if (!body) return tl::unexpected(body.error());
  const auto answer = api_.post(capture_path(request.gateway_ref) + "/refund",
                                *body,
                                "refund/" + request.gateway_ref + "/" + request.request_id,
                                deadline);
  if (!answer) return tl::unexpected(answer.error());
  auto refund = refund_of(*answer, before->refunded_total);
  if (refund.refund_ref.empty())
    return tl::unexpected(bad_reply("PayPal's refund lacks an id", Effect::changes));
  return refund;
}

Answer<Settled<Refund>> PaypalGateway::find_refund(const RefundRequest& request,
                                                   Deadline deadline) {
  const auto state = payment({request.gateway_ref, "", ""}, deadline);
  if (!state) return tl::unexpected(state.error());
  Settled<Refund> nothing{Outcome::not_happened, std::nullopt};
  if (state->session_ref.empty()) return nothing;  // asking again is safe: see the header
  const auto order = api_.get(order_path(state->session_ref), deadline);
  if (!order && order.error().code == "not_found") return nothing;
  if (!order) return tl::unexpected(order.error());
  for (const auto& unit : list_at(*order, "purchase_units")) {
    for (const auto& refund : list_at(map_at(unit, "payments"), "refunds")) {
      if (refund.text_at("custom_id") != request.request_id ||
          linked_id(refund, "up", "/captures/") != request.gateway_ref)
        continue;
      auto found = refund_of(refund, 0);
      found.refunded_total = state->refunded_total;
      return Settled<Refund>{Outcome::happened, std::move(found)};
    }
  }
  return nothing;
}

Answer<Offer> PaypalGateway::offer(const std::string& product_ref, Deadline deadline) {
  const auto answer = api_.get("/v1/billing/plans/" + http::percent_encode(product_ref), deadline);
  if (!answer) return tl::unexpected(answer.error());
  return paypal_offer(*answer);
}

Answer<SubscriptionState> PaypalGateway::subscription(const std::string& subscription_ref,
                                                      Deadline deadline) {
  const auto answer = api_.get(subscription_path(subscription_ref), deadline);
  if (!answer) return tl::unexpected(answer.error());
  return paypal_subscription_state(*answer);
}

Answer<SubscriptionState> PaypalGateway::change_subscription(const SubscriptionChange& change,
                                                             Deadline deadline) {
  const auto path = subscription_path(change.subscription_ref);
  const std::string key = "subscription/" + change.subscription_ref + "/" + change.request_id;
  if (change.action == SubscriptionAction::keep) {
    return tl::unexpected(
        call_error("refused", "PayPal cancels a subscription at once: nothing can be taken back"));
  }
  if (change.at_period_end) {
    return tl::unexpected(call_error(
        "refused", "PayPal changes a subscription at once: ask again when its period ends"));
  }
  if (change.action == SubscriptionAction::change_plan) {
    const auto body = revision_body(change);
    if (!body) return tl::unexpected(body.error());
    const auto answer = api_.post(path + "/revise", *body, key, deadline);
    if (!answer) return tl::unexpected(answer.error());
    auto state = subscription(change.subscription_ref, deadline);
    if (state) state->approval_url = link_at(*answer, "approve");
    return state;
  }
  const std::string verb = change.action == SubscriptionAction::pause    ? "/suspend"
                           : change.action == SubscriptionAction::resume ? "/activate"
                                                                         : "/cancel";
  const std::string reason = change.reason.empty() ? "asked for by the customer" : change.reason;
  const auto answer = api_.post(path + verb, Object().text("reason", reason).done(), key, deadline);
  if (!answer) return tl::unexpected(answer.error());
  return subscription(change.subscription_ref, deadline);
}

Answer<Collected> PaypalGateway::collect(const CollectRequest& request, Deadline deadline) {
  const auto path = subscription_path(request.subscription_ref);
  const auto now = api_.get(path, deadline);
  if (!now) return tl::unexpected(now.error());
  const auto owed = paypal_money(map_at(map_at(*now, "billing_info"), "outstanding_balance"));
  const auto decimal = owed && owed->minor > 0 ? paypal_decimal(*owed) : std::nullopt;
  if (!decimal) return Collected{"nothing_owed", ""};
  const auto answer = api_.post(path + "/capture",
                                Object()
                                    .text("note", "What is still to be paid")
                                    .text("capture_type", "OUTSTANDING_BALANCE")
                                    .put("amount", paypal_money_value(*owed, *decimal))
                                    .done(),
                                "collect/" + request.subscription_ref + "/" + request.request_id,
                                deadline);
  if (!answer) return tl::unexpected(answer.error());
  const auto status = answer->text_at("status");
  if (status == "DECLINED")
    return tl::unexpected(call_error("declined", "the buyer's bank declined the payment"));
  return Collected{status == "COMPLETED" ? "collected" : "pending",
                   std::string(answer->text_at("id"))};
}

Result<std::string> PaypalGateway::verify_webhook(const http::Headers& headers,
                                                  std::string_view body,
                                                  Timestamp now) const {
  const auto& config = api_.config();
  const auto transmission = read_transmission(headers, now);
  if (!transmission) return tl::unexpected(transmission.error());
  const bool live = config.is_live();
  const auto name = certificate_name(transmission->certificate_url,
                                     live ? Environment::live : Environment::test,
                                     config.certificate_origin);
  if (!name) return tl::unexpected(name.error());
  const auto certificate = certificates_.get(
      *name, transmission->certificate_url, std::string(live ? k_live_name : k_test_name), now);
  if (!certificate) return tl::unexpected(certificate.error());
  bool genuine = false;
  for (const auto& webhook_id : config.webhook_ids) {
    const auto text = signed_text(*transmission, webhook_id, body);
    genuine = (*certificate)->signed_by_it(text, transmission->signature) || genuine;
  }
  if (!genuine) {
    return fail(ErrorClass::refused,
                "webhook_signature_wrong",
                "the signature of the webhook fits none of our webhook ids");
  }
  if (!transmissions_.bind(transmission->id, body)) {
    return fail(ErrorClass::refused,
                "webhook_body_changed",
                "this transmission has come before with another body");
  }
  const auto event = types::parse_json(body);
  std::string id(event ? event->text_at("id") : std::string_view());
  if (!id.empty()) return id;
  return fail(ErrorClass::invalid,
              "webhook_payload_invalid",
              "the body of a PayPal webhook must be a JSON object with an id");
}

Result<WebhookEvent> PaypalGateway::normalise_webhook(std::string_view id,
                                                      std::string_view body,
                                                      Timestamp now) const {
  return normalise_paypal(id, body, now);
}

Answer<WebhookEvent> PaypalGateway::complete_webhook(WebhookEvent event,
                                                     std::string_view body,
                                                     Deadline deadline) {
  const auto envelope = types::parse_json(body);
  const std::string path = envelope ? lookup_path(*envelope) : std::string();
  if (path.empty()) return unconfirmed(std::move(event));
  const auto resource = api_.get(path, deadline);
  if (!resource && resource.error().code == "not_found") return unconfirmed(std::move(event));
  if (!resource) return tl::unexpected(resource.error());
  auto whole = normalise_paypal(event.id, envelope->with("resource", *resource), event.time);
  if (!whole)
    return tl::unexpected(bad_reply("PayPal's answer: " + whole.error().message, Effect::reads));
  // A refund that names no payment can't be booked.
  if (whole->type == "refund.changed" && whole->data.text_at("gateway_ref").empty())
    return unconfirmed(std::move(event));
  // A sale says what was paid; until when that lasts, its subscription does.
  if (whole->type == "subscription.renewed") {
    const auto state = subscription(std::string(whole->data.text_at("subscription_ref")), deadline);
    if (!state && state.error().code != "not_found") return tl::unexpected(state.error());
    if (state && !state->next_billing_at.empty())
      whole->data = whole->data.with("next_billing_at", Value::string(state->next_billing_at));
  }
  whole->needs_lookup = false;
  return *std::move(whole);
}

Answer<bool> PaypalGateway::check(Deadline deadline) {
  auto signed_in = api_.sign_in(deadline);
  if (signed_in) return signed_in;
  const ports::CallError& error = signed_in.error();
  const bool refused = error.code == "not_configured" && error.details.text_at("missing").empty();
  if (!refused || !api_.opens_other_side(deadline)) return signed_in;
  return tl::unexpected(
      call_error("wrong_environment", "the key is not of the environment that is configured"));
}

Result<std::unique_ptr<Gateway>> make_paypal(const Value& config, const Surroundings& outside) {
  auto parsed = parse_paypal_config(config);
  if (!parsed) return tl::unexpected(parsed.error());
  return std::make_unique<PaypalGateway>(*parsed, outside);
}

}  // namespace vozex::payments
