// SPDX-License-Identifier: Apache-2.0
//
// The part of StripeGateway that recurs.
#include "adapters/payments/stripe/forms.h"
#include "adapters/payments/stripe/normalise.h"
#include "adapters/payments/stripe/stripe_gateway.h"
#include "adapters/payments/wire.h"

namespace vozex::payments {
namespace {

using http::percent_encode;
using types::Value;

// Stripe knows of no such thing; or it is a version of its API that can't be asked so.
bool is_nothing(const ports::CallError& error) {
  return error.code == "not_found" || error.code == "invalid_input";
}

}  // namespace

Answer<Offer> StripeGateway::offer(const std::string& product_ref, Deadline deadline) {
  const auto answer = api_.get(stripe_path("prices", product_ref), deadline);
  if (!answer) return tl::unexpected(answer.error());
  return stripe_offer(*answer);
}

Answer<SubscriptionState> StripeGateway::subscription(const std::string& subscription_ref,
                                                      Deadline deadline) {
  const auto answer = api_.get(stripe_path("subscriptions", subscription_ref), deadline);
  if (!answer) return tl::unexpected(answer.error());
  return stripe_subscription_state(*answer);
}

Answer<SubscriptionState> StripeGateway::change_subscription(const SubscriptionChange& change,
                                                             Deadline deadline) {
  const auto path = stripe_path("subscriptions", change.subscription_ref);
  if (change.action == SubscriptionAction::cancel && !change.at_period_end) {
    const auto answer = api_.remove(path, deadline);
    if (!answer) return tl::unexpected(answer.error());
    return stripe_subscription_state(*answer);
  }
  const auto now = api_.get(path, deadline);
  if (!now) return tl::unexpected(now.error());
  const auto form = subscription_form(change, *now);
  if (!form) return tl::unexpected(form.error());
  const bool wakes = change.action == SubscriptionAction::resume &&
                     now->text_at("status") == "paused";  // paused by Stripe when a trial ended
  const auto answer = api_.post(wakes ? path + "/resume" : path,
                                *form,
                                "subscription/" + change.subscription_ref + "/" + change.request_id,
                                deadline);
  if (!answer) return tl::unexpected(answer.error());
  return stripe_subscription_state(*answer);
}

Answer<Collected> StripeGateway::collect(const CollectRequest& request, Deadline deadline) {
  const auto now = api_.get(stripe_path("subscriptions", request.subscription_ref), deadline);
  if (!now) return tl::unexpected(now.error());
  const auto invoice_ref = id_at(*now, "latest_invoice");
  if (invoice_ref.empty()) return Collected{"nothing_owed", ""};
  const auto invoice = api_.get(stripe_path("invoices", invoice_ref), deadline);
  if (!invoice) return tl::unexpected(invoice.error());
  if (invoice->text_at("status") != "open") return Collected{"nothing_owed", ""};
  const auto paid = api_.post(stripe_path("invoices", invoice_ref) + "/pay",
                              {},
                              "collect/" + request.subscription_ref + "/" + request.request_id,
                              deadline);
  if (!paid) return tl::unexpected(paid.error());
  return Collected{paid->text_at("status") == "paid" ? "collected" : "pending", invoice_ref};
}

// The money of a subscription's invoice comes as a payment intent that says nothing of us; since
// 2025-03-31 not even which invoice it pays. The invoice knows the subscription and its metadata.
Answer<WebhookEvent> StripeGateway::with_subscription(WebhookEvent event, Deadline deadline) {
  event.needs_lookup = false;
  std::string invoice_ref(event.data.text_at("invoice_ref"));
  if (invoice_ref.empty()) {
    const auto paid = api_.get(
        "/v1/invoice_payments?limit=1&payment%5Btype%5D=payment_intent&payment%5B"
        "payment_intent%5D=" +
            percent_encode(std::string(event.data.text_at("gateway_ref"))),
        deadline);
    if (!paid && !is_nothing(paid.error())) return tl::unexpected(paid.error());
    const auto found = paid ? list_at(*paid, "data") : Value::List{};
    if (!found.empty()) invoice_ref = id_at(found.front(), "invoice");
  }
  if (invoice_ref.empty()) return event;  // no invoice's: somebody else's payment
  const auto invoice = api_.get(stripe_path("invoices", invoice_ref), deadline);
  if (!invoice && !is_nothing(invoice.error())) return tl::unexpected(invoice.error());
  if (!invoice) return event;
  const auto owner = stripe_invoice_owner(*invoice);
  event.data = event.data.with("invoice_ref", Value::string(invoice_ref));
  if (!owner.subscription_ref.empty())
    event.data = event.data.with("subscription_ref", Value::string(owner.subscription_ref));
  if (!owner.subscription_id.empty())
    event.data = event.data.with("subscription_id", Value::string(owner.subscription_id));
  return event;
}

}  // namespace vozex::payments
