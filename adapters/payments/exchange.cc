// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/exchange.h"

namespace vozex::payments {

ports::CallError status_error(const http::HttpResponse& response, Effect effect, Timestamp now) {
  const std::string text = "the gateway answered with status " + std::to_string(response.status);
  if (response.status == 429) {
    auto error = call_error("rate_limited", text, true);
    error.retry_after = retry_after(response.headers, now);
    return error;
  }
  if (response.status == 408 || response.status >= 500) {
    if (effect == Effect::changes) return unknown_outcome(text);
    auto error = call_error("unavailable", text, true);
    error.retry_after = retry_after(response.headers, now);
    return error;
  }
  if (response.status == 401 || response.status == 403) {
    return call_error("not_configured", text + ": it doesn't accept our key for this");
  }
  if (response.status == 404) return call_error("not_found", text);
  if (response.status == 409) return call_error("conflict", text);
  if (response.status == 400 || response.status == 422) return call_error("invalid_input", text);
  return call_error("refused", text);
}

std::optional<ports::CallError> refuse_refund(const RefundRequest& request,
                                              const PaymentState& payment) {
  if (payment.disputed)
    return call_error("disputed", "a dispute of this payment is open: it decides about the money");
  const auto& currency = payment.amount.currency;
  if (!request.currency.empty() && request.currency != currency) {
    return call_error("invalid_input",
                      "the payment was taken in " + currency + ", not in " + request.currency);
  }
  const auto left = payment.captured_total - payment.refunded_total;
  if (payment.captured_total > 0 && left <= 0)
    return call_error("already_refunded", "the whole payment has been refunded");
  if (request.minor <= 0 || request.minor > left) {
    return call_error("amount_too_high",
                      "the payment has " + std::to_string(left) +
                          " minor units left to refund, asked for " +
                          std::to_string(request.minor));
  }
  return std::nullopt;
}

Answer<PaymentState> Gateway::capture(const CaptureRequest& request, Deadline deadline) {
  return payment({request.gateway_ref, request.session_ref, request.payment_id}, deadline);
}

Answer<Offer> Gateway::offer(const std::string&, Deadline) {
  return tl::unexpected(call_error(
      "not_supported", "the gateway " + std::string(name()) + " has no plans of its own"));
}

Answer<SubscriptionState> Gateway::subscription(const std::string&, Deadline) {
  return tl::unexpected(
      call_error("refused", "the gateway " + std::string(name()) + " has no subscriptions"));
}

Answer<SubscriptionState> Gateway::change_subscription(const SubscriptionChange&, Deadline) {
  return tl::unexpected(
      call_error("refused", "the gateway " + std::string(name()) + " has no subscriptions"));
}

Answer<Collected> Gateway::collect(const CollectRequest&, Deadline) {
  return tl::unexpected(
      call_error("not_supported",
                 "the gateway " + std::string(name()) + " tries again by its own schedule only"));
}

Answer<WebhookEvent> Gateway::complete_webhook(WebhookEvent event, std::string_view, Deadline) {
  event.needs_lookup = false;
  return event;
}

}  // namespace vozex::payments
