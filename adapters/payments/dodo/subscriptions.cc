// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/dodo/subscriptions.h"

namespace vozex::payments {

using types::Value;

namespace {

// Dodo tells what all of it costs for a period; a price here is that of one.
std::optional<std::int64_t> unit_price(const Value& subscription) {
  const auto whole = int_at(subscription, "recurring_pre_tax_amount");
  const auto quantity = int_at(subscription, "quantity").value_or(1);
  if (!whole || quantity < 1 || *whole % quantity != 0) return std::nullopt;
  return *whole / quantity;
}

}  // namespace

std::string subscription_word(std::string_view what) {
  if (what == "unpaused") return "resumed";
  if (what == "update_payment_method") return "payment_method_updated";
  return std::string(what);
}

void add_subscription(Object& facts, const Value& subscription) {
  const Value customer = map_at(subscription, "customer");
  facts.text("subscription_ref", subscription.text_at("subscription_id"))
      .text("subscription_id", map_at(subscription, "metadata").text_at("subscription_id"))
      .text("status", subscription.text_at("status"))
      .text("product_ref", subscription.text_at("product_id"))
      .text("customer_ref", customer.text_at("customer_id"))
      .number("quantity", int_at(subscription, "quantity"))
      .money("recurring", unit_price(subscription), subscription.text_at("currency"))
      .moment("previous_billing_at", subscription.text_at("previous_billing_date"))
      .moment("next_billing_at", subscription.text_at("next_billing_date"))
      .moment("cancelled_at", subscription.text_at("cancelled_at"))
      .moment("expires_at", subscription.text_at("expires_at"))
      .moment("paused_at", subscription.text_at("paused_at"))
      .moment("past_due_ends_at", subscription.text_at("past_due_ends_at"))
      .number("trial_days", int_at(subscription, "trial_period_days"))
      .flag("cancels_at_period_end", true_at(subscription, "cancel_at_next_billing_date"));
}

SubscriptionState subscription_state(const Value& subscription) {
  SubscriptionState state;
  state.subscription_ref = std::string(subscription.text_at("subscription_id"));
  state.status = std::string(subscription.text_at("status"));
  state.product_ref = std::string(subscription.text_at("product_id"));
  state.quantity = int_at(subscription, "quantity").value_or(1);
  state.coming_product_ref =
      std::string(map_at(subscription, "scheduled_change").text_at("product_id"));
  state.cancels_at_period_end = true_at(subscription, "cancel_at_next_billing_date");
  state.next_billing_at = std::string(subscription.text_at("next_billing_date"));
  return state;
}

Offer dodo_offer(const Value& product) {
  const Value price = map_at(product, "price");
  Offer offer;
  offer.for_sale = price.text_at("type") == "recurring_price";
  const auto discount = int_at(price, "discount").value_or(0);
  if (const auto minor = int_at(price, "price"); minor && discount == 0)
    offer.price = Money{*minor, upper_currency(price.text_at("currency"))};
  offer.months = months_in(price.text_at("payment_frequency_interval"),
                           int_at(price, "payment_frequency_count").value_or(0));
  offer.trial_days = int_at(price, "trial_period_days").value_or(0);
  offer.adds_tax = !true_at(price, "tax_inclusive");
  return offer;
}

Value plan_change_body(const SubscriptionChange& change) {
  return Object()
      .text("product_id", change.product_ref)
      .number("quantity", change.quantity)
      .text("proration_billing_mode", change.prorate ? "prorated_immediately" : "do_not_bill")
      .text("effective_at", change.at_period_end ? "next_billing_date" : "immediately")
      .put("metadata", Object().text("request_id", change.request_id).done())
      .done();
}

Value status_change_body(const SubscriptionChange& change) {
  if (change.action == SubscriptionAction::pause) return Object().text("status", "paused").done();
  if (change.action == SubscriptionAction::resume) return Object().text("status", "active").done();
  if (change.action == SubscriptionAction::keep)
    return Object().flag("cancel_at_next_billing_date", false).done();
  if (change.at_period_end) return Object().flag("cancel_at_next_billing_date", true).done();
  return Object().text("status", "cancelled").text("cancel_reason", "cancelled_by_merchant").done();
}

}  // namespace vozex::payments
